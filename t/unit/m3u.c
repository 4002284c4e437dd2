/* Playlists: entries as they are handed out, whatever the size of the pieces that come in. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "m3u.h"
#include "tap.h"

static struct arena *arena;

static void
take(void *context, const struct m3u_entry *e)
{
	struct buf *b = context;
	buf_printf(b, "%zu:", e->line);
	if (e->why)
		buf_printf(b, "!%s", e->why);
	else
		buf_printf(b, "%s@%s", e->name, e->url);
	for (size_t i = 0; e->head && i < e->head->n && !e->why; i++)
		buf_printf(b, " #%s=%s", e->head->attributes[i].name, e->head->attributes[i].value ? e->head->attributes[i].value : "");
	for (size_t i = 0; i < e->n && !e->why; i++)
		buf_printf(b, " %s=%s", e->attributes[i].name, e->attributes[i].value ? e->attributes[i].value : "");
	buf_putc(b, '\n');
}

static const char *
read_in(const char *text, size_t step)
{
	struct buf out = buf_new(arena);
	struct m3u *m = m3u_open(arena, (struct m3u_events){ &out, take });
	const char *why = NULL;
	size_t len = strlen(text);
	for (size_t at = 0; !why && at <= len; at += step) {
		size_t n = len - at < step ? len - at : step;
		why = m3u_feed(m, text + at, n, at + step > len);
	}
	if (why)
		buf_printf(&out, "broken: %s", why);
	return out.data;
}

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "an entry", "#EXTM3U\n#EXTINF:-1 tvg-id=\"a\",One\nhttps://x/1\n", "2:One@https://x/1 tvg-id=a\n" },
	{ "attributes of all", "#EXTM3U a=\"b, c\" d=e\n#EXTINF:-1 a=1,One\nhttps://x/1\n#EXTINF:-1,Two\nhttps://x/2\n",
	  "2:One@https://x/1 #a=b, c #d=e a=1\n4:Two@https://x/2 #a=b, c #d=e\n" },
	{ "CRLF, BOM, empty lines", "\xef\xbb\xbf#EXTM3U\r\n\r\n#EXTINF:-1,One\r\n\r\nhttps://x/1\r\n", "3:One@https://x/1\n" },
	{ "no last line end", "#EXTM3U\n#EXTINF:-1,One\nhttps://x/1", "2:One@https://x/1\n" },
	{ "no quotes", "#EXTM3U\n#EXTINF:0 tvg-id=a group-title=News,One\nhttp://x/1\n", "2:One@http://x/1 tvg-id=a group-title=News\n" },
	{ "commas", "#EXTM3U\n#EXTINF:-1 group-title=\"a, b\",One, two\nhttp://x/1\n", "2:One, two@http://x/1 group-title=a, b\n" },
	{ "quotes inside", "#EXTM3U\n#EXTINF:-1 tvg-name=\"A \"b\" c\" tvg-id=\"d\",\"E\"\nhttp://x/1\n", "2:\"E\"@http://x/1 tvg-name=A \"b\" c tvg-id=d\n" },
	{ "a quote that is not closed", "#EXTM3U\n#EXTINF:-1 tvg-id=\"a,One\nhttp://x/1\n", "2:!there is no name\n" },
	{ "no name but tvg-name", "#EXTM3U\n#EXTINF:-1 tvg-name=\"A\",\nhttp://x/1\n", "2:A@http://x/1 tvg-name=A\n" },
	{ "a group of its own line", "#EXTM3U\n#EXTINF:-1,One\n#EXTGRP:News\nhttp://x/1\n#EXTINF:-1,Two\nhttp://x/2\n",
	  "2:One@http://x/1 group-title=News\n5:Two@http://x/2\n" },
	{ "options", "#EXTM3U\n#EXTINF:-1,One\n#EXTVLCOPT:a=b\nhttp://x/1|User-Agent=x\n", "2:One@http://x/1\n" },
	{ "Latin-1", "#EXTM3U\n#EXTINF:-1,Bl\xe5\nhttp://x/1\n", "2:Bl\xc3\xa5@http://x/1\n" },
	{ "no address", "#EXTM3U\n#EXTINF:-1,One\n#EXTINF:-1,Two\nhttp://x/2\n#EXTINF:-1,Three\n",
	  "2:!there is no address\n3:Two@http://x/2\n5:!there is no address\n" },
	{ "addresses of other kinds", "#EXTM3U\n#EXTINF:-1,One\nrtmp://x/1\n#EXTINF:-1,Two\nfile:///etc/passwd\n",
	  "2:!the address is neither http nor https\n4:!the address is neither http nor https\n" },
	{ "a scheme in capitals", "#EXTM3U\n#EXTINF:-1,One\nHTTPS://X/1\n", "2:One@https://X/1\n" },
	{ "addresses without a host", "#EXTM3U\n#EXTINF:-1,One\nhttp://\n#EXTINF:-1,Two\nhttps://?a\n#EXTINF:-1,Three\nhttp:///x\n",
	  "2:!the address names no host\n4:!the address names no host\n6:!the address names no host\n" },
	{ "an address beyond ASCII", "#EXTM3U\n#EXTINF:-1,One\nhttp://x/\xc3\xa5\xe2\x80\x83" "1\n", "2:One@http://x/%C3%A5%E2%80%83" "1\n" },
	{ "an address alone", "#EXTM3U\nhttp://x/1\n", "2:!there is no #EXTINF before it\n" },
	{ "CR alone", "#EXTM3U\r#EXTINF:-1,One\rhttp://x/1\r", "broken: its lines end in CR alone, not in LF or CRLF" },
	{ "UTF-16", "\xff\xfe#.E.X.T.", "broken: UTF-16; only UTF-8 is read" },
	{ "another format", "#EXT\nhttp://x/1\n", "broken: not a playlist: it does not begin with #EXTM3U" },
	{ "nothing", "", "broken: the file is empty" },
	{ "a stream", "#EXTM3U\n#EXT-X-TARGETDURATION:6\n", "broken: the playlist of one stream, not of channels" },
};

static void
ignore(void *context, const struct m3u_entry *e)
{
	(void)context, (void)e;
}

static void
test_endless(void)
{
	static const char *const lines[] = { "#EXTINF:-1,\n#\n", "#EXTGRP: a \n", "#EXTINF:-1,One\n", "#EXTVLCOPT:a=b\n", "rtmp://x/1\n" };
	long before = peak_kib();
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct arena *a = arena_new();
		struct m3u *m = m3u_open(a, (struct m3u_events){ NULL, ignore });
		const char *why = m3u_feed(m, "#EXTM3U\n#EXTINF:-1,One\n", 23, false);
		for (int n = 0; !why && n < 400000; n++)
			why = m3u_feed(m, lines[i], strlen(lines[i]), false);
		is(why, NULL, arena_printf(arena, "many times %.9s", lines[i]));
		arena_free(a);
	}
	long grown = (peak_kib() - before) / 1024;
	ok(grown < 10, arena_printf(arena, "take little memory: %ld MiB", grown));
}

int
main(void)
{
	arena = arena_new();
	test_endless(); /* first: others take more */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		is(read_in(cases[i].text, 100000), cases[i].want, cases[i].name);
		is(read_in(cases[i].text, 1), cases[i].want, "  byte by byte");
	}
	struct buf b = buf_new(arena);
	buf_puts(&b, "#EXTM3U\n#EXTINF:-1,One\nhttp://x/");
	for (int i = 0; i < M3U_MAX_LINE; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\n#EXTINF:-1,Two\nhttp://x/2\n");
	const char *got = read_in(b.data, 1000);
	ok(strncmp(got, "2:!", 3) == 0 && strstr(got, "\n4:Two@http://x/2\n"), "a line that is too long");
	arena_free(arena);
	return done();
}
