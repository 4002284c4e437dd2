/* Any text as a value of every kind of parameter: it is taken or refused with a sentence, and what
 * is taken is within the bounds of its kind. */
#include "banned.h"

#include "arena.h"
#include "param.h"
#include "url.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct param rows[] = {
	{ "id", P_ID },
	{ "int", P_INT, .min = -5, .max = 100 },
	{ "bool", P_BOOL },
	{ "text", P_TEXT, .min = 2, .max = 12 },
	{ "long", P_LONGTEXT, .max = 12 },
	{ "slug", P_SLUG },
	{ "enum", P_ENUM, .choices = "newest|title" },
	{ "country", P_COUNTRY },
	{ "language", P_LANGUAGE },
	{ "time", P_TIME },
	{ "date", P_DATE },
	{ "tz", P_TZ },
	{ "ids", P_IDS, .max = 5 },
	{ "email", P_EMAIL },
	{ "password", P_PASSWORD },
	{ "pin", P_PIN },
	{ "secret", P_SECRET, .max = 20 },
	{ "url", P_URL },
	{ "link", P_LINK },
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
only(const char *s, const char *set)
{
	return *s && s[strspn(s, set)] == 0;
}

static void
check_number(const struct param *p, const char *s)
{
	int64_t n;
	int64_t min = p->type == P_ID ? 1 : p->min;
	int64_t max = p->type == P_ID ? (int64_t)1 << 53 : p->max;
	must(parse_int(s, min, max, &n) && n >= min && n <= max);
}

static void
check_words(const struct param *p, const char *s)
{
	size_t len = strlen(s);
	switch (p->type) {
	case P_BOOL: must(!strcmp(s, "true") || !strcmp(s, "false")); break;
	case P_SLUG: must(only(s, "abcdefghijklmnopqrstuvwxyz0123456789-")); break;
	case P_ENUM: must(!strcmp(s, "newest") || !strcmp(s, "title")); break;
	case P_COUNTRY: must(len == 2 && only(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")); break;
	case P_PIN: must(len >= 4 && len <= 8 && only(s, "0123456789")); break;
	case P_PASSWORD: must(len >= 8 && len <= 72); break;
	case P_SECRET: must(len >= 1 && len <= 20); break;
	case P_EMAIL: must(strchr(s, '@') && !strpbrk(s, " \t\r\n")); break;
	case P_LINK: must(*s == '/' || !strncmp(s, "http", 4)); break;
	case P_URL: must(*s == '/' || !strncmp(s, "https://", 8)); break;
	case P_DATE: must(parse_date(s)); break;
	default: break;
	}
}

static void
check(const struct param *p, const char *text, const char *out)
{
	int64_t micros;
	must(out != NULL);
	if (p->type == P_ID || p->type == P_INT)
		check_number(p, text);
	else if (p->type == P_TIME)
		must(parse_time(text, &micros));
	else if (p->type == P_TEXT || p->type == P_LONGTEXT)
		must(utf8_valid(text, strlen(text)) && utf8_length(text) <= 12);
	else if (p->type == P_IDS)
		must(only(out, "{},0123456789"));
	else
		check_words(p, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	if (!utf8_valid(text, strlen(text))) {
		arena_free(a);
		return 0; /* decoding refuses it before */
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *out = NULL, *why = param_check(a, &rows[i], text, &out);
		must(!why || (*why && !strchr(why, '\n')));
		if (!why)
			check(&rows[i], text, out);
	}
	arena_free(a);
	return 0;
}
