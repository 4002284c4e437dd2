/* Guesses at passwords, PINs and codes. What limits them: a pair of account and address, so that
 * the owner still gets in from elsewhere; an address, so that trying many accounts is slow as well;
 * an account, so that many addresses are no way around it. An address from which the account was
 * signed in to is spared the last two. */
#include "auth.h"

#include "auth.queries.h"

#include <limits.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

static const struct throttle_rule by_pair = { "login-pair", 5, 1, 300, 3600 };
static const struct throttle_rule by_address = { "login-address", 15, 10, 900, 3600 };
static const struct throttle_rule by_account = { "login-account", 10, 40, 40, 3600 };
static const struct throttle_rule by_mail = { "login-mail", 10, 20, 900, 3600 };
static const struct throttle_rule by_device = { "device-address", 15, 10, 900, 3600 };
static const struct throttle_rule by_code = { "device-code", 5, 1, 300, 3600 };
static const struct throttle_rule by_code_address = { "device-code-address", 15, 10, 900, 3600 };
static const struct throttle_rule by_confirmation = { "password", 5, 1, 300, 3600 };
static const struct throttle_rule by_pin = { "pin", 5, 2, 300, 3600 };

int
too_many_attempts(struct req *r, int seconds)
{
	req_header(r, "Retry-After", arena_printf(r->arena, "%d", seconds));
	return problem(r, 429, "too_many_attempts", NULL);
}

struct guesser {
	const char *account; /* the address as typed, in one case */
	const char *address;
};

/* As PostgreSQL's lower() finds accounts, by the same tables: for it the sign of Kelvin is a k,
 * too, and who guesses must not have as many counts as there are such spellings. */
static char *
in_one_case(struct arena *a, const char *text)
{
	static locale_t unicode;
	if (!unicode)
		unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	size_t size = strlen(text) + 1;
	wchar_t *wide = arena_alloc(a, size * sizeof *wide);
	char *lower = arena_alloc(a, size * MB_LEN_MAX);
	locale_t before = uselocale(unicode);
	if (mbstowcs(wide, text, size) == (size_t)-1)
		abort(); /* it is UTF-8 */
	for (wchar_t *c = wide; *c; c++)
		*c = (wchar_t)towlower((wint_t)*c);
	wcstombs(lower, wide, size * MB_LEN_MAX);
	uselocale(before);
	return lower;
}

static struct guesser
guesser_of(struct req *r, const char *email)
{
	return (struct guesser){ in_one_case(r->arena, email), peer_network(r) };
}

int
guess_login(struct req *r, const char *email)
{
	struct guesser g = guesser_of(r, email);
	bool known = throttle_known(&by_pair, g.account, g.address);
	int wait = throttle_take(&by_pair, g.account, g.address);
	if (wait)
		return too_many_attempts(r, wait);
	/* who has signed in from there before is not held up by the neighbours' guesses */
	if (!known) {
		wait = throttle_take(&by_address, g.address, "");
		if (!wait) {
			wait = throttle_take(&by_account, g.account, "");
			if (wait)
				throttle_refund(&by_address, g.address, "");
		}
	}
	if (wait)
		throttle_refund(&by_pair, g.account, g.address);
	return wait ? too_many_attempts(r, wait) : 0;
}

void
guess_login_refund(struct req *r, const char *email)
{
	struct guesser g = guesser_of(r, email);
	if (!throttle_known(&by_pair, g.account, g.address)) {
		throttle_refund(&by_account, g.account, "");
		throttle_refund(&by_address, g.address, "");
	}
	throttle_refund(&by_pair, g.account, g.address);
}

void
guess_login_right(struct req *r, const char *email)
{
	struct guesser g = guesser_of(r, email);
	guess_login_refund(r, email);
	throttle_trust(&by_pair, g.account, g.address);
}

int
guess_mail(struct req *r)
{
	int wait = throttle_take(&by_mail, peer_network(r), "");
	return wait ? too_many_attempts(r, wait) : 0;
}

int
guess_device(struct req *r)
{
	int wait = throttle_take(&by_device, peer_network(r), "");
	return wait ? too_many_attempts(r, wait) : 0;
}

void
guess_device_right(struct req *r)
{
	throttle_refund(&by_device, peer_network(r), "");
}

static const char *
account_of(struct req *r)
{
	return arena_printf(r->arena, "%lld", (long long)r->claims.account);
}

int
guess_code(struct req *r)
{
	int wait = throttle_take(&by_code, account_of(r), "");
	if (wait)
		return too_many_attempts(r, wait);
	wait = throttle_take(&by_code_address, peer_network(r), "");
	if (wait)
		throttle_refund(&by_code, account_of(r), "");
	return wait ? too_many_attempts(r, wait) : 0;
}

void
guess_code_refund(struct req *r)
{
	throttle_refund(&by_code, account_of(r), "");
	throttle_refund(&by_code_address, peer_network(r), "");
}

int
confirm_password(struct req *r, const char *password, const char **hash)
{
	const char *account = account_of(r);
	int wait = throttle_take(&by_confirmation, account, "");
	if (wait)
		return too_many_attempts(r, wait);
	struct db_result found = req_query(r, Q_PASSWORD_OF, 1, &account);
	if (found.status != DB_OK) {
		throttle_refund(&by_confirmation, account, "");
		return problem_db(r, &found);
	}
	*hash = PQntuples(found.rows) ? row_text(r->arena, found.rows, 0, 0) : NULL;
	if (!password_verify(password, *hash))
		return problem(r, 403, "wrong_password", NULL);
	throttle_refund(&by_confirmation, account, "");
	return 0;
}

int
confirm_pin(struct req *r, int64_t profile, const char *pin, const char *hash)
{
	const char *id = arena_printf(r->arena, "%lld", (long long)profile);
	if (!pin)
		return problem(r, 403, "pin_required", "This profile has a PIN.");
	int wait = throttle_take(&by_pin, id, "");
	if (wait)
		return too_many_attempts(r, wait);
	if (!password_verify(pin, hash))
		return problem(r, 403, "wrong_pin", NULL);
	throttle_trust(&by_pin, id, "");
	return 0;
}
