/* Values that files write in several ways. What can be read in two ways ("2/3/2021") is not read
 * at all. */
#include "tv.h"

#include "ondemand-import.h"

enum { MAX_TOKENS = 4, MAX_MINUTES = 6000 };

/* 1 … 12 for a month's English name or its first three letters (and "Sept"); 0: neither. */
static int
month_number(const char *s, size_t len)
{
	static const char *const names[] = { "january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december" };
	for (int i = 0; i < 12; i++)
		if (len >= 3 && len <= strlen(names[i]) && strncasecmp(names[i], s, len) == 0)
			return i + 1;
	return 0;
}

struct date_token {
	size_t len;
	int number; /* of a day or year; of a month when it is a word */
	bool word;
};

static bool
read_token(const char *s, size_t len, struct date_token *token)
{
	token->len = len;
	token->word = isalpha((unsigned char)*s);
	token->number = token->word ? month_number(s, len) : 0;
	if (token->word)
		return token->number > 0;
	for (size_t i = 0; i < len; i++) {
		if (len > 4 || !isdigit((unsigned char)s[i]))
			return false;
		token->number = token->number * 10 + (s[i] - '0');
	}
	return true;
}

/* Cuts text at spaces, commas, hyphens and full stops. The number of parts, or 0. */
static int
read_tokens(const char *text, struct date_token *tokens)
{
	static const char between[] = " ,-.";
	int n = 0;
	for (const char *s = text + strspn(text, between); *s; s += strspn(s, between)) {
		size_t len = strcspn(s, between);
		if (n == MAX_TOKENS || !read_token(s, len, &tokens[n++]))
			return 0;
		s += len;
	}
	return n;
}

/* "21" is 2021, "85" is 1985. */
static int
full_year(struct date_token token)
{
	if (token.len > 2)
		return token.number;
	return (token.number < 70 ? 2000 : 1900) + token.number;
}

const char *
title_date(struct arena *a, const char *text)
{
	if (strlen(text) > 10 && (text[10] == 'T' || text[10] == ' '))
		text = isdigit((unsigned char)text[3]) ? arena_strndup(a, text, 10) : text;
	if (parse_date(text))
		return text;
	struct date_token t[MAX_TOKENS];
	if (read_tokens(text, t) != 3 || t[2].word || t[0].word == t[1].word)
		return NULL;
	int day = t[0].word ? t[1].number : t[0].number;
	int month = t[0].word ? t[0].number : t[1].number;
	const char *date = arena_printf(a, "%04d-%02d-%02d", full_year(t[2]), month, day);
	return parse_date(date) ? date : NULL;
}

/* Minutes that the unit has, 0 for a second's, −1 for one that is no length of time, −2 for an
 * unknown one. */
static int
unit_minutes(const char *s, size_t len)
{
	static const struct {
		const char *name;
		int minutes;
	} units[] = {
		{ "", 1 },
		{ "m", 1 },
		{ "min", 1 },
		{ "mins", 1 },
		{ "minute", 1 },
		{ "minutes", 1 },
		{ "h", 60 },
		{ "hr", 60 },
		{ "hrs", 60 },
		{ "hour", 60 },
		{ "hours", 60 },
		{ "s", 0 },
		{ "sec", 0 },
		{ "secs", 0 },
		{ "seconds", 0 },
		{ "season", -1 },
		{ "seasons", -1 },
		{ "episode", -1 },
		{ "episodes", -1 },
	};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i].name) == len && strncasecmp(units[i].name, s, len) == 0)
			return units[i].minutes;
	return -2;
}

bool
title_duration(const char *text, int64_t *seconds)
{
	*seconds = 0;
	if (!*text)
		return false;
	for (const char *s = text; *s; s += strspn(s, " ")) {
		size_t digits = strspn(s, "0123456789");
		if (digits == 0 || digits > 6)
			return false;
		long number = strtol(s, NULL, 10);
		s += digits;
		s += strspn(s, " ");
		size_t len = strcspn(s, " .,0123456789");
		int minutes = unit_minutes(s, len);
		if (minutes < -1)
			return false;
		s += len;
		s += len ? strspn(s, ".,") : 0;
		if (minutes < 0 || *seconds < 0)
			*seconds = -1;
		else
			*seconds += number * (minutes ? minutes * 60 : 1);
	}
	return *seconds <= MAX_MINUTES * 60;
}
