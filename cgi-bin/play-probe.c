/* ffprobe says it as JSON. It may read nothing but files: a playlist in disguise cannot make it
 * fetch. */
#include "play-probe.h"

#include "play-ffmpeg.h"
#include "play-files.h"

enum { PROBE_SECONDS = 60, LEAST = 16, MOST = 16384 };

static struct json_object *
member(struct json_object *o, const char *name)
{
	return o ? json_object_object_get(o, name) : NULL;
}

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *v = member(o, name);
	return v ? json_object_get_string(v) : "";
}

static bool
has_disposition(struct json_object *stream, const char *name)
{
	return json_object_get_int(member(member(stream, "disposition"), name)) != 0;
}

/* "16:9" or "30000/1001"; none when it is not known ("N/A", "0:1"). */
static double
ratio(const char *text, double none)
{
	char *rest;
	double above = strtod(text, &rest), below = *rest ? strtod(rest + 1, NULL) : 0;
	return above > 0 && below > 0 ? above / below : none;
}

/* "00:01:02.345", a tag of Matroska. */
static double
seconds_of(const char *tag)
{
	double sum = 0;
	for (char *rest = (char *)tag; *tag; tag = *rest ? rest + 1 : rest) {
		sum = sum * 60 + strtod(tag, &rest);
		if (rest == tag || (*rest && *rest != ':'))
			return 0;
	}
	return sum;
}

static int64_t
duration_of(struct json_object *stream)
{
	double seconds = strtod(text_of(stream, "duration"), NULL);
	if (!(seconds > 0))
		seconds = seconds_of(text_of(member(stream, "tags"), "DURATION"));
	return seconds > 0 && seconds < 1e6 ? (int64_t)(seconds * 1000) : 0;
}

/* Filmed with the camera on its side. */
static bool
is_turned(struct json_object *stream)
{
	struct json_object *list = member(stream, "side_data_list");
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (json_object_get_int(member(json_object_array_get_idx(list, i), "rotation")) % 180)
			return true;
	return false;
}

static void
take_video(struct json_object *o, int index, struct source *out)
{
	double pixel = ratio(text_of(o, "sample_aspect_ratio"), 1);
	double width = json_object_get_int(member(o, "width")) * pixel;
	int height = json_object_get_int(member(o, "height"));
	if (width < LEAST || width > MOST || height < LEAST || height > MOST)
		return;
	bool turned = is_turned(o);
	out->video = index;
	out->width = turned ? height : (int)(width + 0.5);
	out->height = turned ? (int)(width + 0.5) : height;
	out->fast = ratio(text_of(o, "avg_frame_rate"), 60) > 30.5 ||
		ratio(text_of(o, "r_frame_rate"), 60) > 30.5;
	out->duration = duration_of(o);
}

/* Titles are said by people, who forget the flags. */
static bool
says(const char *title, const char *word)
{
	return strcasestr(title, word);
}

static void
take_stream(struct json_object *o, int index, bool sound, struct source *out)
{
	struct json_object *tags = member(o, "tags");
	const char *title = text_of(tags, "title");
	if (out->n_streams == STREAMS_MAX)
		return;
	struct stream *s = &out->streams[out->n_streams++];
	*s = (struct stream){
		.index = index,
		.sound = sound,
		.codec = text_of(o, "codec_name"),
		.language = text_of(tags, "language"),
		.title = title,
		.is_default = has_disposition(o, "default"),
		.comment = has_disposition(o, "comment"),
		.described = has_disposition(o, "visual_impaired") || has_disposition(o, "descriptions"),
		.captions = has_disposition(o, "hearing_impaired") || has_disposition(o, "captions"),
		.forced = has_disposition(o, "forced"),
		.duration = duration_of(o),
	};
	s->comment |= says(title, "commentary");
	s->described |= says(title, "descripti");
	s->captions |= says(title, "SDH") || says(title, "hearing") || says(title, "caption");
	s->forced |= says(title, "forced");
}

/* The first picture that is not a cover, and all that goes with it. */
static void
take_streams(struct json_object *streams, struct source *out)
{
	for (size_t i = 0; streams && i < json_object_array_length(streams); i++) {
		struct json_object *o = json_object_array_get_idx(streams, i);
		const char *type = text_of(o, "codec_type");
		int index = json_object_get_int(member(o, "index"));
		bool sound = !strcmp(type, "audio");
		if (!strcmp(type, "video") && out->video < 0 && !has_disposition(o, "attached_pic"))
			take_video(o, index, out);
		if (sound || !strcmp(type, "subtitle"))
			take_stream(o, index, sound, out);
	}
}

bool
probe_file(struct arena *a, const char *file, struct source *out)
{
	char *argv[] = { "ffprobe", "-v", "error", "-protocol_whitelist", "file", "-of", "json",
		"-show_entries",
		"stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,"
		"r_frame_rate,duration:stream_disposition=default,attached_pic,comment,visual_impaired,"
		"descriptions,hearing_impaired,captions,forced:stream_tags=DURATION,language,title:"
		"stream_side_data=rotation",
		arena_printf(a, "file:%s", file), NULL };
	struct buf text = buf_new(a);
	const char *why;
	*out = (struct source){ .file = file, .video = -1 };
	if (!ffmpeg_program(file, argv, &text, PROBE_SECONDS))
		return false;
	struct json_object *all = json_read(a, text.data, text.len, &why);
	take_streams(member(all, "streams"), out);
	return out->video >= 0 || files_complain(file, "there is no picture in it");
}
