/* A single sound is in the pictures' segments, and not named: players have no choice to offer. Of
 * several each has its own. Subtitles are never on by themselves, but for forced ones, which
 * players show by that name when the sound is of their language. */
#include "play-master.h"

#include "play-files.h"

static const char *const characteristics[] = {
	[TRACK_PLAIN] = NULL,
	[TRACK_DESCRIBED] = "public.accessibility.describes-video",
	[TRACK_CAPTIONS] = "public.accessibility.transcribes-spoken-dialog,"
					   "public.accessibility.describes-music-and-sound",
	[TRACK_FORCED] = NULL,
};

/* Of one language, kind and group there is one, so any may be selected by its language. */
static void
put_media(
	struct buf *b, const char *type, const char *group, const struct track *t, bool is_default)
{
	bool selectable = is_default || t->language;
	buf_printf(b, "#EXT-X-MEDIA:TYPE=%s,GROUP-ID=\"%s\",NAME=\"%s\"", type, group, t->name);
	if (t->language)
		buf_printf(b, ",LANGUAGE=\"%s\"", t->language);
	buf_puts(b, is_default ? ",DEFAULT=YES" : ",DEFAULT=NO");
	buf_puts(b, selectable ? ",AUTOSELECT=YES" : ",AUTOSELECT=NO");
	if (t->kind == TRACK_FORCED)
		buf_puts(b, ",FORCED=YES");
	if (characteristics[t->kind])
		buf_printf(b, ",CHARACTERISTICS=\"%s\"", characteristics[t->kind]);
	if (!strcmp(type, "AUDIO"))
		buf_puts(b, ",CHANNELS=\"2\"");
	buf_printf(b, ",URI=\"%s/index.m3u8\"\n", t->directory);
}

static void
put_variant(struct buf *b, const struct encoded_rendition *r, const struct tracks *t)
{
	bool apart = t->n_sounds > 1;
	int sound = 0;
	for (int i = 0; i < t->n_sounds; i++)
		if (t->sounds[i].bitrate > sound)
			sound = t->sounds[i].bitrate;
	buf_printf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=\"%s\"",
		apart ? r->pictures + sound : r->bitrate, r->width, r->height, r->codecs);
	buf_puts(b, apart ? ",AUDIO=\"sound\"" : "");
	buf_puts(b, t->n_texts ? ",SUBTITLES=\"subtitles\"" : "");
	buf_printf(b, "\n%s/%s.m3u8\n", r->name, apart ? "video" : "index");
}

bool
master_write(struct arena *a, const char *dir, const struct encoded *e)
{
	struct buf b = buf_new(a);
	const struct tracks *t = &e->tracks;
	buf_puts(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
	for (int i = 0; i < t->n_sounds && t->n_sounds > 1; i++)
		put_media(&b, "AUDIO", "sound", &t->sounds[i], i == 0);
	for (int i = 0; i < t->n_texts; i++)
		put_media(&b, "SUBTITLES", "subtitles", &t->texts[i], false);
	for (int i = 0; i < e->n; i++)
		put_variant(&b, &e->renditions[i], t);
	return files_write(arena_printf(a, "%s/master.m3u8", dir), &b);
}
