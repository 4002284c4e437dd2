/* Lower-case digits, as sha256sum writes them. */
#include "banned.h"

#include "digest.h"

#include "arena.h"
#include "url.h"

#include <openssl/sha.h>
#include <xxhash.h>

char *
digest_hex(struct arena *a, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char *hex = arena_alloc(a, 2 * sizeof hash + 1);
	SHA256(data, len, hash);
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
