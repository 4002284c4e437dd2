/* The gate before json-c 0.16, whose strict mode still takes single quotes, NaN, \u0000, duplicate
 * members (the last wins), control characters and lone surrogates, and clamps large numbers. The
 * scan below is the grammar of RFC 8259; json-c then builds the tree, and duplicates are looked for
 * while walking the text. */
#include "banned.h"

#include "json.h"

#include "arena.h"
#include "param.h"
#include "url.h"

#include <math.h>

struct scan {
	struct arena *arena;
	const char *at, *end;
	const char *why;
	int depth;
};

static bool scan_value(struct scan *s);

static bool
fail(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static void
skip_space(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	skip_space(s);
	if (s->at >= s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* Four hex digits after \u; −1 when they are not. */
static long
hex4(struct scan *s)
{
	if (s->end - s->at < 4)
		return -1;
	long n = 0;
	for (int i = 0; i < 4; i++) {
		char c = s->at[i], low = (char)(c | 0x20);
		int digit = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		n = n * 16 + digit;
	}
	s->at += 4;
	return n;
}

static bool
scan_unicode_escape(struct scan *s)
{
	long high = hex4(s);
	if (high < 0)
		return fail(s, "\\u needs four hex digits");
	if (high == 0)
		return fail(s, "\\u0000 is not allowed");
	if (high >= 0xdc00 && high <= 0xdfff)
		return fail(s, "a lone surrogate");
	if (high < 0xd800 || high > 0xdbff)
		return true;
	if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
		return fail(s, "a lone surrogate");
	s->at += 2;
	long low = hex4(s);
	return low >= 0xdc00 && low <= 0xdfff ? true : fail(s, "a lone surrogate");
}

static bool
scan_escape(struct scan *s)
{
	if (s->at >= s->end)
		return fail(s, "a string does not end");
	char c = *s->at++;
	if (c == 'u')
		return scan_unicode_escape(s);
	return c && strchr("\"\\/bfnrt", c) ? true : fail(s, "an unknown escape");
}

/* After the opening quote. */
static bool
scan_string(struct scan *s)
{
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at++;
		if (c == '"')
			return true;
		if (c < 32)
			return fail(s, "a control character in a string");
		if (c == '\\' && !scan_escape(s))
			return false;
	}
	return fail(s, "a string does not end");
}

static void
skip_digits(struct scan *s)
{
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
}

static bool
scan_digits(struct scan *s)
{
	const char *from = s->at;
	skip_digits(s);
	return s->at > from ? true : fail(s, "a number without digits");
}

static bool
scan_number(struct scan *s)
{
	const char *from = s->at;
	bool whole = true;
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!scan_digits(s))
		return false;
	if (s->at < s->end && *s->at == '.') {
		whole = false;
		s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at | 0x20) == 'e') {
		whole = false;
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!scan_digits(s))
			return false;
	}
	size_t len = (size_t)(s->at - from);
	int64_t n;
	if (len <= 40 && !whole && !isfinite(strtod(arena_strndup(s->arena, from, len), NULL)))
		return fail(s, "a number out of range");
	if (len > 40 ||
		(whole && !parse_int(arena_strndup(s->arena, from, len), INT64_MIN, INT64_MAX, &n)))
		return fail(s, "a number out of range");
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n))
		return fail(s, "not JSON");
	s->at += n;
	return true;
}

static bool
scan_member(struct scan *s)
{
	if (!take(s, '"'))
		return fail(s, "a member without a name");
	if (!scan_string(s))
		return false;
	return take(s, ':') ? scan_value(s) : fail(s, "a member without a value");
}

/* After the opening bracket; item reads one element. */
static bool
scan_items(struct scan *s, char close, bool (*item)(struct scan *))
{
	if (++s->depth > JSON_MAX_DEPTH)
		return fail(s, "nested too deep");
	if (!take(s, close)) {
		do {
			if (!item(s))
				return false;
		} while (take(s, ','));
		if (!take(s, close))
			return fail(s, close == '}' ? "an object does not end" : "an array does not end");
	}
	s->depth--;
	return true;
}

static bool
scan_value(struct scan *s)
{
	skip_space(s);
	if (s->at >= s->end)
		return fail(s, "a value is missing");
	char c = *s->at;
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	if (c == 't' || c == 'f' || c == 'n')
		return scan_word(s, c == 't' ? "true" : c == 'f' ? "false" : "null");
	s->at++;
	switch (c) {
	case '{': return scan_items(s, '}', scan_member);
	case '[': return scan_items(s, ']', scan_value);
	case '"': return scan_string(s);
	}
	return fail(s, "not JSON");
}

/* Members in the text of all objects against members in the tree: fewer in the tree means that one
 * stood twice. Colons outside strings count the former. */
static size_t
count_colons(const char *text, size_t len)
{
	size_t n = 0;
	bool quoted = false;
	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == ':')
			n++;
	}
	return n;
}

static size_t
count_members(struct json_object *o)
{
	size_t n = 0;
	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			n += count_members(json_object_array_get_idx(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, value)
		{
			(void)name;
			n += 1 + count_members(value);
		}
	}
	return n;
}

static void
put_object(void *o)
{
	json_object_put(o);
}

static void
free_tokener(void *t)
{
	json_tokener_free(t);
}

static struct json_object *
build_tree(struct arena *a, const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
	if (!tokener)
		abort();
	arena_defer(a, free_tokener, tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *o = json_tokener_parse_ex(tokener, text, (int)len);
	/* a bare number ends only with what follows it */
	if (!o && json_tokener_get_error(tokener) == json_tokener_continue)
		o = json_tokener_parse_ex(tokener, "", 1);
	if (o)
		arena_defer(a, put_object, o);
	return o;
}

struct json_object *
json_read(struct arena *a, const char *text, size_t len, const char **why)
{
	struct scan s = { .arena = a, .at = text, .end = text + len };
	*why = NULL;
	if (len > INT32_MAX / 2 || !utf8_valid(text, len)) {
		*why = "not UTF-8";
		return NULL;
	}
	if (scan_value(&s)) {
		skip_space(&s);
		if (s.at < s.end)
			fail(&s, "bytes after the end");
	}
	if (s.why) {
		*why = arena_printf(a, "%s at byte %zu", s.why, (size_t)(s.at - text));
		return NULL;
	}
	struct json_object *o = build_tree(a, text, len);
	if (!o)
		*why = "not a JSON object or array";
	else if (count_members(o) != count_colons(text, len))
		*why = "a member stands twice";
	return *why ? NULL : o;
}
