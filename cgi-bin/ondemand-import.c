/* The command `ondemand import`: options, and the order of the statements in
 * sql/queries/ondemand-import.sql. */
#include "tv.h"

#include "ondemand-import.h"

#include "ondemand.queries.h"

#include <getopt.h>

enum { EXIT_USAGE = 2, DEFAULT_WAIT = 60, MAX_SOURCE = 100, MAX_SERIES = 300 };

static const char usage[] =
	"usage: ondemand import [options] FILE…\n"
	"Imports titles, seasons and episodes. FILE is CSV with a header, a JSON array of objects,\n"
	"JSON lines, or an object of such arrays; - is standard input. A file is imported whole or\n"
	"not at all; what has not changed since the last import is not written.\n"
	"  --source NAME        whose titles these are (default: the file's base name);\n"
	"                       the same id in the same source is the same title\n"
	"  --series NAME        the series of rows with a season (default: the base name\n"
	"                       without -episodes)\n"
	"  --map FIELD=COLUMN   where a field stands; fields:\n"
	"                      ";

static const int merge[] = {
	Q_IMPORT_SERIES,
	Q_IMPORT_HOLD_SERIES,
	Q_IMPORT_GONE_SERIES,
	Q_IMPORT_WORK,
	Q_IMPORT_HOLD,
	Q_IMPORT_GONE,
	Q_IMPORT_VERDICT,
	Q_IMPORT_KEEP_TODO,
	Q_IMPORT_RATINGS,
	Q_IMPORT_NEW_SERIES,
	Q_IMPORT_NEW_SEASONS,
	Q_IMPORT_WORK_INDEX,
	Q_IMPORT_ANALYZE,
	Q_IMPORT_GENRE,
	Q_IMPORT_NEW_GENRES,
	Q_IMPORT_ITEM_GENRES,
	Q_IMPORT_CREATE_ITEMS,
	Q_IMPORT_CHANGE_ITEMS,
	Q_IMPORT_MOVIES,
	Q_IMPORT_ALL_SERIES,
	Q_IMPORT_SERIES_IDS,
	Q_IMPORT_SEASONS,
	Q_IMPORT_EPISODES,
	Q_IMPORT_EXTERNAL_IDS,
	Q_IMPORT_CREDIT,
	Q_IMPORT_PERSON,
	Q_IMPORT_NEW_PEOPLE,
	Q_IMPORT_OLD_CREDITS,
	Q_IMPORT_CREDITS,
	0,
};

static void
print_usage(FILE *to)
{
	fputs(usage, to);
	for (int i = 0; i < T_COUNT; i++)
		fprintf(
			to, "%s %s", i == T_ADDED ? "\n                      " : "", title_columns[i].field);
	fputs("\n  --wait SECONDS       for another import to end (default: 60)\n"
		  "  --dry-run            says what would be done\n",
		to);
}

/* The file's name without directory and extension. */
static char *
base_name(struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = strcmp(file, "-") == 0 ? "stdin" : slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');
	return arena_strndup(a, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static void
start_file(void *context, struct arena *a, const char *file, const char **settings)
{
	struct title_import *import = context;
	char *name = base_name(a, file);
	settings[0] = import->source ? import->source : arena_strdup(a, name);
	settings[1] = arena_printf(a, "%ld", conf_int(CONF_UNRATED_AGE));
	size_t len = strlen(name), end = strlen("-episodes");
	if (len > end && strcmp(name + len - end, "-episodes") == 0)
		name[len - end] = 0;
	import->file_series = name;
	import->any = false;
	import->left = (struct title_left){ 0 };
	memset(import->seen, 0, sizeof import->seen);
}

static const char *
finish_file(void *context, struct arena *a)
{
	const struct title_import *import = context;
	for (int i = 0; import->any && i < T_COUNT; i++)
		if (import->mapped[i] && !import->seen[i])
			return arena_printf(
				a, "there is no column %s, which --map names", import->columns[i].columns[0]);
	return NULL;
}

static void
say_left_out(const void *context, struct buf *lines)
{
	const struct title_left *left = &((const struct title_import *)context)->left;
	if (left->names)
		buf_printf(lines,
			"%lld names are left out: without a letter, or longer than 200 characters\n",
			(long long)left->names);
	if (left->more)
		buf_printf(lines,
			"%lld names are left out: a title has %d people, %d genres and %d countries at most\n",
			(long long)left->more, TITLE_MAX_PEOPLE, TITLE_MAX_GENRES, TITLE_MAX_COUNTRIES);
	if (left->synopses)
		buf_printf(lines, "%lld synopses are cut: %d characters or %d bytes are the most\n",
			(long long)left->synopses, TITLE_MAX_SYNOPSIS, TITLE_MAX_SYNOPSIS_BYTES);
	if (left->posters)
		buf_printf(lines, "%lld posters are left out: neither https nor a path on this server\n",
			(long long)left->posters);
}

/* FIELD=COLUMN */
static bool
map_column(struct title_import *import, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : 0;
	for (int i = 0; equals && equals[1] && i < T_COUNT; i++) {
		const char *field = title_columns[i].field;
		if (strlen(field) == len && memcmp(field, text, len) == 0) {
			memset(import->columns[i].columns, 0, sizeof import->columns[i].columns);
			import->columns[i].columns[0] = equals + 1;
			import->mapped[i] = true;
			return true;
		}
	}
	fprintf(stderr, "ondemand import: --map %s: not FIELD=COLUMN with a known field\n", text);
	return false;
}

static bool
take_name(const char *option, const char *text, size_t max, const char **out)
{
	*out = text;
	if (*text && utf8_valid(text, strlen(text)) && utf8_length(text) <= max)
		return true;
	fprintf(stderr, "ondemand import: --%s: not a name of 1 to %zu characters\n", option, max);
	return false;
}

static bool
take_wait(const char *text, int *out)
{
	int64_t n;
	if (!parse_int(text, 1, 86400, &n)) {
		fprintf(stderr, "ondemand import: --wait: not 1 to 86400 seconds\n");
		return false;
	}
	*out = (int)n;
	return true;
}

/* −1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct import *import, struct title_import *titles)
{
	static const struct option options[] = {
		{ "source", required_argument, NULL, 's' },
		{ "series", required_argument, NULL, 'n' },
		{ "map", required_argument, NULL, 'm' },
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
			print_usage(stdout);
			return 0;
		}
		if (c == 's')
			good = take_name("source", optarg, MAX_SOURCE, &titles->source);
		else if (c == 'n')
			good = take_name("series", optarg, MAX_SERIES, &titles->series);
		else if (c == 'm')
			good = map_column(titles, optarg);
		else if (c == 'w')
			good = take_wait(optarg, &import->wait);
		else if (c == 'd')
			import->dry_run = true;
		else
			good = false;
	}
	if (good && optind < argc)
		return -1;
	if (good)
		print_usage(stderr);
	return EXIT_USAGE;
}

int
ondemand_import(int argc, char **argv)
{
	struct title_import titles = { .source = NULL };
	struct import import = {
		.program = "ondemand",
		.command = "ondemand import",
		.queries = ondemand_queries,
		.begin = Q_IMPORT_BEGIN,
		.n_settings = 2,
		.stage = Q_IMPORT_STAGE,
		.copy = Q_IMPORT_COPY,
		.lock = Q_IMPORT_LOCK,
		.merge = merge,
		.rejected = Q_IMPORT_REJECTED,
		.notes = Q_IMPORT_NOTES,
		.counts = Q_IMPORT_COUNTS,
		.context = &titles,
		.start = start_file,
		.row = title_row,
		.finish = finish_file,
		.say = say_left_out,
		.wait = DEFAULT_WAIT,
	};
	memcpy(titles.columns, title_columns, sizeof titles.columns);
	int status = read_options(argc, argv, &import, &titles);
	return status >= 0 ? status : import_files(&import, argv + optind, argc - optind);
}
