/* Everything is counted from the beginning of a run: whole rounds of its items by division, the
 * rest by walking one round. */
#include "banned.h"

#include "hls.h"

#include "json.h"

struct round {
	int64_t duration, segments;
};

static struct round
round_of(const struct hls_run *run)
{
	struct round all = { 0, 0 };
	for (int i = 0; i < run->n_items; i++) {
		all.segments += run->items[i].n;
		for (int k = 0; k < run->items[i].n; k++)
			all.duration += run->items[i].segments[k];
	}
	return all;
}

struct hls_place
hls_at(const struct hls_run *run, int64_t instant)
{
	struct round all = round_of(run);
	int64_t rounds = (instant - run->starts_at) / all.duration;
	struct hls_place p = { run->items, 0, run->starts_at + rounds * all.duration, 0,
		run->sequence + rounds * all.segments, run->discontinuity + rounds * run->n_items };
	for (;;) {
		p.ends_at = p.starts_at + p.item->segments[p.index];
		if (p.ends_at > instant)
			return p;
		p.starts_at = p.ends_at;
		p.sequence++;
		if (++p.index == p.item->n) {
			p.index = 0;
			p.item++;
			p.discontinuity++;
		}
	}
}

struct hls_place
hls_after(const struct hls_run *run, const struct hls_run *next, const struct hls_place *place)
{
	struct hls_place p = *place;
	if (next && next->starts_at <= place->ends_at)
		return hls_at(next, place->ends_at);
	p.sequence++;
	if (++p.index == p.item->n) {
		p.index = 0;
		p.discontinuity++;
		p.item = p.item + 1 == run->items + run->n_items ? run->items : p.item + 1;
	}
	p.starts_at = place->ends_at;
	p.ends_at = p.starts_at + p.item->segments[p.index];
	return p;
}

void
hls_follow(const struct hls_run *run, int64_t instant, struct hls_run *next)
{
	/* at least one segment of each run: no two have the same number */
	int64_t inside = instant > run->starts_at ? instant - 1 : run->starts_at;
	struct hls_place p = hls_at(run, inside);
	next->starts_at = p.ends_at;
	next->sequence = p.sequence + 1;
	next->discontinuity = p.discontinuity + 1;
}

/* ---- plans */

static const struct hls_span *
span_at(const struct hls_plan *plan, int64_t instant)
{
	for (size_t i = 0; i < plan->n_spans; i++)
		if (plan->spans[i].starts_at <= instant && plan->spans[i].ends_at > instant)
			return &plan->spans[i];
	return NULL;
}

static bool
shows(const struct hls_run *run, const struct hls_item *items, int n)
{
	if (run->n_items != n)
		return false;
	for (int i = 0; i < n; i++)
		if (strcmp(run->items[i].directory, items[i].directory))
			return false;
	return true;
}

/* The first instant after at where a span begins or ends. */
static int64_t
next_edge(const struct hls_plan *plan, int64_t at)
{
	int64_t edge = INT64_MAX;
	for (size_t i = 0; i < plan->n_spans; i++) {
		const struct hls_span *s = &plan->spans[i];
		if (s->starts_at > at && s->starts_at < edge)
			edge = s->starts_at;
		if (s->ends_at > at && s->ends_at < edge)
			edge = s->ends_at;
	}
	return edge;
}

bool
hls_plan_next(const struct hls_plan *plan, int64_t *at, struct hls_run *next)
{
	for (int64_t t = *at; t < plan->until; t = next_edge(plan, t)) {
		const struct hls_span *span = span_at(plan, t);
		next->items = span ? span->item : plan->items;
		next->n_items = span ? 1 : plan->n_items;
		*at = next_edge(plan, t);
		if (!plan->last) {
			/* Numbers of segments do not go back even if all that was known of them is lost. hls.js
			 * has lists by discontinuity: large ones cost it minutes. */
			*next = (struct hls_run){ t, t / 1000, 1, next->items, next->n_items };
			return true;
		}
		if ((span && span->starts_at == t) || !shows(plan->last, next->items, next->n_items)) {
			hls_follow(plan->last, t, next);
			return true;
		}
	}
	return false;
}

/* ---- playlists */

static const struct hls_rendition *
rendition(const struct hls_item *item, int variant)
{
	return &item->renditions[variant < item->n_renditions ? variant : item->n_renditions - 1];
}

static void
put_beginning(struct buf *b, const struct hls_place *at, const char *base, const char *directory)
{
	char time[32] = "";
	json_put_time(time, at->starts_at * 1000);
	if (!at->index)
		buf_puts(b, "#EXT-X-DISCONTINUITY\n");
	buf_printf(b, "#EXT-X-MAP:URI=\"%s/%s/init.mp4\"\n", base, directory);
	buf_printf(b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", time);
}

static void
put_header(struct buf *b, const struct hls_playlist *p, const struct hls_place *first)
{
	/* the number before that of the first segment, when that one carries a tag */
	int64_t discontinuity = first->discontinuity - (first->index ? 0 : 1);
	buf_printf(b,
		"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n"
		"#EXT-X-MEDIA-SEQUENCE:%lld\n#EXT-X-DISCONTINUITY-SEQUENCE:%lld\n%s"
		"#EXT-X-INDEPENDENT-SEGMENTS\n",
		HLS_TARGET, (long long)first->sequence, (long long)discontinuity,
		p->event ? "#EXT-X-PLAYLIST-TYPE:EVENT\n" : "");
}

void
hls_media_playlist(struct buf *b, const struct hls_playlist *p)
{
	const struct hls_run *run = p->runs, *end = p->runs + p->n_runs;
	const char *base = NULL, *directory = NULL;
	while (run + 1 < end && run[1].starts_at <= p->from)
		run++;
	struct hls_place at = hls_at(run, p->from > run->starts_at ? p->from : run->starts_at);
	put_header(b, p, &at);
	while (at.ends_at <= p->until) {
		if (!base || !at.index) {
			base = p->base(p->context, at.item);
			directory = rendition(at.item, p->variant)->directory;
			put_beginning(b, &at, base, directory);
		}
		int64_t length = at.ends_at - at.starts_at;
		buf_printf(b, "#EXTINF:%lld.%03lld,\n%s/%s/%05d.m4s\n", (long long)(length / 1000),
			(long long)(length % 1000), base, directory, at.index);
		const struct hls_run *next = run + 1 < end ? run + 1 : NULL;
		at = hls_after(run, next, &at);
		if (next && at.starts_at >= next->starts_at)
			run = next;
	}
	if (p->ended)
		buf_puts(b, "#EXT-X-ENDLIST\n");
}

int
hls_variants(const struct hls_item *items, int n_items)
{
	int most = 0;
	for (int i = 0; i < n_items; i++)
		if (items[i].n_renditions > most)
			most = items[i].n_renditions;
	return most;
}

void
hls_master_playlist(struct buf *b, const struct hls_item *items, int n_items)
{
	buf_puts(b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
	for (int v = 0; v < hls_variants(items, n_items); v++) {
		const struct hls_rendition *first = rendition(items, v);
		int bitrate = 0;
		bool same_size = true, same_codecs = true;
		for (int i = 0; i < n_items; i++) {
			const struct hls_rendition *r = rendition(&items[i], v);
			bitrate = r->bitrate > bitrate ? r->bitrate : bitrate;
			same_size &= r->width == first->width && r->height == first->height;
			same_codecs &= !strcmp(r->codecs, first->codecs);
		}
		buf_printf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d", bitrate);
		if (same_size)
			buf_printf(b, ",RESOLUTION=%dx%d", first->width, first->height);
		if (same_codecs)
			buf_printf(b, ",CODECS=\"%s\"", first->codecs);
		buf_printf(b, "\n%d.m3u8\n", v);
	}
}
