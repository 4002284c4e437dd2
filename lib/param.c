/* What each type of parameter accepts. One function a type; the table answers the enum. */
#include "banned.h"

#include "param.h"

#include "arena.h"
#include "buf.h"
#include "catchup.h"
#include "url.h"

#include <sys/stat.h>

static const int64_t ID_MAX = (int64_t)1 << 53;
static const int64_t YEAR_ONE = -62135596800; /* in UTC, seconds before 1970 */

/* PostgreSQL reads instants of so many digits and hours, and no longer ones. */
enum { MAX_FRACTION = 9, MAX_OFFSET_HOURS = 15 };

bool
parse_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	s += negative;
	if (!*s)
		return false;
	/* counted downwards: the most negative number has no positive twin */
	int64_t n = 0;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_sub_overflow(n, *s - '0', &n))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, n, &n))
		return false;
	*out = n;
	return n >= min && n <= max;
}

/* n digits at *s, which moves on; −1 when they are not. */
static int
digits(const char **s, int n)
{
	int value = 0;
	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		value = value * 10 + (**s - '0');
	}
	return value;
}

static bool
leap(int year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

static bool
parse_day(const char **s, struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = digits(s, 4);
	if (year < 1 || year > 9998 || *(*s)++ != '-')
		return false;
	int month = digits(s, 2);
	if (month < 1 || month > 12 || *(*s)++ != '-')
		return false;
	int day = digits(s, 2);
	if (day < 1 || day > days[month - 1] + (month == 2 && leap(year)))
		return false;
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	return true;
}

bool
parse_date(const char *s)
{
	struct tm tm;
	return parse_day(&s, &tm) && !*s;
}

static bool
parse_clock(const char **s, struct tm *tm, int64_t *fraction)
{
	tm->tm_hour = digits(s, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || *(*s)++ != ':')
		return false;
	tm->tm_min = digits(s, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || *(*s)++ != ':')
		return false;
	tm->tm_sec = digits(s, 2);
	if (tm->tm_sec < 0 || tm->tm_sec > 59)
		return false;
	*fraction = 0;
	if (**s == '.') {
		int64_t unit = 100000;
		size_t n = strspn(++*s, "0123456789");
		if (n < 1 || n > MAX_FRACTION)
			return false;
		for (; n--; (*s)++, unit /= 10)
			*fraction += (**s - '0') * unit;
	}
	return true;
}

/* Z or ±hh:mm, in seconds; false when it is neither. */
static bool
parse_offset(const char **s, int64_t *seconds)
{
	char sign = *(*s)++;
	*seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (sign != '+' && sign != '-')
		return false;
	int hours = digits(s, 2);
	if (hours < 0 || hours > MAX_OFFSET_HOURS || *(*s)++ != ':')
		return false;
	int minutes = digits(s, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return true;
}

bool
parse_time(const char *s, int64_t *micros)
{
	struct tm tm;
	int64_t fraction, offset;
	if (!parse_day(&s, &tm) || (*s != 'T' && *s != 't'))
		return false;
	s++;
	if (!parse_clock(&s, &tm, &fraction) || !parse_offset(&s, &offset) || *s)
		return false;
	int64_t seconds = (int64_t)timegm(&tm) - offset;
	*micros = seconds * 1000000 + fraction;
	return seconds >= YEAR_ONE;
}

static bool
all_of(const char *s, const char *allowed)
{
	return *s && !s[strspn(s, allowed)];
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

static const char *
check_id(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	int64_t n;
	*out = text;
	return parse_int(text, 1, ID_MAX, &n) ? NULL : "must be a positive whole number";
}

static const char *
check_int(struct arena *a, const struct param *p, const char *text, const char **out)
{
	int64_t n;
	*out = text;
	return parse_int(text, p->min, p->max, &n)
		? NULL
		: arena_printf(
			  a, "must be a whole number from %lld to %lld", (long long)p->min, (long long)p->max);
}

static const char *
check_bool(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	return !strcmp(text, "true") || !strcmp(text, "false") ? NULL : "must be true or false";
}

static bool
has_control(const char *s, const char *except)
{
	for (; *s; s++)
		if (((unsigned char)*s < 32 && !strchr(except, *s)) || *s == 127)
			return true;
	return false;
}

static const char *
check_text(struct arena *a, const struct param *p, const char *text, const char **out)
{
	*out = text;
	size_t n = utf8_length(text), max = p->max ? (size_t)p->max : 200;
	if (n < (size_t)p->min || n > max)
		return arena_printf(a, "must have %lld to %zu characters", (long long)p->min, max);
	if (p->min > 0 && !text[strspn(text, " \n\t")])
		return "must not be blank";
	return has_control(text, p->type == P_LONGTEXT ? "\n\t" : "")
		? "must have no control characters"
		: NULL;
}

static const char *
check_slug(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	bool good = all_of(text, LOWER DIGIT "-") && strlen(text) <= 60 && text[0] != '-' &&
		text[strlen(text) - 1] != '-' && !strstr(text, "--");
	return good ? NULL : "must be a word of a-z, 0-9 and single hyphens, at most 60 characters";
}

static const char *
check_enum(struct arena *a, const struct param *p, const char *text, const char **out)
{
	*out = text;
	size_t len = strlen(text);
	for (const char *c = p->choices; len; c += strcspn(c, "|") + 1) {
		size_t n = strcspn(c, "|");
		if (n == len && !memcmp(c, text, n))
			return NULL;
		if (!c[n])
			break;
	}
	return arena_printf(a, "must be one of %s", p->choices);
}

static const char *
check_country(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	return all_of(text, UPPER) && strlen(text) == 2 ? NULL : "must be a country code such as NO";
}

static const char *
check_language(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	size_t first = strspn(text, LOWER);
	bool good = (first == 2 || first == 3) && strlen(text) <= 35 && text[strlen(text) - 1] != '-' &&
		(!text[first] || (text[first] == '-' && all_of(text + first + 1, LOWER UPPER DIGIT "-")));
	return good ? NULL : "must be a language tag such as nor or pt-BR";
}

static const char *
check_time(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	int64_t micros;
	*out = text;
	return parse_time(text, &micros) ? NULL : "must be an instant such as 2026-01-31T18:00:00Z";
}

static const char *
check_date(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	return parse_date(text) ? NULL : "must be a day such as 2026-01-31";
}

/* A name of the IANA database: PostgreSQL would also take "Xyz5" for a zone five hours away. */
static const char *
check_tz(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)p;
	struct stat file;
	*out = text;
	bool formed = all_of(text, LOWER UPPER DIGIT "/_+-") && strlen(text) <= 64 &&
		isupper((unsigned char)text[0]);
	bool good = formed && stat(arena_printf(a, "/usr/share/zoneinfo/%s", text), &file) == 0 &&
		S_ISREG(file.st_mode);
	return good ? NULL : "must be a time zone such as Europe/Oslo";
}

static const char *
check_ids(struct arena *a, const struct param *p, const char *text, const char **out)
{
	struct buf list = buf_new(a);
	buf_putc(&list, '{');
	int64_t n = 0, id;
	for (const char *at = text;; n++) {
		size_t len = strcspn(at, ",");
		if (!parse_int(arena_strndup(a, at, len), 1, ID_MAX, &id))
			return "must be ids with commas between them";
		buf_add(&list, at, len);
		if (!at[len])
			break;
		buf_putc(&list, ',');
		at += len + 1;
	}
	buf_putc(&list, '}');
	*out = list.data;
	return n < p->max ? NULL : arena_printf(a, "must be at most %lld ids", (long long)p->max);
}

/* One @, something on both sides, a dot or not: whether mail arrives is for a mail to find out. */
static const char *
check_email(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	const char *at = strchr(text, '@');
	bool good = at && at > text && at[1] && !strchr(at + 1, '@') && strlen(text) <= 254 &&
		!has_control(text, "") && !strpbrk(text, " <>\"(),:;[]\\") && at[1] != '.' &&
		text[strlen(text) - 1] != '.' && !strstr(text, "\u00a0") && !strstr(text, "\u3000");
	return good ? NULL : "must be an e-mail address";
}

static const char *
check_password(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	size_t n = strlen(text);
	return n >= 8 && n <= 72 ? NULL : "must have 8 to 72 bytes";
}

static const char *
check_pin(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	size_t n = strlen(text);
	return all_of(text, DIGIT) && n >= 4 && n <= 8 ? NULL : "must have 4 to 8 digits";
}

static const char *
check_secret(struct arena *a, const struct param *p, const char *text, const char **out)
{
	*out = text;
	size_t n = strlen(text), max = p->max ? (size_t)p->max : 1000;
	return n >= 1 && n <= max ? NULL : arena_printf(a, "must have 1 to %zu bytes", max);
}

static const char *
check_url(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	bool good = strlen(text) <= 2000 && !has_control(text, "") && !strpbrk(text, " <>\"\\^`{|}") &&
		((!strncmp(text, "https://", 8) && isalnum((unsigned char)text[8])) ||
			(text[0] == '/' && text[1] != '/' && !strstr(text, "/../")));
	return good ? NULL : "must be an https address, or a path on this server";
}

static const char *
check_link(struct arena *a, const struct param *p, const char *text, const char **out)
{
	bool clear = !strncmp(text, "http://", 7) && isalnum((unsigned char)text[7]);
	*out = text;
	if (!check_url(a, p, clear ? arena_printf(a, "https%s", text + 4) : text, &(const char *){ 0 }))
		return NULL;
	return "must be an http or https address, or a path on this server";
}

static const char *
check_template(struct arena *a, const struct param *p, const char *text, const char **out)
{
	(void)a, (void)p;
	*out = text;
	return catchup_check(text);
}

struct type {
	const char *name;
	const char *(*check)(
		struct arena *a, const struct param *p, const char *text, const char **out);
};

static const struct type types[] = {
	[P_ACCOUNT] = { "account" },
	[P_PROFILE] = { "profile" },
	[P_SESSION] = { "session" },
	[P_AGE] = { "age" },
	[P_ADDRESS] = { "address" },
	[P_CONST] = { "const" },
	[P_IF_MATCH] = { "if_match" },
	[P_ID] = { "id", check_id },
	[P_INT] = { "int", check_int },
	[P_BOOL] = { "bool", check_bool },
	[P_TEXT] = { "text", check_text },
	[P_LONGTEXT] = { "longtext", check_text },
	[P_SLUG] = { "slug", check_slug },
	[P_ENUM] = { "enum", check_enum },
	[P_COUNTRY] = { "country", check_country },
	[P_LANGUAGE] = { "language", check_language },
	[P_TIME] = { "time", check_time },
	[P_DATE] = { "date", check_date },
	[P_TZ] = { "tz", check_tz },
	[P_IDS] = { "ids", check_ids },
	[P_EMAIL] = { "email", check_email },
	[P_PASSWORD] = { "password", check_password },
	[P_PIN] = { "pin", check_pin },
	[P_SECRET] = { "secret", check_secret },
	[P_URL] = { "url", check_url },
	[P_LINK] = { "link", check_link },
	[P_TEMPLATE] = { "template", check_template },
	[P_LIMIT] = { "limit", check_int },
	[P_CURSOR] = { "cursor" },
	[P_LIST] = { "list" },
	[P_OBJECT] = { "object" },
	[P_BODY] = { "body" },
	[P_MEMBERS] = { "body" },
};

const char *
param_check(struct arena *a, const struct param *p, const char *text, const char **out)
{
	return types[p->type].check(a, p, text, out);
}

const char *
param_type_name(enum param_type type)
{
	return types[type].name;
}
