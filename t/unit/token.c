/* Access tokens: what the auth program signs is good, and a battery of tokens that must not be. The
 * bad ones are made from a good one by editing its header or claims and signing them again, so that
 * each differs in one thing only. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "buf.h"
#include "conf.h"
#include "tap.h"
#include "token.h"
#include "url.h"

#define ROWS(x) (sizeof(x) / sizeof *(x))
#define KEY "0123456789abcdef0123456789abcdef-and-more"
#define OLD_KEY "fedcba9876543210fedcba9876543210"
#define OTHER_KEY "another key of thirty-two bytes!!"

static const int64_t now = 1800000000;

struct parts {
	char *header, *payload; /* as JSON text */
};

static const struct claims sample = {
	.account = 42,
	.session = 7,
	.profile = 9,
	.age = 12,
	.role = ROLE_USER,
};

static char *
good_token(struct arena *a, int64_t at)
{
	struct claims c = sample;

	return token_sign(a, &c, at);
}

static struct parts
split(struct arena *a, const char *token)
{
	size_t header = strcspn(token, "."), payload = strcspn(token + header + 1, "."), len;
	struct parts p;
	unsigned char *text;

	text = base64url_decode(a, token, header, &len);
	p.header = arena_strndup(a, (char *)text, len);
	text = base64url_decode(a, token + header + 1, payload, &len);
	p.payload = arena_strndup(a, (char *)text, len);
	return p;
}

static char *
sign_with(struct arena *a, const void *header, size_t header_len, const void *payload,
	  size_t payload_len, const char *key, const char *digest)
{
	char *input = arena_printf(a, "%s.%s", base64url_encode(a, header, header_len),
				   base64url_encode(a, payload, payload_len));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	HMAC(EVP_get_digestbyname(digest), key, (int)strlen(key), (unsigned char *)input,
	     strlen(input), mac, &len);
	return arena_printf(a, "%s.%s", input, base64url_encode(a, mac, len));
}

static char *
sign(struct arena *a, const char *header, const char *payload)
{
	return sign_with(a, header, strlen(header), payload, strlen(payload), KEY, "SHA256");
}

static enum token_status
verify(struct arena *a, const char *token)
{
	struct claims c;

	return token_verify(a, token, now, &c);
}

static bool
is_refused(enum token_status s)
{
	return s == TOKEN_INVALID || s == TOKEN_EXPIRED;
}

/* The JSON object with the value of member replaced; without the member when value is NULL. */
static char *
edit(struct arena *a, const char *object, const char *member, const char *value)
{
	char *name = arena_printf(a, "\"%s\":", member);
	char *at = strstr(object, name);
	struct buf b = buf_new(a);
	size_t end;

	if (!at)
		return arena_printf(a, "%.*s,%s%s}", (int)(strlen(object) - 1), object, name,
				    value);
	end = strlen(name);
	end += at[end] == '"' ? strcspn(at + end + 1, "\"") + 2 : strcspn(at + end, ",}");
	buf_add(&b, object, (size_t)(at - object));
	if (value)
		buf_printf(&b, "%s%s", name, value);
	else if (at[end] == ',')
		end++;
	else
		b.data[--b.len] = 0;
	buf_puts(&b, at + end);
	return b.data;
}

static void
test_good(struct arena *a)
{
	struct claims in = sample, out;
	char *token = token_sign(a, &in, now);
	struct parts p;

	ok(token != NULL, "a token is signed");
	is_int(in.issued_at, now, "issued now");
	is_int(in.expires_at, now + TOKEN_LIFE, "lives TOKEN_LIFE seconds");
	memset(&out, 0, sizeof out);
	is_int(token_verify(a, token, now, &out), TOKEN_OK, "it verifies");
	is_int(out.account, 42, "account");
	is_int(out.session, 7, "session");
	is_int(out.profile, 9, "profile");
	is_int(out.age, 12, "age");
	is_int(out.role, ROLE_USER, "role");
	is_int(out.issued_at, now, "issued_at");
	is_int(out.expires_at, now + TOKEN_LIFE, "expires_at");
	in.role = ROLE_ADMIN;
	is_int(token_verify(a, token_sign(a, &in, now), now, &out), TOKEN_OK, "an administrator's");
	is_int(out.role, ROLE_ADMIN, "has that role");
	p = split(a, token);
	is_int(verify(a, sign(a, p.header, p.payload)), TOKEN_OK,
	       "signed again here it is good: the bad ones are made so");
	ok(strcmp(token, good_token(a, now)) != 0, "two tokens differ (jti)");
}

static void
test_shape(struct arena *a)
{
	static const char *const claims[] = { "iss", "aud", "sub", "sid", "role", "pid",
					      "age", "iat", "nbf", "exp", "jti" };
	struct parts p = split(a, good_token(a, now));
	char kid[17];

	token_key_id(KEY, strlen(KEY), kid);
	is_int(strlen(kid), 16, "a key id is 16 hex digits");
	is_int(strspn(kid, "0123456789abcdef"), 16, "in lower case");
	is(p.header, arena_printf(a, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}", kid),
	   "the header, exactly");
	for (size_t i = 0; i < ROWS(claims); i++)
		ok(strstr(p.payload, arena_printf(a, "\"%s\":", claims[i])), claims[i]);
	ok(strstr(p.payload, "\"sub\":\"42\""), "sub is text");
	ok(strstr(p.payload, "\"role\":\"user\""), "role is its name");
}

static void
test_time(struct arena *a)
{
	is_int(verify(a, good_token(a, now - TOKEN_LIFE + 5)), TOKEN_OK, "about to expire");
	is_int(verify(a, good_token(a, now - TOKEN_LIFE - 120)), TOKEN_EXPIRED, "expired");
	is_int(verify(a, good_token(a, now - 315360000)), TOKEN_EXPIRED, "long expired");
	is_int(verify(a, good_token(a, now + 600)), TOKEN_INVALID, "of the future");
}

static void
test_header(struct arena *a)
{
	static const struct {
		const char *member, *value;
	} cases[] = {
		{ "alg", "\"none\"" },
		{ "alg", "\"NoNe\"" },
		{ "alg", "\"NONE\"" },
		{ "alg", "\"hs256\"" },
		{ "alg", "\"HS384\"" },
		{ "alg", "\"HS512\"" },
		{ "alg", "\"RS256\"" },
		{ "alg", "\"HS256 \"" },
		{ "alg", "\"\"" },
		{ "alg", "null" },
		{ "alg", "256" },
		{ "alg", NULL },
		{ "typ", "\"JWT\"" },
		{ "typ", "\"AT+JWT\"" },
		{ "typ", "\"application/at+jwt\"" },
		{ "typ", "1" },
		{ "typ", NULL },
		{ "kid", "\"0000000000000000\"" },
		{ "kid", "\"\"" },
		{ "kid", "\"../../dev/null\"" },
		{ "kid", "7" },
		{ "kid", NULL },
		{ "crit", "[\"exp\"]" },
		{ "crit", "[]" },
		{ "jku", "\"https://example.org/keys\"" },
		{ "jwk", "{\"kty\":\"oct\",\"k\":\"AAAA\"}" },
		{ "zip", "\"DEF\"" },
		{ "b64", "false" },
	};
	struct parts p = split(a, good_token(a, now));

	for (size_t i = 0; i < ROWS(cases); i++)
		is_int(verify(a, sign(a, edit(a, p.header, cases[i].member, cases[i].value),
				      p.payload)),
		       TOKEN_INVALID,
		       arena_printf(a, "header: %s %s", cases[i].member,
				    cases[i].value ? cases[i].value : "missing"));
}

static void
test_algorithms(struct arena *a)
{
	static const char *const names[][2] = { { "HS384", "SHA384" },
						{ "HS512", "SHA512" },
						{ "HS256", "SHA384" } };
	struct parts p = split(a, good_token(a, now));
	char *unsigned_token;

	for (size_t i = 0; i < ROWS(names); i++) {
		char *header = edit(a, p.header, "alg", arena_printf(a, "\"%s\"", names[i][0]));

		is_int(verify(a, sign_with(a, header, strlen(header), p.payload, strlen(p.payload),
					   KEY, names[i][1])),
		       TOKEN_INVALID,
		       arena_printf(a, "alg %s signed with %s", names[i][0], names[i][1]));
	}
	unsigned_token = sign(a, edit(a, p.header, "alg", "\"none\""), p.payload);
	*strrchr(unsigned_token, '.') = 0;
	is_int(verify(a, unsigned_token), TOKEN_INVALID, "alg none in two parts");
	is_int(verify(a, arena_printf(a, "%s.", unsigned_token)), TOKEN_INVALID,
	       "alg none with an empty signature");
}

static const struct {
	const char *member, *value;
} claim_cases[] = {
	{ "exp", NULL },
	{ "exp", "null" },
	{ "exp", "\"9999999999\"" },
	{ "exp", "9999999999.5" },
	{ "exp", "1800000900.0" },
	{ "exp", "1.8e9" },
	{ "exp", "-1" },
	{ "exp", "0" },
	{ "exp", "true" },
	{ "exp", "[1800000900]" },
	{ "exp", "9223372036854775807" },
	{ "exp", "9223372036854775808" },
	{ "exp", "99999999999999999999" },
	{ "nbf", "1800000600" },
	{ "nbf", "\"0\"" },
	{ "nbf", "1.5" },
	{ "nbf", NULL },
	{ "iat", "1800000600" },
	{ "iat", "\"now\"" },
	{ "iat", NULL },
	{ "iss", "\"https://example.org\"" },
	{ "iss", "\"\"" },
	{ "iss", "null" },
	{ "iss", NULL },
	{ "aud", "\"somebody else\"" },
	{ "aud", "[\"somebody else\"]" },
	{ "aud", NULL },
	{ "sub", "42" },
	{ "sub", "\"\"" },
	{ "sub", "\"0\"" },
	{ "sub", "\"-1\"" },
	{ "sub", "\"42x\"" },
	{ "sub", "\" 42\"" },
	{ "sub", "\"9007199254740993\"" },
	{ "sub", NULL },
	{ "sid", "\"7\"" },
	{ "sid", "0" },
	{ "sid", "-1" },
	{ "sid", NULL },
	{ "pid", "\"9\"" },
	{ "pid", "-1" },
	{ "pid", NULL },
	{ "role", "\"root\"" },
	{ "role", "\"Admin\"" },
	{ "role", "\"\"" },
	{ "role", "1" },
	{ "role", "[\"admin\"]" },
	{ "role", NULL },
	{ "age", "\"18\"" },
	{ "age", "-1" },
	{ "age", "1000" },
	{ "age", "17.5" },
	{ "age", NULL },
};

static void
test_claims(struct arena *a)
{
	struct parts p = split(a, good_token(a, now));

	for (size_t i = 0; i < ROWS(claim_cases); i++)
		ok(is_refused(verify(a, sign(a, p.header,
					     edit(a, p.payload, claim_cases[i].member,
						  claim_cases[i].value)))),
		   arena_printf(a, "claim: %s %s", claim_cases[i].member,
				claim_cases[i].value ? claim_cases[i].value : "missing"));
	ok(is_refused(verify(a, sign(a, p.header, edit(a, p.payload, "exp", "1")))), "exp in 1970");
}

/* A second value behind or before the good one: no parser's choice of one may decide. */
static void
test_duplicates(struct arena *a)
{
	static const char *const names[][2] = {
		{ "role", "\"admin\"" }, { "exp", "9999999999" }, { "sub", "\"1\"" },
		{ "age", "18" },         { "role", "\"user\"" },
	};
	struct parts p = split(a, good_token(a, now));
	char *twice;

	for (size_t i = 0; i < ROWS(names); i++) {
		twice = arena_printf(a, "{\"%s\":%s,%s", names[i][0], names[i][1], p.payload + 1);
		is_int(verify(a, sign(a, p.header, twice)), TOKEN_INVALID,
		       arena_printf(a, "%s twice, first", names[i][0]));
		twice = arena_printf(a, "%.*s,\"%s\":%s}", (int)strlen(p.payload) - 1, p.payload,
				     names[i][0], names[i][1]);
		is_int(verify(a, sign(a, p.header, twice)), TOKEN_INVALID,
		       arena_printf(a, "%s twice, last", names[i][0]));
	}
	twice = arena_printf(a, "{\"alg\":\"HS256\",%s", p.header + 1);
	is_int(verify(a, sign(a, twice, p.payload)), TOKEN_INVALID, "alg twice");
	twice = arena_printf(a, "{\"alg\":\"none\",%s", p.header + 1);
	is_int(verify(a, sign(a, twice, p.payload)), TOKEN_INVALID, "alg none, then HS256");
}

static void
test_text(struct arena *a)
{
	static const char *const payloads[] = {
		"",      "{}", "[]",        "null",     "42",
		"\"x\"", "{",  "{\"exp\":", "not json", "{\"exp\":1800000900}",
	};
	struct parts p = split(a, good_token(a, now));
	size_t header = strlen(p.header), payload = strlen(p.payload);
	char *bytes;

	for (size_t i = 0; i < ROWS(payloads); i++) {
		is_int(verify(a, sign(a, p.header, payloads[i])), TOKEN_INVALID,
		       arena_printf(a, "payload %s", payloads[i]));
		is_int(verify(a, sign(a, payloads[i], p.payload)), TOKEN_INVALID,
		       arena_printf(a, "header %s", payloads[i]));
	}
	bytes = arena_strndup(a, p.payload, payload + 8);
	memcpy(bytes + payload, "\0,junk", 6);
	is_int(verify(a, sign_with(a, p.header, header, bytes, payload + 6, KEY, "SHA256")),
	       TOKEN_INVALID, "text after NUL in the payload");
	is_int(verify(a, sign_with(a, p.header, header, p.payload, payload + 1, KEY, "SHA256")),
	       TOKEN_INVALID, "NUL at the payload's end");
	is_int(verify(a, sign_with(a, p.header, header + 1, p.payload, payload, KEY, "SHA256")),
	       TOKEN_INVALID, "NUL at the header's end");
	is_int(verify(a, sign(a, p.header, arena_printf(a, "%s x", p.payload))), TOKEN_INVALID,
	       "text after the payload");
	is_int(verify(a, sign(a, p.header, edit(a, p.payload, "role", "\"admin\\u0000\""))),
	       TOKEN_INVALID, "an escaped NUL in a claim");
	is_int(verify(a, sign(a, p.header, edit(a, p.payload, "role", "\"\xff\""))), TOKEN_INVALID,
	       "bad UTF-8 in a claim");
	is_int(verify(a, sign(a, edit(a, p.header, "alg", "\"HS256\\u0000\""), p.payload)),
	       TOKEN_INVALID, "an escaped NUL in alg");
}

static char *
nested(struct arena *a, int depth)
{
	struct buf b = buf_new(a);

	for (int i = 0; i < depth; i++)
		buf_putc(&b, '[');
	for (int i = 0; i < depth; i++)
		buf_putc(&b, ']');
	return b.data;
}

static char *
filled(struct arena *a, size_t n, char with)
{
	char *text = arena_alloc(a, n + 1);

	memset(text, with, n);
	return text;
}

static void
test_size(struct arena *a)
{
	static const size_t sizes[] = { 4097, 8192, 1 << 20, 9 << 20 };
	struct parts p = split(a, good_token(a, now));
	char *padded =
		edit(a, p.payload, "jti", arena_printf(a, "\"%s\"", filled(a, TOKEN_MAX, 'x')));

	is_int(verify(a, sign(a, p.header, padded)), TOKEN_INVALID,
	       "well signed, but longer than 4 KiB");
	is_int(verify(a, sign(a, p.header, edit(a, p.payload, "x", nested(a, 1200)))),
	       TOKEN_INVALID, "1,200 arrays");
	is_int(verify(a, sign(a, edit(a, p.header, "x", nested(a, 1200)), p.payload)),
	       TOKEN_INVALID, "1,200 arrays in the header");
	for (size_t i = 0; i < ROWS(sizes); i++) {
		is_int(verify(a, filled(a, sizes[i], 'A')), TOKEN_INVALID,
		       arena_printf(a, "%zu letters", sizes[i]));
		is_int(verify(a, filled(a, sizes[i], '.')), TOKEN_INVALID,
		       arena_printf(a, "%zu dots", sizes[i]));
		is_int(verify(a, arena_printf(a, "%s.e30.AAAA", filled(a, sizes[i], 'A'))),
		       TOKEN_INVALID, arena_printf(a, "a header of %zu letters", sizes[i]));
	}
}

static void
test_segments(struct arena *a)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"...",
		"a",
		"a.b",
		"a.b.",
		".b.c",
		"a..c",
		"a.b.c",
		"a.b.c.d",
		"..c",
		"Bearer a.b.c",
		"e30.e30.e30",
		"e30.e30.",
		"null",
		"{}.{}.{}",
		"\xff.\xff.\xff",
	};
	char *token = good_token(a, now), *sig = strrchr(token, '.');
	struct parts p = split(a, token);

	for (size_t i = 0; i < ROWS(bad); i++)
		is_int(verify(a, bad[i]), TOKEN_INVALID, arena_printf(a, "\"%s\"", bad[i]));
	is_int(verify(a, arena_printf(a, "%s.", token)), TOKEN_INVALID, "a dot behind");
	is_int(verify(a, arena_printf(a, "%s.x", token)), TOKEN_INVALID, "a fourth part");
	is_int(verify(a, arena_printf(a, ".%s", token)), TOKEN_INVALID, "a dot before");
	is_int(verify(a, arena_printf(a, "%s=", token)), TOKEN_INVALID, "padding");
	is_int(verify(a, arena_printf(a, "%s==", token)), TOKEN_INVALID, "more padding");
	is_int(verify(a, arena_printf(a, "%s ", token)), TOKEN_INVALID, "a space behind");
	is_int(verify(a, arena_printf(a, " %s", token)), TOKEN_INVALID, "a space before");
	is_int(verify(a, arena_printf(a, "%s\n", token)), TOKEN_INVALID, "a newline behind");
	is_int(verify(a, arena_printf(a, "%s, %s", token, token)), TOKEN_INVALID,
	       "two tokens, as of two headers");
	is_int(verify(a, arena_printf(a, "%.*s=%s", (int)(sig - token), token, sig)), TOKEN_INVALID,
	       "padding in the payload");
	is_int(verify(a, arena_printf(a, "%.*s.", (int)(sig - token), token)), TOKEN_INVALID,
	       "an empty signature");
	is_int(verify(a, sign_with(a, p.header, strlen(p.header), p.payload, strlen(p.payload), "",
				   "SHA256")),
	       TOKEN_INVALID, "signed with the empty key");
	is_int(verify(a, sign_with(a, p.header, strlen(p.header), p.payload, strlen(p.payload),
				   OTHER_KEY, "SHA256")),
	       TOKEN_INVALID, "signed with another key");
}

/* Every shorter token and every flipped bit of the signature, and some of the rest. */
static void
test_tampered(struct arena *a)
{
	char *token = good_token(a, now);
	size_t len = strlen(token), taken = 0, flipped = 0,
	       sig = (size_t)(strrchr(token, '.') - token);

	for (size_t n = 0; n < len; n++)
		taken += !is_refused(verify(a, arena_strndup(a, token, n)));
	is_int(taken, 0, "no cut token is taken");
	for (size_t i = 0; i < len; i += i < sig ? 3 : 1)
		for (int bit = 0; bit < 8; bit++) {
			char *other = arena_strdup(a, token);

			other[i] = (char)(other[i] ^ 1 << bit);
			flipped += !is_refused(verify(a, other));
		}
	is_int(flipped, 0, "no token with a flipped bit is taken");
}

static void
test_previous_key(struct arena *a)
{
	struct parts p = split(a, good_token(a, now));
	char kid[17], *header;

	token_key_id(OLD_KEY, strlen(OLD_KEY), kid);
	header = edit(a, p.header, "kid", arena_printf(a, "\"%s\"", kid));
	is_int(verify(a, sign_with(a, header, strlen(header), p.payload, strlen(p.payload), OLD_KEY,
				   "SHA256")),
	       TOKEN_OK, "the previous key verifies");
	is_int(verify(a, sign(a, header, p.payload)), TOKEN_INVALID,
	       "the previous key's id with the present key");
	is_int(verify(a, sign_with(a, p.header, strlen(p.header), p.payload, strlen(p.payload),
				   OLD_KEY, "SHA256")),
	       TOKEN_INVALID, "the present key's id with the previous key");
	token_key_id(OTHER_KEY, strlen(OTHER_KEY), kid);
	header = edit(a, p.header, "kid", arena_printf(a, "\"%s\"", kid));
	is_int(verify(a, sign_with(a, header, strlen(header), p.payload, strlen(p.payload),
				   OTHER_KEY, "SHA256")),
	       TOKEN_INVALID, "another key with its own id");
}

/* Settings are read once: a process each for what keys too short do. 0: refuses to sign and to
 * verify. */
static int
with_key(struct arena *a, const char *key)
{
	char *token = good_token(a, now);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		setenv("TV_JWT_KEY", key, 1);
		unsetenv("TV_JWT_KEY_PREVIOUS");
		conf_load();
		_exit((good_token(a, now) ? 1 : 0) + (verify(a, token) == TOKEN_NO_KEY ? 0 : 2));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int
main(void)
{
	struct arena *a = arena_new();

	setenv("TV_JWT_KEY", KEY, 1);
	setenv("TV_JWT_KEY_PREVIOUS", OLD_KEY, 1);
	conf_load();
	test_good(a);
	test_shape(a);
	test_time(a);
	test_header(a);
	test_algorithms(a);
	test_claims(a);
	test_duplicates(a);
	test_text(a);
	test_size(a);
	test_segments(a);
	test_tampered(a);
	test_previous_key(a);
	is_int(with_key(a, ""), 0, "without a key nothing is signed or verified");
	is_int(with_key(a, "0123456789abcdef0123456789abcde"), 0, "nor with 31 bytes");
	arena_free(a);
	return done();
}
