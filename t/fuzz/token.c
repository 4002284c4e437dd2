/* Any bytes as an access token: as they are, as the three parts of one that is signed with the right
 * key, and as a good token with one byte changed. Nothing may get through but what was signed, and
 * what got through must have claims within their bounds. */
#include "banned.h"

#include "arena.h"
#include "conf.h"
#include "token-form.h"
#include "token.h"
#include "url.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define KEY "0123456789abcdef0123456789abcdef"

static const int64_t now = 1800000000;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check(enum token_status status, const struct claims *c)
{
	must(status == TOKEN_OK || status == TOKEN_INVALID || status == TOKEN_EXPIRED);
	if (status != TOKEN_OK)
		return;
	must(c->account > 0 && c->session > 0 && c->profile >= 0 && c->age >= 0);
	must((c->role == ROLE_USER || c->role == ROLE_ADMIN) && c->expires_at > c->issued_at);
}

static void
raw(struct arena *a, const char *text)
{
	struct claims c = { 0 };
	must(token_verify(a, text, now, &c) != TOKEN_OK);
}

/* The bytes as claims under a good header and signature. */
static void
signed_claims(struct arena *a, const uint8_t *data, size_t size)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	const char *header = token_header(a, KEY, strlen(KEY));
	const char *input = arena_printf(a, "%s.%s", base64url_encode(a, header, strlen(header)),
		base64url_encode(a, data, size));
	must(HMAC(EVP_sha256(), KEY, (int)strlen(KEY), (const unsigned char *)input, strlen(input), mac,
			 &len) != NULL);
	const char *token = arena_printf(a, "%s.%s", input, base64url_encode(a, mac, len));
	struct claims c = { 0 };
	check(token_verify(a, token, now, &c), &c);
}

static void
changed(struct arena *a, const uint8_t *data, size_t size)
{
	struct claims c = {
		.account = 42, .session = 7, .profile = 9, .age = 12, .role = ROLE_USER
	};
	char *token = token_sign(a, &c, now);
	must(token && token_verify(a, token, now, &c) == TOKEN_OK && c.account == 42);
	size_t at = (data[0] | (size_t)data[size - 1] << 8) % strlen(token);
	if (!data[size / 2])
		return;
	token[at] = (char)(token[at] ^ data[size / 2]);
	must(token_verify(a, token, now, &c) != TOKEN_OK);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(setenv("TV_JWT_KEY", KEY, 1) == 0);
	conf_load();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	raw(a, arena_strndup(a, (const char *)data, size));
	signed_claims(a, data, size);
	if (size)
		changed(a, data, size);
	arena_free(a);
	return 0;
}
