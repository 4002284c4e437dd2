/* XMLTV: times, episode numbers, encodings, and elements as they are handed out. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "xmltv.h"

static struct arena *arena;

static void
take_channel(void *context, const struct xmltv_channel *c)
{
	struct buf *b = context;
	buf_printf(b, "C%zu %s", c->line, c->id ? c->id : "-");
	for (size_t i = 0; i < c->n_names; i++)
		buf_printf(b, "/%s", c->names[i]);
	buf_putc(b, '\n');
}

static void
take_programme(void *context, const struct xmltv_programme *p)
{
	struct buf *b = context;
	buf_printf(b, "P%zu ", p->line);
	if (p->why)
		buf_printf(b, "!%s", p->why);
	else
		buf_printf(b, "%s %lld %s", p->channel, (long long)p->start, p->title);
	if (p->cut)
		buf_printf(b, " cut %u", p->cut);
	buf_putc(b, '\n');
}

static const char *
read_bytes(const char *text, size_t len, size_t step)
{
	struct buf out = buf_new(arena);
	struct xmltv *x = xmltv_open(arena, (struct xmltv_events){ &out, take_channel, take_programme }, NULL);
	const char *why = NULL;
	size_t at = 0, n = step < 60 ? 60 : step; /* the declaration comes in one piece */
	do {
		n = n < len - at ? n : len - at;
		why = xmltv_feed(x, text + at, n, at + n == len);
		at += n;
		n = step;
	} while (!why && at < len);
	if (why)
		buf_printf(&out, "broken: %s", why);
	return out.data;
}

static void
test_times(void)
{
	static const struct {
		const char *text;
		int64_t want; /* −1: no time */
	} cases[] = {
		{ "19700101000000", 0 }, { "20260301000000 +0000", 1772323200 }, { "20260301010000 +0100", 1772323200 },
		{ "20260301010000 +01:00", 1772323200 }, { "20260301010000+0100", 1772323200 }, { "20260228193000 -0430", 1772323200 },
		{ "20260301000000Z", 1772323200 }, { "20260301000000 UTC", 1772323200 }, { "202603010000", 1772323200 },
		{ "2026030100", 1772323200 }, { "20260301", 1772323200 }, { "20260301 +01", 1772319600 }, { "20260228240000", 1772323200 },
		{ "20240229", 1709164800 }, { "  20260301  ", 1772323200 },
		{ "20260229", -1 }, { "20261301", -1 }, { "20260300", -1 }, { "2026030", -1 }, { "20260301250000", -1 },
		{ "20260301006000", -1 }, { "20260301240001", -1 }, { "20260301000000 CET", -1 }, { "20260301000000 +1", -1 },
		{ "20260301000000 +0160", -1 }, { "20260301000000 +0100x", -1 }, { "", -1 }, { "now", -1 }, { "99990101", -1 },
		{ "-0260301", -1 }, { "202603010000000000", -1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t got = -1;
		if (!xmltv_time(cases[i].text, &got))
			got = -1;
		is_int(got, cases[i].want, arena_printf(arena, "time \"%s\"", cases[i].text));
	}
}

static void
test_episodes(void)
{
	static const struct {
		const char *scheme, *text;
		int season, episode;
	} cases[] = {
		{ "xmltv_ns", "0.4.0/1", 1, 5 }, { "xmltv_ns", " 2 / 10 . 11/20 . ", 3, 12 }, { "xmltv_ns", ".4.", 0, 5 },
		{ "xmltv_ns", "3..", 4, 0 }, { "xmltv_ns", "", 0, 0 }, { "xmltv_ns", "x", 0, 0 }, { "xmltv_ns", "999999999999.1", 0, 2 },
		{ "onscreen", "S01E05", 1, 5 }, { "onscreen", "s1 e5", 1, 5 }, { "onscreen", "S2, Ep. 7", 2, 7 }, { "onscreen", "1x05", 1, 5 },
		{ "onscreen", "E7", 0, 7 }, { "onscreen", "S03", 3, 0 }, { "onscreen", "Special", 0, 0 }, { "onscreen", "5", 0, 0 },
		{ "onscreen", "2026", 0, 0 }, { NULL, "S01E02", 1, 2 }, { "dd_progid", "EP01234567.0012", 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int season = 0, episode = 0;
		xmltv_episode(cases[i].scheme, cases[i].text, &season, &episode);
		ok(season == cases[i].season && episode == cases[i].episode,
		   arena_printf(arena, "episode \"%s\" is %d, %d", cases[i].text, season, episode));
	}
}

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tv>"
#define PROGRAMME(title) "<programme start=\"19700101\" channel=\"c\"><title>" title "</title></programme>"
#define GOT(title) "P2 c 0 " title "\n"

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "a channel", HEAD "<channel id=\" a \"><display-name> A </display-name><display-name>B</display-name></channel></tv>", "C2 a/A/B\n" },
	{ "a programme", HEAD PROGRAMME(" T ") "</tv>", GOT("T") },
	{ "markup inside a title", HEAD PROGRAMME("a <b>b</b> c") "</tv>", GOT("a b c") },
	{ "CDATA", HEAD PROGRAMME("<![CDATA[a & <b>]]>") "</tv>", GOT("a & <b>") },
	{ "escaped twice", HEAD PROGRAMME("a &amp;amp; b") "</tv>", GOT("a & b") },
	{ "entities of HTML", HEAD PROGRAMME("&Oslash;l &frac12;") "</tv>", GOT("Øl ½") },
	{ "entities of HTML in an attribute", HEAD "<channel id=\"&aring;\"/></tv>", "C2 å\n" },
	{ "an unknown entity", HEAD PROGRAMME("a&nosuch;b") "</tv>", GOT("ab") },
	{ "bytes of Latin-1 among UTF-8", HEAD PROGRAMME("\xc3\xa5\xe5 \x80 \xff") "</tv>", GOT("åå € ÿ") },
	{ "control characters", HEAD PROGRAMME("a\x01\x1f" "b") "</tv>", GOT("a b") },
	{ "a title of blanks", HEAD PROGRAMME("&nbsp; ") "</tv>", "P2 !there is no title\n" },
	{ "a title elsewhere", HEAD "<title>x</title><programme start=\"19700101\" channel=\"c\"><x><title>y</title></x></programme></tv>", "P2 !there is no title\n" },
	{ "no channel", HEAD "<programme start=\"19700101\"><title>x</title></programme></tv>", "P2 !there is no channel\n" },
	{ "a time that is none", HEAD "<programme start=\"\" channel=\"c\"><title>x</title></programme></tv>", "P2 !start: \"\" is no time\n" },
	{ "an empty guide", HEAD "</tv>", "" },
	{ "another format", "<rss/>", "broken: line 1: not XMLTV: the first element is not tv" },
	{ "text after the end", HEAD "</tv>x", "broken: line 2: something follows the end" },
	{ "cut off", HEAD PROGRAMME("x"), GOT("x") "broken: line 2: the file ends too early" },
	{ "nothing", "", "broken: the file holds no XML" },
};

static void
test_elements(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].text);
		is(read_bytes(cases[i].text, len, len + 1), cases[i].want, cases[i].name);
		is(read_bytes(cases[i].text, len, 1), cases[i].want, "  byte by byte");
	}
}

static void
test_limits(void)
{
	struct buf b = buf_new(arena);
	buf_puts(&b, HEAD "<programme start=\"19700101\" channel=\"c\"><title>");
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "å");
	buf_puts(&b, "</title>");
	for (int i = 0; i < 20; i++)
		buf_printf(&b, "<category>%d</category>", i);
	buf_puts(&b, "</programme></tv>");
	const char *got = read_bytes(b.data, b.len, 1000);
	is_int((int64_t)strlen(got), (int64_t)strlen("P2 c 0  cut 12\n") + 2 * XMLTV_MAX_TITLE, "a title is cut");
	ok(strstr(got, " cut 12\n") != NULL, "  and what was cut is counted");
}

/* Feeds begin, then n times more. NULL, or why no more is read. */
static const char *
feed_many(const char *begin, const char *more, int n)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a), some = buf_new(a);
	struct xmltv *x = xmltv_open(a, (struct xmltv_events){ &out, take_channel, take_programme }, NULL);
	const char *why = xmltv_feed(x, begin, strlen(begin), false);
	for (int i = 0; i < 1000; i++)
		buf_puts(&some, more);
	for (int i = 0; !why && i < n / 1000; i++)
		why = xmltv_feed(x, some.data, some.len, false);
	why = why ? arena_strdup(arena, why) : NULL;
	arena_free(a);
	return why;
}

static void
test_endless(void)
{
	static const struct {
		const char *name, *begin, *more;
	} elements[] = {
		{ "categories", HEAD "<programme start=\"19700101\" channel=\"c\">", "<category>&#228;</category>" },
		{ "names", HEAD "<channel id=\"c\">", "<display-name> </display-name>" },
		{ "pictures", HEAD "<channel id=\"c\">", "<icon src=\" &#228; \"/>" },
		{ "schemes", HEAD "<programme start=\"19700101\" channel=\"c\">", "<rating system=\"a\"/>" },
		{ "credits", HEAD "<programme start=\"19700101\" channel=\"c\"><credits>", "<actor role=\" \"/>" },
	};
	static const char *const tags[] = { "<!-- ", "<?x ", "<channel id=\"", "<channel x" };
	long before = peak_kib();
	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		is(feed_many(elements[i].begin, elements[i].more, 400000), NULL, arena_printf(arena, "%s without end", elements[i].name));
	long grown = (peak_kib() - before) / 1024;
	ok(grown < 30, arena_printf(arena, "take little memory: %ld MiB", grown));
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		is(feed_many(arena_printf(arena, HEAD "\n%s", tags[i]), "aaaa", 1000000), "line 3: a tag or comment of more than 1 MiB",
			arena_printf(arena, "%s without end is not waited for", tags[i]));
	is(feed_many(HEAD, "aaaa", 1000000), NULL, "text is");
}

int
main(void)
{
	arena = arena_new();
	test_endless(); /* first: others take more */
	test_times();
	test_episodes();
	test_elements();
	test_limits();
	arena_free(arena);
	return done();
}
