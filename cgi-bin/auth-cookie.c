/* Refresh tokens of browsers: with the header "Antenna-Refresh: cookie" a refresh token comes and
 * goes in a cookie that no script can read, never in a body. The header is the one half of the
 * defence against other sites (a form cannot send it, and to a script's preflight we say nothing),
 * what the browser says about who asks is the other. */
#include "auth.h"

static const char current[] = "antenna_refresh", seed[] = "antenna_refresh_seed";

bool
cookie_wanted(const struct req *r)
{
	const char *value = req_env(r, "HTTP_ANTENNA_REFRESH");
	return value && !strcmp(value, "cookie");
}

static bool
public_https(void)
{
	const char *url = conf_text(CONF_PUBLIC_URL);
	return url && !strncasecmp(url, "https://", 8);
}

/* Behind a proxy that speaks TLS only TV_PUBLIC_URL knows of it. */
static bool
over_https(const struct req *r)
{
	const char *scheme = req_env(r, "REQUEST_SCHEME");
	return (scheme && !strcmp(scheme, "https")) || public_https();
}

/* Whether an Origin (RFC 6454) names the host that was asked; a proxy may speak TLS for us. */
static bool
same_origin(const struct req *r, const char *origin)
{
	const char *host = req_env(r, "HTTP_HOST"), *rest = strstr(origin, "://");
	return rest && host && !strcasecmp(rest + 3, host) &&
		(!strncmp(origin, "https://", 8) || !strncmp(origin, "http://", 7));
}

int
cookie_guard(struct req *r)
{
	const char *site = req_env(r, "HTTP_SEC_FETCH_SITE"), *origin = req_env(r, "HTTP_ORIGIN");
	bool foreign = (site && strcmp(site, "same-origin")) || (origin && !same_origin(r, origin));
	if (foreign)
		return problem(r, 403, "cross_site", NULL);
	return 0;
}

static void
set_cookie(struct req *r, const char *name, const char *value, int64_t life)
{
	req_header(r, "Set-Cookie",
		arena_printf(r->arena, "%s=%s; Path=/auth; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
			name, value, (long long)life, over_https(r) ? "; Secure" : ""));
}

void
cookie_give(struct req *r, const char *refresh_token, int64_t life)
{
	set_cookie(r, current, refresh_token, life);
	set_cookie(r, seed, "", 0);
}

void
cookie_give_seed(struct req *r, const char *value, int64_t life)
{
	set_cookie(r, seed, value, life);
}

void
cookie_clear(struct req *r)
{
	cookie_give(r, "", 0);
}

static const char *
value_of(struct req *r, const char *name)
{
	const char *at = req_env(r, "HTTP_COOKIE");
	size_t n = strlen(name);
	while (at && *at) {
		at += strspn(at, " ;");
		size_t len = strcspn(at, ";");
		if (len > n && at[n] == '=' && !strncmp(at, name, n))
			return arena_strndup(r->arena, at + n + 1, len - n - 1);
		at += len;
	}
	return NULL;
}

const char *
cookie_read(struct req *r)
{
	return value_of(r, current);
}

const char *
cookie_read_seed(struct req *r)
{
	return value_of(r, seed);
}
