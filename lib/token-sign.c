/* Signing. Only the auth program calls this, so only the auth program carries it. The claims are a
 * flat object without escapes: the web server's Lua reads them with a few patterns. */
#include "banned.h"

#include "arena.h"
#include "conf.h"
#include "token-form.h"
#include "token.h"
#include "url.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

static char *
claims_text(struct arena *a, const struct claims *c)
{
	unsigned char id[12];
	if (RAND_bytes(id, sizeof id) != 1)
		abort();
	return arena_printf(a,
		"{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"" TOKEN_AUDIENCE "\",\"sub\":\"%lld\","
		"\"sid\":%lld,\"role\":\"%s\",\"pid\":%lld,\"age\":%d,"
		"\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld,\"jti\":\"%s\"}",
		(long long)c->account, (long long)c->session, role_name(c->role), (long long)c->profile,
		c->age, (long long)c->issued_at, (long long)c->issued_at, (long long)c->expires_at,
		base64url_encode(a, id, sizeof id));
}

char *
token_sign(struct arena *a, struct claims *claims, int64_t now)
{
	size_t key_len;
	conf_refresh_keys();
	const void *key = conf_secret(CONF_JWT_KEY, &key_len);
	if (key_len < TOKEN_MIN_KEY)
		return NULL;
	claims->issued_at = now;
	claims->expires_at = now + TOKEN_LIFE;
	char *header = token_header(a, key, key_len), *body = claims_text(a, claims);
	char *signed_part = arena_printf(a, "%s.%s", base64url_encode(a, header, strlen(header)),
		base64url_encode(a, body, strlen(body)));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len;
	if (!HMAC(EVP_sha256(), key, (int)key_len, (unsigned char *)signed_part, strlen(signed_part),
			mac, &mac_len))
		abort();
	return arena_printf(a, "%s.%s", signed_part, base64url_encode(a, mac, mac_len));
}
