/* Templates of addresses: which are any, how they are filled in, and what playlists call them. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "catchup.h"
#include "tap.h"

static struct arena *arena;

/* 2026-03-09 05:06:07 UTC; 25 minutes and 30 seconds of it, two hours later */
static const struct catchup_time over = { 1773032767, 1773032767 + 1530, 1773032767 + 7200 };
/* five and a half minutes after its start */
static const struct catchup_time running = { 1773032767, 1773032767 + 1800, 1773032767 + 330 };

static const struct {
	const char *template, *over, *running;
} filled[] = {
	{ "{utc}", "1773032767", "1773032767" },
	{ "{utcend}", "1773034297", "1773033097" },
	{ "{lutc}", "1773039967", "1773033097" },
	{ "{Y}-{m}-{d}:{H}-{M}.{S}", "2026-03-09:05-06.07", "2026-03-09:05-06.07" },
	{ "{utc:YmdHMS}", "20260309050607", "20260309050607" },
	{ "{utc:Y-m-dTH:M:SZ}", "2026-03-09T05:06:07Z", "2026-03-09T05:06:07Z" },
	{ "{utcend:HMS}", "053137", "051137" },
	{ "{lutc:d_H.M}", "09_07.06", "09_05.11" },
	{ "{duration}", "1530", "330" },
	{ "{duration:60}", "26", "5" },
	{ "{duration:3600}", "1", "1" },
	{ "{durationfs}", "1530", "now" },
	{ "{offset}", "7200", "330" },
	{ "{offset:1}", "7200", "330" },
	{ "{offset:60}", "120", "5" },
	{ "%7Bx%00", "%7Bx%00", "%7Bx%00" },
};

static void
test_fill(void)
{
	for (size_t i = 0; i < sizeof filled / sizeof *filled; i++) {
		const char *template = arena_printf(arena, "https://x/?{utc}{H}-%s-", filled[i].template);
		is(catchup_check(template), NULL, template);
		is(catchup_fill(arena, template, over), arena_printf(arena, "https://x/?177303276705-%s-", filled[i].over), "  of what is over");
		is(catchup_fill(arena, template, running), arena_printf(arena, "https://x/?177303276705-%s-", filled[i].running), "  and what runs");
	}
	struct catchup_time begun = { 1773032767, 1773032767 + 1800, 1773032767 + 31 };
	is(catchup_fill(arena, "http://x/{duration:60}", begun), "http://x/1", "a whole unit at least");
}

/* Of each a beginning of what is wrong with it; NULL: nothing is. */
static const struct {
	const char *template, *wrong;
} checked[] = {
	{ "http://x/{utc}", NULL },
	{ "https://user:pass@x:8080/a/{utc}.m3u8?b={lutc}#c", NULL },
	{ "https://x?{H}", NULL },
	{ "https://x/{offset:86400}", NULL },
	{ "", "must be an http" },
	{ "x/{utc}", "must be an http" },
	{ "ftp://x/{utc}", "must be an http" },
	{ "javascript:alert({utc})", "must be an http" },
	{ "HTTPS://x/{utc}", "must be an http" },
	{ "https://", "must be an http or https address that names its host" },
	{ "https:///{utc}", "must be an http or https address that names its host" },
	{ "https://{utc}/", "must be an http or https address that names its host" },
	{ "https://x{utc}.y/", "must be an http or https address that names its host" },
	{ "https://x/", "must say when" },
	{ "https://x/{duration}{lutc}{utcend}{Y}{m}{d}", "must say when" },
	{ "https://x/{utc} ", "must be an address of ASCII" },
	{ "https://x/\n{utc}", "must be an address of ASCII" },
	{ "https://x/\x7f{utc}", "must be an address of ASCII" },
	{ "https://x/\x01{utc}", "must be an address of ASCII" },
	{ "https://x/\xc3\xa5{utc}", "must be an address of ASCII" },
	{ "https://x/\"{utc}", "must be an address of ASCII" },
	{ "https://x/{utc}|User-Agent=x", "must be an address of ASCII" },
	{ "https://x/{utc", "must have no braces" },
	{ "https://x/{utc}}", "must have no braces" },
	{ "https://x/{{utc}}", "must have no braces" },
	{ "https://x/{utc{utc}}", "must have no braces" },
	{ "https://x/{}{utc}", "must have no braces" },
	{ "https://x/{start}", "must have no braces" },
	{ "https://x/{UTC}", "must have no braces" },
	{ "https://x/{utc:}", "must have no braces" },
	{ "https://x/{utc:Q}", "must have no braces" },
	{ "https://x/{utc:Y Y}", "must have no braces" },
	{ "https://x/{utc:Y:60}", "must have no braces" },
	{ "https://x/{utc:YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY}", "must have no braces" },
	{ "https://x/{Y:1}{utc}", "must have no braces" },
	{ "https://x/{durationfs:60}{utc}", "must have no braces" },
	{ "https://x/{offset:0}", "must have no braces" },
	{ "https://x/{offset:-1}", "must have no braces" },
	{ "https://x/{offset:1.5}", "must have no braces" },
	{ "https://x/{offset:}", "must have no braces" },
	{ "https://x/{offset:86401}", "must have no braces" },
	{ "https://x/{offset:99999999999999999999}", "must have no braces" },
	{ "https://x/{catchup-id}{utc}", "must have no braces" },
};

static void
test_check(void)
{
	for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
		const char *wrong = catchup_check(checked[i].template), *want = checked[i].wrong;
		ok(want ? wrong && !strncmp(wrong, want, strlen(want)) : !wrong,
			arena_printf(arena, "template %zu: %s", i, want ? want : "good"));
	}
	struct buf b = buf_new(arena);
	buf_puts(&b, "https://x/{utc}");
	while (b.len < CATCHUP_MAX)
		buf_putc(&b, 'x');
	is(catchup_check(b.data), NULL, "as long as may be");
	buf_putc(&b, 'x');
	is(catchup_check(b.data), "must have at most 2000 characters", "  and longer");
	b.len = strlen("https://x/");
	while (b.len < CATCHUP_MAX - 5)
		buf_puts(&b, "{utc:YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY}");
	b.data[10 + 46 * 43] = 0;
	is(catchup_check(b.data), NULL, "one that grows");
	is_int(strlen(catchup_fill(arena, b.data, over)), 10 + 43 * 160, "  to what it says");
}

#define LIVE "https://x/live/me/secret/7.m3u8"
static const struct {
	const char *name;
	struct catchup_words said;
	const char *template, *why;
} modes[] = {
	{ "nothing", { .url = LIVE } },
	{ "none", { "none", "?{utc}", NULL, LIVE } },
	{ "disabled", { "DISABLED", NULL, NULL, LIVE } },
	{ "default", { "default", "http://y/{utc}-{duration}.m3u8", NULL, LIVE }, "http://y/{utc}-{duration}.m3u8" },
	{ "  in other letters", { "Default", "HTTP://Y/{utc}", NULL, LIVE }, "http://Y/{utc}" },
	{ "  a query only", { "default", "?a={utc}", NULL, LIVE }, LIVE "?a={utc}" },
	{ "  a part of a path", { "default", "a-{utc}.m3u8", NULL, LIVE }, NULL, "no catchup-source that is an address" },
	{ "  without one", { "default", NULL, NULL, LIVE }, NULL, "no catchup-source that is an address" },
	{ "append", { "append", "?utc=${start}&lutc=${timestamp}", NULL, LIVE }, LIVE "?utc={utc}&lutc={lutc}" },
	{ "  with a whole address", { "append", "https://y/{utc}", NULL, LIVE }, "https://y/{utc}" },
	{ "  without one", { "append", NULL, NULL, LIVE }, NULL, "no catchup-source that is an address" },
	{ "no mode, but a query", { NULL, "&t={Y}-{m}-{d}-{H}-{M}-{S}", NULL, LIVE "?a" }, LIVE "?a&t={Y}-{m}-{d}-{H}-{M}-{S}" },
	{ "no mode, but an address", { NULL, "https://y/{utc}", NULL, LIVE }, "https://y/{utc}" },
	{ "shift", { "shift", NULL, NULL, LIVE }, LIVE "?utc={utc}&lutc={lutc}" },
	{ "  to a query", { "shift", "?what", NULL, LIVE "?token=1" }, LIVE "?token=1&utc={utc}&lutc={lutc}" },
	{ "timeshift", { "timeshift", NULL, NULL, LIVE }, LIVE "?utc={utc}&lutc={lutc}" },
	{ "flussonic", { "flussonic", NULL, NULL, "http://x:80/a/b/index.m3u8?token=1" }, "http://x:80/a/b/archive-{utc}-{durationfs}.m3u8?token=1" },
	{ "  video", { "fs", NULL, NULL, "http://x/a/video.m3u8" }, "http://x/a/video-{utc}-{durationfs}.m3u8" },
	{ "  mono", { "flussonic-hls", NULL, NULL, "http://x/a/mono.m3u8" }, "http://x/a/mono-{utc}-{durationfs}.m3u8" },
	{ "  playlist", { "flussonic", NULL, NULL, "http://x/a/playlist.m3u8" }, "http://x/a/archive-{utc}-{durationfs}.m3u8" },
	{ "  mpegts", { "flussonic-ts", NULL, NULL, "http://x/a/mpegts?token=1" }, "http://x/a/timeshift_abs-{utc}.ts?token=1" },
	{ "  of another name", { "fs", NULL, NULL, "http://x/a/b.m3u8" }, NULL, "a stream's address of another kind" },
	{ "  of another type", { "fs", NULL, NULL, "http://x/a/index.mpd" }, NULL, "a stream's address of another kind" },
	{ "  of a host alone", { "fs", NULL, NULL, "http://mpegts" }, NULL, "an unknown placeholder, or no address" },
	{ "  that says where", { "fs", "http://y/{utc}", NULL, "http://x/a/b" }, "http://y/{utc}" },
	{ "xc", { "xc", NULL, NULL, LIVE }, "https://x/timeshift/me/secret/{duration:60}/{Y}-{m}-{d}:{H}-{M}/7.m3u8" },
	{ "  of a transport stream", { "XC", NULL, NULL, "http://x:8080/me@y/secret/7" }, "http://x:8080/timeshift/me@y/secret/{duration:60}/{Y}-{m}-{d}:{H}-{M}/7.ts" },
	{ "  of a longer path", { "xc", NULL, NULL, "http://x/a/b/c/7.ts" }, NULL, "a stream's address of another kind" },
	{ "  of a shorter one", { "xc", NULL, NULL, "http://x/b/7.ts" }, NULL, "a stream's address of another kind" },
	{ "  with a query", { "xc", NULL, NULL, LIVE "?a=1" }, NULL, "a stream's address of another kind" },
	{ "  of a host alone", { "xc", NULL, NULL, "http://x" }, NULL, "a stream's address of another kind" },
	{ "  of empty parts", { "xc", NULL, NULL, "http://x///7" }, NULL, "a stream's address of another kind" },
	{ "vod", { "vod", "http://y/{utc}", NULL, LIVE }, "http://y/{utc}" },
	{ "  by the programme's own id", { "vod", NULL, NULL, LIVE }, NULL, "no catchup-source that is an address" },
	{ "  in an address", { "vod", "http://y/{catchup-id}/{utc}", NULL, LIVE }, NULL, "an unknown placeholder, or no address" },
	{ "another mode", { "replay", "http://y/{utc}", NULL, LIVE }, NULL, "an unknown mode" },
	{ "all the words", { "default", "http://y/${utc}${start}{start}${utcend}${end}{end}${lutc}{now}${now}${timestamp}${duration}{duration:60}${offset:60}{utc:YmdHMS}${end:Y-m}", NULL, LIVE },
	  "http://y/{utc}{utc}{utc}{utcend}{utcend}{utcend}{lutc}{lutc}{lutc}{lutc}{duration}{duration:60}{offset:60}{utc:YmdHMS}{utcend:Y-m}" },
	{ "times in words of one player", { "append", "?playseek=${(b)yyyyMMddHHmmss}", NULL, LIVE }, NULL, "an unknown placeholder, or no address" },
	{ "options of players", { "append", "?{utc}|User-Agent=x", NULL, LIVE }, LIVE "?{utc}" },
	{ "beyond ASCII", { "append", "?\xc3\xa5={utc}$", NULL, LIVE }, LIVE "?%C3%A5={utc}$" },
	{ "a blank", { "append", "?a b={utc}", NULL, LIVE }, NULL, "an unknown placeholder, or no address" },
	{ "a line break", { "default", "http://y/\r\nSet-Cookie:{utc}", NULL, LIVE }, NULL, "an unknown placeholder, or no address" },
	{ "nothing of the time", { "default", "http://y/", NULL, LIVE }, NULL, "an unknown placeholder, or no address" },
	{ "an address of another scheme", { "default", "rtmp://y/{utc}", NULL, LIVE }, NULL, "no catchup-source that is an address" },
	{ "braces in the stream's address", { "shift", NULL, NULL, "http://x/{a}" }, NULL, "an unknown placeholder, or no address" },
	{ "a correction of nothing", { "shift", NULL, "-0.0", LIVE }, LIVE "?utc={utc}&lutc={lutc}" },
	{ "a correction", { "shift", NULL, "-2.5", LIVE }, NULL, "a catchup-correction" },
};

static void
test_modes(void)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		const char *template;
		is(catchup_of_playlist(arena, &modes[i].said, &template), modes[i].why, modes[i].name);
		is(template, modes[i].template, "  its template");
	}
}

int
main(void)
{
	arena = arena_new();
	test_fill();
	test_check();
	test_modes();
	arena_free(arena);
	return done();
}
