/* Access tokens: JWT, HS256, header and claims exactly as the API says. Verifying is for everybody;
 * signing is in token-sign.o, which only the auth program links. */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { TOKEN_LIFE = 900, TOKEN_MAX = 4096, TOKEN_MIN_KEY = 32 };

/* ROLE_SERVICE: another service by TV_SERVICE_TOKEN, or an administrator; never in an access token.
 */
enum role { ROLE_ANYONE, ROLE_USER, ROLE_ADMIN, ROLE_SERVICE };

struct claims {
	int64_t account; /* sub */
	int64_t session; /* sid */
	int64_t profile; /* pid */
	int age; /* highest rating the profile may see */
	enum role role;
	int64_t issued_at, expires_at;
};

enum token_status { TOKEN_OK, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_NO_KEY };

/* now: seconds since 1970. */
enum token_status token_verify(struct arena *a, const char *token, int64_t now, struct claims *out);

/* A signed token in the arena; NULL without a usable key. claims->issued_at and expires_at are set
 * by it. */
char *token_sign(struct arena *a, struct claims *claims, int64_t now);

/* key id: the first 16 hex digits of SHA-256(key). out has room for 17. */
void token_key_id(const void *key, size_t len, char *out);

/* Whether text is TV_SERVICE_TOKEN; without one of at least 32 bytes nothing is. Takes the same
 * time for every text of a length. */
bool token_is_service(const char *text);

const char *role_name(enum role role);

#endif
