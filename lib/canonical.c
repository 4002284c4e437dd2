/* Compares the target with what the checked parameters spell, without building it. */
#include "banned.h"

#include "canonical.h"

#include "req.h"

#include <ctype.h>

static bool
is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-._~:,/", s[i]))
			return false;
	return n > 0;
}

static bool
is_number(const char *s, size_t n)
{
	return n && (s[0] != '0' || n == 1) && strspn(s, "0123456789") >= n;
}

/* 1,2,3: ascending, none twice. */
static bool
is_ascending(const char *s, size_t n)
{
	long long last = 0;
	for (const char *end = s + n; s < end; s += s < end) {
		size_t digits = strspn(s, "0123456789");
		long long id = strtoll(s, NULL, 10);
		if (!is_number(s, digits) || id <= last || (s[digits] != ',' && s + digits != end))
			return false;
		last = id;
		s += digits;
	}
	return true;
}

/* 2026-01-31T20:30:00Z: viewers whose windows begin on half hours share their answers. */
static bool
is_half_hour(const char *s, size_t n)
{
	static const char form[] = "dddd-dd-ddTdd:d0:00Z";
	if (n != sizeof form - 1 || (s[14] != '0' && s[14] != '3'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return true;
}

static bool
is_canonical(const struct param *p, const char *s, size_t n)
{
	switch (p->type) {
	case P_ID:
	case P_INT:
	case P_LIMIT: return is_number(s, n);
	case P_IDS: return is_ascending(s, n);
	case P_TIME: return is_half_hour(s, n);
	case P_TEXT:
	case P_LONGTEXT: return false; /* as many as anybody likes */
	default: return is_plain(s, n);
	}
}

/* /007 is answered as /7 is. */
static bool
is_plain_path(const char *path)
{
	for (const char *zero = path; (zero = strstr(zero, "/0")); zero++)
		if (isdigit((unsigned char)zero[2]))
			return false;
	return is_plain(path, strlen(path));
}

bool
canonical_target(const struct req *r)
{
	const char *at = req_env(r, "REQUEST_URI");
	size_t n = strlen(r->path);
	if (!at || strncmp(at, r->path, n) || !is_plain_path(r->path) || (at[n] && at[n] != '?'))
		return false;
	at += n;
	for (const struct param *p = r->route->params; *at && p->type != P_END; p++) {
		n = p->name ? strlen(p->name) : 0;
		if (!n || strncmp(at + 1, p->name, n) || at[1 + n] != '=')
			continue;
		const char *value = at + n + 2;
		n = strcspn(value, "&");
		if (!is_canonical(p, value, n))
			return false;
		at = value + n;
		if (*at && !at[1])
			return false;
	}
	return !*at;
}
