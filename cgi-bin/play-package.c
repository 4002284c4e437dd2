/* Documents of content.package, and a line for whoever made it. */
#include "play-package.h"

const char *
package_segments(struct arena *a, const struct encoded *e)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < e->n_segments; i++)
		buf_printf(&b, "%c%d", i ? ',' : '{', e->segments[i]);
	buf_putc(&b, '}');
	return b.data;
}

const char *
package_renditions(struct arena *a, const struct encoded *e)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < e->n; i++) {
		const struct encoded_rendition *r = &e->renditions[i];
		buf_printf(&b,
			"%c{\"path\":\"%s/index.m3u8\",\"width\":%d,\"height\":%d,\"bitrate\":%d,"
			"\"codecs\":\"%s\"}",
			i ? ',' : '[', r->name, r->width, r->height, r->bitrate, r->codecs);
	}
	buf_putc(&b, ']');
	return b.data;
}

const char *
package_subtitles(struct arena *a, const struct encoded *e)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < e->tracks.n_texts; i++) {
		const struct track *t = &e->tracks.texts[i];
		buf_printf(&b, "%c{\"kind\":\"%s\",\"path\":\"%s/subtitles.vtt\"", i ? ',' : '[',
			track_kind_name(t->kind), t->directory);
		if (t->language)
			buf_printf(&b, ",\"language\":\"%s\"", t->language);
		buf_putc(&b, '}');
	}
	buf_puts(&b, e->tracks.n_texts ? "]" : "[]");
	return b.data;
}

/* ", 2 sounds (en, fr)"; nothing for none. */
static const char *
track_list(struct arena *a, const struct track *tracks, int n, const char *what)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < n; i++) {
		buf_puts(&b, i ? ", " : arena_printf(a, ", %d %s (", n, what));
		buf_puts(&b, track_text(a, &tracks[i]));
	}
	buf_puts(&b, n ? ")" : "");
	return b.data;
}

const char *
package_text(struct arena *a, const struct encoded *e)
{
	const struct tracks *t = &e->tracks;
	return arena_printf(a, "%lld.%03d s, %d segments, %d renditions up to %s%s%s",
		(long long)(e->duration / 1000), (int)(e->duration % 1000), e->n_segments, e->n,
		e->renditions[e->n - 1].name,
		t->n_sounds > 1 ? track_list(a, t->sounds, t->n_sounds, "sounds") : "",
		track_list(a, t->texts, t->n_texts, "subtitles"));
}
