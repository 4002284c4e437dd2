/* Lower-case digits, as sha256sum writes them. */
#include "banned.h"

#include "digest.h"

#include "arena.h"

#include <openssl/sha.h>

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
