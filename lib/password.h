/* bcrypt through libcrypt. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>

struct arena;

/* $2b$ hash with a random salt and TV_BCRYPT_COST; never NULL: a failing libcrypt aborts. */
char *password_hash(struct arena *a, const char *password);
/* Whether password is the one of hash. A NULL hash costs the same time and is never right. */
bool password_verify(const char *password, const char *hash);
/* Whether hash was made with a lower cost than is set now. */
bool password_outdated(const char *hash);
/* On the list of the commonest passwords (compared without case). */
bool password_common(const char *password);

#endif
