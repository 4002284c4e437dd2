/* Milliseconds come as "6000,6000,4200", renditions as the document that play add-media wrote. */
#include "play-item.h"

static bool
read_segments(struct arena *a, const char *text, struct hls_item *out)
{
	int n = 1;
	for (const char *c = text; *c; c++)
		n += *c == ',';
	int *list = arena_alloc(a, (size_t)n * sizeof *list);
	for (int i = 0; i < n; i++) {
		char *end;
		long length = strtol(text, &end, 10);
		if (length <= 0 || length >= HLS_TARGET * 1000 + 500)
			return false;
		list[i] = (int)length;
		text = *end ? end + 1 : end;
	}
	out->segments = list;
	out->n = n;
	return true;
}

static const char *
text_of(struct json_object *o, const char *member)
{
	struct json_object *v = json_object_object_get(o, member);
	return v ? json_object_get_string(v) : "";
}

static int
int_of(struct json_object *o, const char *member)
{
	return json_object_get_int(json_object_object_get(o, member));
}

static bool
read_renditions(struct arena *a, const char *text, struct hls_item *out)
{
	const char *why;
	struct json_object *list = json_read(a, text, strlen(text), &why);
	size_t n = list ? json_object_array_length(list) : 0;
	for (size_t i = 0; i < n && i < HLS_MAX_VARIANTS; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *path = text_of(o, "path"), *slash = strchr(path, '/');
		if (!slash)
			return false;
		out->renditions[i] = (struct hls_rendition){ arena_strndup(a, path, (size_t)(slash - path)),
			int_of(o, "width"), int_of(o, "height"), int_of(o, "bitrate"), text_of(o, "codecs") };
		out->n_renditions = (int)i + 1;
	}
	return out->n_renditions > 0;
}

bool
item_read(struct arena *a, const PGresult *rows, int row, struct hls_item *out)
{
	const char *segments = row_text(a, rows, row, PQfnumber(rows, "segments"));
	const char *renditions = row_text(a, rows, row, PQfnumber(rows, "renditions"));
	*out = (struct hls_item){ .directory = row_text(a, rows, row, PQfnumber(rows, "directory")) };
	return out->directory && segments && renditions && read_segments(a, segments, out) &&
		read_renditions(a, renditions, out);
}
