/* The command `livetv import-channels`: options, and the order of the statements in
 * sql/queries/livetv-channels.sql. */
#include "tv.h"

#include "livetv-channels.h"

#include "livetv-m3u.h"
#include "livetv.queries.h"

#include <getopt.h>

enum { EXIT_USAGE = 2, DEFAULT_WAIT = 60 };

static const char usage[] =
	"usage: livetv import-channels [options] FILE…\n"
	"Imports channels (columns id, name, number, categories, country, languages, alt_names,\n"
	"is_nsfw, closed, website, logo) and feeds (channel, is_main, languages), in this order.\n"
	"FILE is CSV with a header, a JSON array of objects or JSON lines; - is standard input.\n"
	"A file is imported whole or not at all; what has not changed since the last import is not\n"
	"written. A channel without a number gets the next free one and keeps it.\n"
	"  --wait SECONDS  for another import to end (default: 60)\n"
	"  --dry-run       says what would be done\n";

static const int merge[] = {
	Q_IMPORT_CHANNEL_WORK,
	Q_IMPORT_CHANNEL_HOLD,
	Q_IMPORT_CHANNEL_FEED,
	Q_IMPORT_CHANNEL_VERDICT,
	Q_IMPORT_CHANNEL_KEEP_TODO,
	Q_IMPORT_CHANNEL_ANALYZE,
	Q_IMPORT_CHANNEL_GROUPS,
	Q_IMPORT_CHANNEL_NUMBERS,
	Q_IMPORT_CHANNEL_CREATE_ITEMS,
	Q_IMPORT_CHANNEL_CHANGE_ITEMS,
	Q_IMPORT_CHANNEL_CREATE_CHANNELS,
	Q_IMPORT_CHANNEL_CHANGE_CHANNELS,
	Q_IMPORT_CHANNEL_LANGUAGES,
	0,
};

static void
start_file(void *context, struct arena *a, const char *file, const char **settings)
{
	(void)a, (void)file, (void)settings;
	*(struct channel_left *)context = (struct channel_left){ 0 };
}

static const char *
refuse_playlist(const char *text, size_t len)
{
	static const char mark[] = "#EXTM3U";
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, len -= 3;
	bool m3u = len >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0;
	return m3u ? "a playlist: import playlists in a call of their own" : NULL;
}

static bool
take_wait(const char *text, int *out)
{
	int64_t n;
	if (!parse_int(text, 1, 86400, &n)) {
		fprintf(stderr, "livetv import-channels: --wait: not 1 to 86400 seconds\n");
		return false;
	}
	*out = (int)n;
	return true;
}

/* −1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct import *import)
{
	static const struct option options[] = {
		{ "wait", required_argument, NULL, 'w' },
		{ "dry-run", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool good = true;
	int c;
	optind = 0;
	while (good && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c == 'w')
			good = take_wait(optarg, &import->wait);
		else if (c == 'd')
			import->dry_run = true;
		else
			good = false;
	}
	if (good && optind < argc)
		return -1;
	if (good)
		fputs(usage, stderr);
	return EXIT_USAGE;
}

static bool
is_playlist(const char *file)
{
	char head[64];
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : NULL;
	size_t n = f ? fread(head, 1, sizeof head, f) : 0;
	if (f)
		fclose(f);
	return n && m3u_is(head, n);
}

/* Playlists alone go the playlists' way. */
static bool
all_playlists(char **files, int n)
{
	for (int i = 0; i < n; i++)
		if (!is_playlist(files[i]))
			return false;
	return n > 0;
}

int
livetv_import_channels(int argc, char **argv)
{
	struct channel_left left;
	struct import import = {
		.program = "livetv",
		.command = "livetv import-channels",
		.queries = livetv_queries,
		.begin = Q_IMPORT_CHANNEL_BEGIN,
		.stage = Q_IMPORT_CHANNEL_STAGE,
		.copy = Q_IMPORT_CHANNEL_COPY,
		.lock = Q_IMPORT_CHANNEL_LOCK,
		.merge = merge,
		.rejected = Q_IMPORT_CHANNEL_REJECTED,
		.notes = Q_IMPORT_CHANNEL_NOTES,
		.counts = Q_IMPORT_CHANNEL_COUNTS,
		.context = &left,
		.start = start_file,
		.row = channel_row,
		.say = channel_say_left,
		.refuse = refuse_playlist,
		.wait = DEFAULT_WAIT,
	};
	int status = read_options(argc, argv, &import);
	if (status < 0 && all_playlists(argv + optind, argc - optind)) {
		optind = 1;
		return livetv_import_m3u(argc, argv);
	}
	return status >= 0 ? status : import_files(&import, argv + optind, argc - optind);
}
