/* The arithmetic of channels: every segment has one number and one place in time, whenever and by
 * whomever it is asked for. */
#include "banned.h"

#include "arena.h"
#include "hls.h"
#include "tap.h"

enum { MAX_RUNS = 16 };

static struct arena *arena;

static const int three[] = { 4000, 4000, 1500 }; /* 9.5 s */
static const int two[] = { 6000, 2000 }; /* 8 s */
static const int one[] = { 5000 };

#define BOTH { { "180p", 320, 180, 60000, "x" }, { "360p", 640, 360, 130000, "x" } }, 2
static const struct hls_item items[] = {
	{ "a", three, 3, BOTH },
	{ "b", two, 2, { { "240p", 426, 240, 90000, "y" } }, 1 },
};
static const struct hls_item other = { "c", one, 1, BOTH };

static void
test_place(void)
{
	struct hls_run run = { 1000, 100, 7, items, 2 };
	struct hls_place p = hls_at(&run, 1000);
	is_int(p.sequence, 100, "the first segment has the run's number");
	is_int(p.discontinuity, 7, "and its discontinuity");
	p = hls_at(&run, 4999);
	is_int(p.sequence, 100, "until it ends");
	p = hls_at(&run, 5000);
	is_int(p.sequence, 101, "then comes the next");
	p = hls_at(&run, 10500);
	ok(p.item == &items[1] && p.index == 0, "the second item follows the first");
	is_int(p.sequence, 103, "the numbers go on");
	is_int(p.discontinuity, 8, "with a discontinuity");
	p = hls_at(&run, 1000 + 17500);
	ok(p.item == &items[0] && p.index == 0, "then it begins again");
	is_int(p.sequence, 105, "the numbers go on");
	is_int(p.discontinuity, 9, "with a discontinuity");
	p = hls_at(&run, 1000 + 17500LL * 1000000 + 9500 + 6000);
	is_int(p.sequence, 100 + 5LL * 1000000 + 4, "a million rounds later");
	is_int(p.discontinuity, 7 + 2LL * 1000000 + 1, "likewise");
	is_int(p.starts_at, 1000 + 17500LL * 1000000 + 15500, "at its time");
}

/* Walking and jumping come to the same place. */
static void
test_walk(void)
{
	struct hls_run run = { 500, 10, 3, items, 2 };
	struct hls_place p = hls_at(&run, 500);
	int wrong = 0;
	for (int i = 0; i < 200; i++) {
		struct hls_place next = hls_after(&run, NULL, &p), jump = hls_at(&run, p.ends_at);
		wrong += memcmp(&next, &jump, sizeof next) != 0;
		wrong += next.starts_at != p.ends_at || next.sequence != p.sequence + 1;
		p = next;
	}
	is_int(wrong, 0, "200 segments without a gap, by walking and by jumping");
}

static void
test_follow(void)
{
	struct hls_run run = { 0, 100, 7, items, 2 }, next = { .items = &other, .n_items = 1 };
	hls_follow(&run, 4000, &next);
	is_int(next.starts_at, 4000, "where a segment ends anyway");
	is_int(next.sequence, 101, "its number is free");
	hls_follow(&run, 4001, &next);
	is_int(next.starts_at, 8000, "else at the end of the one that is on");
	is_int(next.sequence, 102, "whose number is used");
	is_int(next.discontinuity, 8, "a discontinuity");
	hls_follow(&run, -5000, &next);
	is_int(next.starts_at, 4000, "a run has one segment at least");
	hls_follow(&run, 17500, &next);
	is_int(next.discontinuity, 9, "after the second item");
}

static const struct hls_span spans[] = {
	{ 60000, 90000, &other },
	{ 90000, 100000, &other },
	{ 130000, 140000, &items[1] },
};

/* Plans [from, until) in steps; the runs that come of it. */
static int
plan_runs(int64_t from, int64_t until, int64_t step, struct hls_run *runs)
{
	int n = 0;
	memset(runs, 0, MAX_RUNS * sizeof *runs);
	for (int64_t at = from; at < until; at += step) {
		int64_t end = at + step < until ? at + step : until, edge = at;
		struct hls_plan p = { n ? &runs[n - 1] : NULL, at, end, spans, 3, items, 2 };
		while (hls_plan_next(&p, &edge, &runs[n])) {
			p.last = &runs[n];
			n++;
		}
	}
	return n;
}

static void
test_plan(void)
{
	struct hls_run runs[MAX_RUNS], again[MAX_RUNS];
	int n = plan_runs(50000, 200000, 150000, runs), m;
	is_int(n, 6, "list, two programmes, list, programme, list");
	is_int(runs[0].sequence, 50, "the first number is the second it begins at");
	ok(runs[1].items == &other && runs[2].items == &other, "each programme is a run");
	ok(runs[1].starts_at >= 60000 && runs[1].starts_at < 66000, "it begins with a segment");
	ok(runs[3].items == items && runs[3].n_items == 2, "between programmes there is the list");
	for (int64_t step = 700; step < 40000; step = step * 2 + 300) {
		m = plan_runs(50000, 200000, step, again);
		ok(m == n && !memcmp(runs, again, (size_t)n * sizeof *runs),
			arena_printf(arena, "planned in steps of %d ms, the same", (int)step));
	}
}

static const char *
base(void *context, const struct hls_item *item)
{
	(void)context;
	return arena_printf(arena, "/m/%s", item->directory);
}

static char *
playlist(const struct hls_run *runs, int n, int64_t from, int64_t until, int variant)
{
	struct buf b = buf_new(arena);
	struct hls_playlist p = { runs, n, variant, from, until, .base = base };
	hls_media_playlist(&b, &p);
	return b.data;
}

static void
test_playlist(void)
{
	struct hls_run runs[] = { { 0, 100, 7, items, 2 }, { .items = &other, .n_items = 1 } };
	hls_follow(&runs[0], 20000, &runs[1]);
	is(playlist(runs, 2, 9000, 28000, 1),
		"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:102\n"
		"#EXT-X-DISCONTINUITY-SEQUENCE:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
		"#EXT-X-MAP:URI=\"/m/a/360p/init.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:08Z\n"
		"#EXTINF:1.500,\n/m/a/360p/00002.m4s\n"
		"#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"/m/b/240p/init.mp4\"\n"
		"#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:09.500000Z\n"
		"#EXTINF:6.000,\n/m/b/240p/00000.m4s\n#EXTINF:2.000,\n/m/b/240p/00001.m4s\n"
		"#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"/m/a/360p/init.mp4\"\n"
		"#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:17.500000Z\n#EXTINF:4.000,\n/m/a/360p/00000.m4s\n"
		"#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"/m/c/360p/init.mp4\"\n"
		"#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:21.500000Z\n#EXTINF:5.000,\n/m/c/360p/00000.m4s\n",
		"an item's end, an item of one rendition, a round, the next run");
	ok(strstr(
		   playlist(runs, 2, 9500, 28000, 0), "-SEQUENCE:103\n#EXT-X-DISCONTINUITY-SEQUENCE:7\n"),
		"a first segment with a tag counts from the one before");
}

/* What any two playlists say of a segment is the same: number, discontinuity, address, time. */
static void
test_reloads(void)
{
	enum { FIRST = 50, SEGMENTS = 400 };
	struct hls_run runs[MAX_RUNS];
	char *seen[SEGMENTS] = { NULL };
	int n = plan_runs(50000, 200000, 150000, runs), different = 0, back = 0;
	int64_t newest = 0, oldest = 0;
	for (int64_t now = 50000; now < 900000; now += 777) {
		int64_t from = now - 60000 < 50000 ? 50000 : now - 60000, sequence, discontinuity, first;
		char *text = playlist(runs, n, from, now, 0), *line, *rest;
		first = sequence = strtoll(strstr(text, "MEDIA-SEQUENCE:") + 15, NULL, 10);
		discontinuity = strtoll(strstr(text, "DISCONTINUITY-SEQUENCE:") + 23, NULL, 10);
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
			discontinuity += !strcmp(line, "#EXT-X-DISCONTINUITY");
			if (*line != '/')
				continue;
			char *is_now = arena_printf(arena, "%lld %s", (long long)discontinuity, line);
			char **was = &seen[sequence++ - FIRST];
			different += *was && strcmp(*was, is_now) != 0;
			*was = is_now;
		}
		back += first < oldest || sequence < newest;
		oldest = first;
		newest = sequence;
	}
	is_int(different, 0, "a segment keeps number, address and discontinuity");
	is_int(back, 0, "numbers never go back");
	ok(newest > 200, "over many segments");
}

static void
test_master(void)
{
	struct buf b = buf_new(arena);
	hls_master_playlist(&b, items, 2);
	is(b.data,
		"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
		"#EXT-X-STREAM-INF:BANDWIDTH=90000\n0.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=130000\n1.m3u8\n",
		"the most of any item; sizes that differ are not told");
	b.len = 0;
	hls_master_playlist(&b, items, 1);
	ok(strstr(b.data, "BANDWIDTH=60000,RESOLUTION=320x180,CODECS=\"x\"\n0.m3u8\n"),
		"else they are");
}

int
main(void)
{
	arena = arena_new();
	test_place();
	test_walk();
	test_follow();
	test_plan();
	test_playlist();
	test_reloads();
	test_master();
	arena_free(arena);
	return done();
}
