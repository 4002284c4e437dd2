/* What the parts of the auth program share. */
#ifndef AUTH_H
#define AUTH_H

#include "tv.h"

enum { REFRESH_LIFE = 30 * 24 * 3600 };

struct refresh_token {
	const char *text;
	const char *hash; /* SHA-256, as PostgreSQL reads bytea */
	const char *seed; /* what makes the same one of the same old one again; NULL: nothing does */
};

/* auth-tokens.c */
struct refresh_token refresh_token_make(struct arena *a);
/* 256 random bits as text. */
const char *refresh_seed_make(struct arena *a);
/* The answer to an exchange that failed. One that may have been done, or be done later, is one that
 * a browser asks for again, by its seed. */
int refresh_failed(struct req *r, const char *seed, const struct db_result *answer);
/* 200 with an access token for these claims. */
int answer_tokens(
	struct req *r, struct claims *claims, const char *refresh_token, int64_t refresh_life);
/* The body's refresh token, or the cookie's; "" without one. 0: go on. */
int refresh_token_given(struct req *r, const char **token);
int refresh(struct req *r);
int logout(struct req *r);

/* auth.c */
/* 422: a password of the list of common ones. */
int password_too_common(struct req *r, const char *member);

/* auth-cookie.c */
/* The client is a browser that wants its refresh token in a cookie. */
bool cookie_wanted(const struct req *r);
/* 0, or 403: another site's page asks. */
int cookie_guard(struct req *r);
void cookie_give(struct req *r, const char *refresh_token, int64_t life);
/* Beside the token that it has: the seed of what that one may have been exchanged for. */
void cookie_give_seed(struct req *r, const char *value, int64_t life);
void cookie_clear(struct req *r);
/* NULL without one. */
const char *cookie_read(struct req *r);
const char *cookie_read_seed(struct req *r);

/* auth-guess.c: every guess at a secret is counted before it is looked at, and forgiven when it was
 * right. */
/* 429 */
int too_many_attempts(struct req *r, int seconds);
/* 0: the caller may check the password; else the status of a refusal. */
int guess_login(struct req *r, const char *email);
/* 0: the caller may ask for another mail. */
int guess_mail(struct req *r);
/* 0: the caller may ask for another code for a device; one that came to be used does not count. */
int guess_device(struct req *r);
void guess_device_right(struct req *r);
/* 0: the caller, who is signed in, may try the code of a device. */
int guess_code(struct req *r);
void guess_code_refund(struct req *r);
/* Nothing was looked at: the try does not count. */
void guess_login_refund(struct req *r, const char *email);
void guess_login_right(struct req *r, const char *email);
/* Asks for the password of who is signed in. 0: it is right. *hash is the one in force. */
int confirm_password(struct req *r, const char *password, const char **hash);
/* 0: pin is the one of hash. */
int confirm_pin(struct req *r, int64_t profile, const char *pin, const char *hash);

/* auth-profile.c */
int profile_select(struct req *r);
int profile_create(struct req *r);
int profile_change(struct req *r);
extern const struct param select_body[], profile_body[];

/* auth-reset.c: a new password for who forgot the old one. */
enum { RESET_LIFE = 3600 };
int forgot(struct req *r);
int reset_password(struct req *r);
int command_reset_link(int argc, char **argv);
/* The page of the app that takes this token. */
const char *app_link(struct arena *a, const char *page, const char *token);

/* auth-email.c: another e-mail address for an account. */
int email_change(struct req *r);
int email_confirm(struct req *r);
extern const struct param email_body[], email_token_body[];

/* auth-mail.c: the process that sends links of both kinds. */
/* Mail can be sent, with links that lead back here. */
bool mail_possible(void);
int mail_run(void);

/* auth-device.c */
int device_ask(struct req *r);
int device_token(struct req *r);
int device_lookup(struct req *r);
int device_approve(struct req *r);
int device_deny(struct req *r);
extern const struct param device_body[], device_token_body[], user_code_body[];

/* auth-commands.c */
/* A statement of a command; NULL after a message. */
PGresult *command_query(int query, int n, const char *const *values);
int command_revoke(int argc, char **argv);
int command_prune(int argc, char **argv);
int command_rotate_key(int argc, char **argv);

#endif
