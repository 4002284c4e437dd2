/* Lower-case digits, as sha256sum writes them. */
#include "banned.h"

#include "digest.h"

#include "arena.h"
#include "url.h"

#include <openssl/evp.h>
#include <xxhash.h>

/* Looked up and made ready once: that costs more than what is short. */
void
digest_bytes(const void *data, size_t len, unsigned char out[DIGEST_SIZE])
{
	static EVP_MD *sha256;
	static EVP_MD_CTX *context;
	if (!sha256) {
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
		context = EVP_MD_CTX_new();
	}
	if (!EVP_DigestInit_ex2(context, sha256, NULL) || !EVP_DigestUpdate(context, data, len) ||
		!EVP_DigestFinal_ex(context, out, NULL))
		abort();
}

char *
digest_hex(struct arena *a, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[DIGEST_SIZE];
	char *hex = arena_alloc(a, 2 * sizeof hash + 1);
	digest_bytes(data, len, hash);
	for (size_t i = 0; i < sizeof hash; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	return hex;
}

char *
digest_bytea(struct arena *a, const char *text)
{
	return arena_printf(a, "\\x%s", digest_hex(a, text, strlen(text)));
}

char *
digest_etag(struct arena *a, const void *data, size_t len)
{
	XXH128_canonical_t hash;
	XXH128_canonicalFromHash(&hash, XXH3_128bits(data, len));
	return arena_printf(a, "\"%.22s\"", base64url_encode(a, hash.digest, sizeof hash.digest));
}
