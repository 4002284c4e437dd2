/* A token is exactly what token-sign.c makes, or it is nothing: the header is compared with the one
 * of the key, byte for byte, so no algorithm is ever read from a token; then the signature, then
 * each claim and its type. libjwt 1.10.2 has no part in this: it refuses typ "at+jwt" (RFC 9068),
 * and without our own checks it would let nearly everything else through. */
#include "banned.h"

#include "token.h"

#include "arena.h"
#include "conf.h"
#include "digest.h"
#include "json.h"
#include "param.h"
#include "token-form.h"
#include "url.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

enum { LEEWAY = 30, KNOWN = 256, KNOWN_MAX = 512, SIGNATURE = 43 /* characters */ };

const char *
role_name(enum role role)
{
	static const char *const names[] = { [ROLE_ANYONE] = "anyone",
		[ROLE_USER] = "user",
		[ROLE_ADMIN] = "admin",
		[ROLE_SERVICE] = "service" };
	return names[role];
}

/* A file's last line break is no part of the token: it can stand in no header. */
bool
token_is_service(const char *text)
{
	size_t len;
	const char *wanted = conf_secret(CONF_SERVICE_TOKEN, &len);
	while (len && (wanted[len - 1] == '\n' || wanted[len - 1] == '\r'))
		len--;
	return len >= TOKEN_MIN_KEY && strlen(text) == len && !CRYPTO_memcmp(text, wanted, len);
}

void
token_key_id(const void *key, size_t len, char *out)
{
	unsigned char hash[DIGEST_SIZE];
	digest_bytes(key, len, hash);
	for (int i = 0; i < 8; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

char *
token_header(struct arena *a, const void *key, size_t len)
{
	char id[17];
	token_key_id(key, len, id);
	return arena_printf(a, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}", id);
}

struct parts {
	const char *at[3];
	size_t len[3];
};

/* Three non-empty base64url segments and nothing else. */
static bool
split(const char *token, struct parts *parts)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	if (strnlen(token, TOKEN_MAX + 1) > TOKEN_MAX)
		return false;
	for (int i = 0; i < 3; i++) {
		parts->at[i] = token;
		parts->len[i] = strspn(token, alphabet);
		token += parts->len[i];
		if (!parts->len[i] || *token != (i < 2 ? '.' : 0))
			return false;
		token++;
	}
	return true;
}

/* The header must be, byte for byte, the one that is made with the key: so alg, typ and kid are
 * right and nothing else is in it. */
static const void *
find_key(struct arena *a, const struct parts *parts, size_t *key_len)
{
	static const enum conf_key keys[] = { CONF_JWT_KEY, CONF_JWT_KEY_PREVIOUS };
	for (size_t i = 0; i < 2; i++) {
		const void *key = conf_secret(keys[i], key_len);
		if (*key_len < TOKEN_MIN_KEY)
			continue;
		char *header = token_header(a, key, *key_len);
		char *encoded = base64url_encode(a, header, strlen(header));
		if (strlen(encoded) == parts->len[0] && !memcmp(encoded, parts->at[0], parts->len[0]))
			return key;
	}
	return NULL;
}

static bool
signature_holds(struct arena *a, const struct parts *parts, const void *key, size_t key_len)
{
	size_t len, signed_len = parts->len[0] + 1 + parts->len[1];
	unsigned char *given = base64url_decode(a, parts->at[2], parts->len[2], &len);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len;
	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)parts->at[0], signed_len, mac,
			&mac_len))
		abort();
	return given && len == mac_len && !CRYPTO_memcmp(given, mac, mac_len);
}

static bool
claim_is(struct json_object *claims, const char *name, const char *wanted)
{
	struct json_object *v;
	return json_object_object_get_ex(claims, name, &v) &&
		json_object_is_type(v, json_type_string) && !strcmp(json_object_get_string(v), wanted);
}

static bool
claim_int(struct json_object *claims, const char *name, int64_t min, int64_t max, int64_t *out)
{
	struct json_object *v;
	if (!json_object_object_get_ex(claims, name, &v) || !json_object_is_type(v, json_type_int))
		return false;
	*out = json_object_get_int64(v);
	return *out >= min && *out <= max;
}

static bool
claim_role(struct json_object *claims, enum role *out)
{
	*out = claim_is(claims, "role", "admin") ? ROLE_ADMIN : ROLE_USER;
	return *out == ROLE_ADMIN || claim_is(claims, "role", "user");
}

static bool
read_claims(struct json_object *o, struct claims *c)
{
	static const int64_t far = (int64_t)1 << 53;
	struct json_object *sub, *jti;
	int64_t age, not_before;
	bool good = claim_is(o, "iss", TOKEN_ISSUER) && claim_is(o, "aud", TOKEN_AUDIENCE) &&
		json_object_object_get_ex(o, "sub", &sub) && json_object_is_type(sub, json_type_string) &&
		parse_int(json_object_get_string(sub), 1, far, &c->account) && claim_role(o, &c->role) &&
		claim_int(o, "sid", 1, far, &c->session) && claim_int(o, "pid", 1, far, &c->profile) &&
		claim_int(o, "age", 0, 18, &age) && claim_int(o, "iat", 1, far, &c->issued_at) &&
		claim_int(o, "nbf", 1, far, &not_before) && claim_int(o, "exp", 1, far, &c->expires_at) &&
		json_object_object_get_ex(o, "jti", &jti) && json_object_is_type(jti, json_type_string) &&
		json_object_object_length(o) == TOKEN_CLAIMS && not_before == c->issued_at;
	c->age = good ? (int)age : 0;
	return good;
}

/* Everything about a token that does not depend on the time. */
static enum token_status
read_token(struct arena *a, const char *token, struct claims *out)
{
	struct parts parts;
	size_t key_len, len;
	if (!split(token, &parts))
		return TOKEN_INVALID;
	const void *key = find_key(a, &parts, &key_len);
	if (!key) {
		conf_secret(CONF_JWT_KEY, &key_len);
		return key_len < TOKEN_MIN_KEY ? TOKEN_NO_KEY : TOKEN_INVALID;
	}
	unsigned char *text = base64url_decode(a, parts.at[1], parts.len[1], &len);
	if (!text || !signature_holds(a, &parts, key, key_len))
		return TOKEN_INVALID;
	const char *why;
	struct json_object *claims = json_read(a, (const char *)text, len, &why);
	if (!claims || !json_object_is_type(claims, json_type_object) || !read_claims(claims, out))
		return TOKEN_INVALID;
	return TOKEN_OK;
}

/* Tokens that were read with the keys of now: whoever comes again is known by all of its token. The
 * end of a token is of its signature, so it says the place. */
static struct known {
	char token[KNOWN_MAX];
	size_t len;
	struct claims claims;
} * known_of(const char *token, size_t len, unsigned keys)
{
	static struct known known[KNOWN];
	static unsigned known_keys;
	if (keys != known_keys)
		memset(known, 0, sizeof known);
	known_keys = keys;
	uint32_t end;
	memcpy(&end, token + len - sizeof end, sizeof end);
	return &known[end * 2654435761u >> 24];
}

_Static_assert(KNOWN == 1 << 8, "known_of takes 8 bits");

/* Only the signature is a secret: everybody can make the rest of a token. */
static bool
is_known(const struct known *k, const char *token, size_t len)
{
	size_t signed_len = len - SIGNATURE;
	return k->len == len && !memcmp(k->token, token, signed_len) &&
		!CRYPTO_memcmp(k->token + signed_len, token + signed_len, SIGNATURE);
}

static enum token_status
find_token(struct arena *a, const char *token, struct claims *out)
{
	unsigned keys = conf_refresh_keys(); /* a rotation makes keys valid, and ends others, at once */
	size_t len = strlen(token);
	if (len < SIGNATURE || len > KNOWN_MAX)
		return read_token(a, token, out);
	struct known *k = known_of(token, len, keys);
	if (!is_known(k, token, len)) {
		enum token_status status = read_token(a, token, out);
		if (status != TOKEN_OK)
			return status;
		memcpy(k->token, token, len);
		k->len = len;
		k->claims = *out;
	}
	*out = k->claims;
	return TOKEN_OK;
}

enum token_status
token_verify(struct arena *a, const char *token, int64_t now, struct claims *out)
{
	enum token_status status = find_token(a, token, out);
	if (status != TOKEN_OK)
		return status;
	if (out->issued_at > now + LEEWAY || out->expires_at - out->issued_at > TOKEN_LIFE)
		return TOKEN_INVALID;
	return out->expires_at > now ? TOKEN_OK : TOKEN_EXPIRED;
}
