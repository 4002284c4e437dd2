/* Of several sounds in a language one is taken: they are all made stereo. */
#include "play-tracks.h"

static const struct kind {
	const char *name, *suffix;
} kinds[] = {
	[TRACK_PLAIN] = { "subtitles", "" },
	[TRACK_DESCRIBED] = { "described", " (audio description)" },
	[TRACK_CAPTIONS] = { "captions", " (captions)" },
	[TRACK_FORCED] = { "forced", " (forced)" },
};

const char *
track_kind_name(enum track_kind kind)
{
	return kinds[kind].name;
}

const char *
track_text(struct arena *a, const struct track *t)
{
	const char *language = t->language ? t->language : "?";
	return t->kind == TRACK_PLAIN ? language
								  : arena_printf(a, "%s %s", language, kinds[t->kind].name);
}

void
tracks_say(const struct source *in, const struct stream *s, const char *why)
{
	const char *language = *s->language ? s->language : "a language that it does not name";
	printf("%s: stream %d, %s in %s: %s\n", in->file, s->index, s->sound ? "sound" : "subtitles",
		language, why);
	fflush(stdout); /* hours before the rest */
}

/* ---- what a stream is */

static const char *
language_of(struct arena *a, const struct stream *s)
{
	char tag[LANGUAGE_MAX];
	return language_tag(s->language, tag) ? arena_strdup(a, tag) : NULL;
}

static enum track_kind
kind_of(const struct stream *s)
{
	if (s->sound)
		return s->described ? TRACK_DESCRIBED : TRACK_PLAIN;
	return s->forced ? TRACK_FORCED : s->captions ? TRACK_CAPTIONS : TRACK_PLAIN;
}

static bool
is_one_of(const char *codec, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(codec, *list))
			return true;
	return false;
}

/* NULL: it can be taken. */
static const char *
unfit(struct arena *a, const struct stream *s)
{
	static const char *const texts[] = { "subrip", "ass", "ssa", "mov_text", "webvtt", "text",
		NULL };
	static const char *const pictures[] = { "hdmv_pgs_subtitle", "dvb_subtitle", "dvd_subtitle",
		"xsub", NULL };
	if (!*s->codec)
		return "ffmpeg has no name for what it is, not taken";
	if (!s->sound && is_one_of(s->codec, pictures))
		return arena_printf(a, "pictures (%s), not taken", s->codec);
	if (!s->sound && !is_one_of(s->codec, texts))
		return arena_printf(a, "no text that is read (%s), not taken", s->codec);
	return s->comment ? "a commentary, not taken" : NULL;
}

static bool
same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* The one of its language and kind that is named as default, else the first. */
static const struct stream *
best_like(struct arena *a, const struct source *in, const struct stream *s)
{
	const struct stream *best = NULL, *end = in->streams + in->n_streams;
	const char *language = language_of(a, s);
	for (const struct stream *o = in->streams; language && o < end; o++) {
		bool like = o->sound == s->sound && kind_of(o) == kind_of(s) && !unfit(a, o) &&
			same(language, language_of(a, o));
		if (like && (!best || (o->is_default && !best->is_default)))
			best = o;
	}
	return best ? best : s;
}

/* ---- the lists */

const struct track *
tracks_find(const struct tracks *t, const char *language, enum track_kind kind)
{
	for (int i = 0; i < t->n_texts; i++)
		if (t->texts[i].kind == kind && same(t->texts[i].language, language))
			return &t->texts[i];
	return NULL;
}

static bool
is_used(const struct track *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (same(list[i].name, name))
			return true;
	return false;
}

/* What stands in quotes in a playlist. */
static bool
is_fit_title(const char *title)
{
	for (const char *c = title; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '"' || *c == 0x7f)
			return false;
	return *title && utf8_valid(title, strlen(title)) && utf8_length(title) <= 60;
}

/* After its language; where that is not known, after what the file calls it, or its place. */
static const char *
name_for(struct arena *a, const struct stream *s, const struct track *list, int n)
{
	const struct track *t = &list[n];
	const char *suffix = kinds[t->kind].suffix;
	if (t->language)
		return arena_printf(a, "%s%s", language_name(a, t->language), suffix);
	if (is_fit_title(s->title) && !is_used(list, n, s->title))
		return s->title;
	return arena_printf(a, "%s %d%s", s->sound ? "Sound" : "Subtitles", n + 1, suffix);
}

static void
take(struct arena *a, const struct stream *s, struct track *list, int *n)
{
	struct track *t = &list[*n];
	*t = (struct track){ .stream = s->index, .kind = kind_of(s), .language = language_of(a, s) };
	t->name = name_for(a, s, list, *n);
	t->directory = arena_printf(a, "%s-%d", s->sound ? "sound" : "subtitles", *n + 1);
	++*n;
}

/* The sound that is played unless another is chosen, and that channels have; NULL: none is. */
static const struct stream *
own_sound(struct arena *a, const struct source *in)
{
	const struct stream *best = NULL, *end = in->streams + in->n_streams;
	int most = -1;
	for (const struct stream *s = in->streams; s < end; s++) {
		int fit = 4 * !unfit(a, s) + 2 * !s->described + s->is_default;
		if (s->sound && fit > most) {
			most = fit;
			best = s;
		}
	}
	return best;
}

/* NULL: it is taken. */
static const char *
left_out(
	struct arena *a, const struct source *in, const struct stream *s, const struct tracks *out)
{
	const char *why = unfit(a, s);
	if (why)
		return why;
	if (!s->sound && tracks_find(out, language_of(a, s), kind_of(s)) && best_like(a, in, s) == s)
		return "a file is given instead, not taken";
	if (best_like(a, in, s) != s)
		return "another one of its language is taken, not this";
	if (s->sound ? out->n_sounds == SOUNDS_MAX : out->n_texts == TEXTS_MAX)
		return "there are too many, not taken";
	return NULL;
}

void
tracks_add(struct arena *a, const char *language, enum track_kind kind, const struct buf *text,
	struct tracks *out)
{
	const char *name = arena_printf(a, "%s%s", language_name(a, language), kinds[kind].suffix);
	struct track *t = &out->texts[out->n_texts++];
	*t = (struct track){ .stream = -1, .kind = kind, .language = language, .name = name,
		.text = text };
	t->directory = arena_printf(a, "subtitles-%d", out->n_texts);
}

void
tracks_choose(struct arena *a, const struct source *in, struct tracks *out)
{
	const struct stream *own = own_sound(a, in);
	if (own)
		take(a, own, out->sounds, &out->n_sounds);
	for (const struct stream *s = in->streams; s < in->streams + in->n_streams; s++) {
		if (s == own)
			continue;
		const char *why = left_out(a, in, s, out);
		if (why)
			tracks_say(in, s, why);
		else if (s->sound)
			take(a, s, out->sounds, &out->n_sounds);
		else
			take(a, s, out->texts, &out->n_texts);
	}
}
