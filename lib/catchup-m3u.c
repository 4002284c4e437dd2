/* What playlists call catch-up, brought into the one form of lib/catchup.h. There is no standard;
 * the modes and words are those that several players have in common. */
#include "banned.h"

#include "catchup.h"

#include "arena.h"
#include "buf.h"

/* What s begins with, up to any of ends. */
static const char *
cut(struct arena *a, const char *s, const char *ends)
{
	return arena_strndup(a, s, strcspn(s, ends));
}

static bool
is_address(const char *s)
{
	return strncasecmp(s, "http://", 7) == 0 || strncasecmp(s, "https://", 8) == 0;
}

/* ---- placeholders: ${start} is {utc} */

static const char *
own_name(const char *name)
{
	static const char *const names[][2] = {
		{ "start", "utc" },
		{ "end", "utcend" },
		{ "now", "lutc" },
		{ "timestamp", "lutc" },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i][0]))
			return names[i][1];
	return name;
}

/* In small letters and ASCII, as addresses are written; players' options stand behind a bar. */
static const char *
own_form(struct arena *a, const char *s)
{
	struct buf b = buf_new(a);
	size_t scheme = is_address(s) ? strcspn(s, ":") : 0;
	for (size_t i = 0; s[i] && s[i] != '|'; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '{') {
			const char *name = cut(a, s + i + 1, ":{}");
			buf_printf(&b, "{%s", own_name(name));
			i += strlen(name);
		} else if (c >= 0x80) {
			buf_printf(&b, "%%%02X", c);
		} else if (c != '$' || s[i + 1] != '{') {
			buf_putc(&b, i < scheme ? (char)tolower(c) : (char)c);
		}
	}
	return b.data;
}

/* ---- modes. Each answers a template, or NULL when the stream's address is not of its kind. */

static const char *
append_query(struct arena *a, const char *url)
{
	return arena_printf(a, "%s%cutc={utc}&lutc={lutc}", url, strchr(url, '?') ? '&' : '?');
}

/* …/name.m3u8?query is three pieces. */
struct pieces {
	const char *directory, *name, *query;
};

static struct pieces
split(struct arena *a, const char *url)
{
	const char *path = cut(a, url, "?"), *slash = strrchr(path, '/');
	return (struct pieces){ arena_strndup(a, path, (size_t)(slash + 1 - path)), slash + 1,
		url + strlen(path) };
}

static const char *
flussonic(struct arena *a, const char *url)
{
	struct pieces p = split(a, url);
	size_t n = strcspn(p.name, ".");
	const char *stem = arena_strndup(a, p.name, n);
	if (!strcmp(p.name, "mpegts"))
		return arena_printf(a, "%stimeshift_abs-{utc}.ts%s", p.directory, p.query);
	if (strcmp(p.name + n, ".m3u8"))
		return NULL;
	if (!strcmp(stem, "index") || !strcmp(stem, "playlist"))
		stem = "archive";
	else if (strcmp(stem, "video") && strcmp(stem, "mono"))
		return NULL;
	return arena_printf(a, "%s%s-{utc}-{durationfs}.m3u8%s", p.directory, stem, p.query);
}

/* Xtream Codes: scheme://host/[live/]user/password/id[.ts|.m3u8] */
static const char *
xtream(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://") + 3, *path = host + strcspn(host, "/"), *parts[3];
	const char *root = arena_strndup(a, url, (size_t)(path - url));
	if (!strncmp(path, "/live/", 6))
		path += 5;
	for (int i = 0; i < 3; i++) {
		if (*path != '/')
			return NULL;
		parts[i] = cut(a, path + 1, "/");
		path += 1 + strlen(parts[i]);
		if (!*parts[i])
			return NULL;
	}
	const char *id = cut(a, parts[2], "."), *type = parts[2] + strlen(id);
	if (*path || strchr(parts[2], '?') || !*id ||
		(*type && strcmp(type, ".ts") && strcmp(type, ".m3u8")))
		return NULL;
	return arena_printf(a, "%s/timeshift/%s/%s/{duration:60}/{Y}-{m}-{d}:{H}-{M}/%s%s", root,
		parts[0], parts[1], id, *type ? type : ".ts");
}

enum mode { UNKNOWN, NONE, WHOLE, APPEND, QUERY, FLUSSONIC, XTREAM };

static const struct {
	const char *name;
	enum mode mode;
} modes[] = {
	{ "default", WHOLE },
	{ "vod", WHOLE },
	{ "append", APPEND },
	{ "shift", QUERY },
	{ "timeshift", QUERY },
	{ "flussonic", FLUSSONIC },
	{ "flussonic-hls", FLUSSONIC },
	{ "flussonic-ts", FLUSSONIC },
	{ "fs", FLUSSONIC },
	{ "xc", XTREAM },
	{ "none", NONE },
	{ "disabled", NONE },
	{ "0", NONE },
};

/* Without one the address says what it is. */
static enum mode
mode_of(const struct catchup_words *said)
{
	if (!said->mode)
		return said->source ? APPEND : NONE;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcasecmp(said->mode, modes[i].name) == 0)
			return modes[i].mode;
	return UNKNOWN;
}

/* A whole address says more than any mode does, and a query is no whole address. */
static const char *
make(struct arena *a, enum mode mode, const char *source, const char *url)
{
	if (source && is_address(source))
		return source;
	if (mode == FLUSSONIC)
		return flussonic(a, url);
	if (mode == XTREAM)
		return xtream(a, url);
	if (mode == QUERY)
		return append_query(a, url);
	if (!source || (mode == WHOLE && !strchr("?&", *source)))
		return NULL;
	return arena_printf(a, "%s%s", url, source);
}

const char *
catchup_of_playlist(struct arena *a, const struct catchup_words *said, const char **template)
{
	enum mode mode = mode_of(said);
	const char *source = said->source ? own_form(a, said->source) : NULL;
	*template = NULL;
	if (mode == NONE)
		return NULL;
	if (mode == UNKNOWN)
		return "an unknown mode";
	if (said->correction && strspn(said->correction, "+-0.,") < strlen(said->correction))
		return "a catchup-correction";
	const char *made = make(a, mode, source, said->url);
	if (!made)
		return mode == WHOLE || mode == APPEND ? "no catchup-source that is an address"
											   : "a stream's address of another kind";
	if (catchup_check(made))
		return "an unknown placeholder, or no address";
	*template = made;
	return NULL;
}
