/* The commands `livetv import-guide` and `livetv prune`, and what import-m3u has in common with
 * them. */
#include "livetv-guide-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

enum {
	EXIT_FILE = 1,
	EXIT_USAGE = 2,
	MAX_HISTORY = 31,
	DAY_SECONDS = 86400,
	MAX_PRUNE_DAYS = 3650,
	PRUNE_ROWS = 20000,
};

static const char usage[] =
	"usage: livetv import-guide [options] FILE…\n"
	"Imports guides. FILE is XMLTV, plain or packed by gzip or xz; - is standard input. A file is\n"
	"imported whole or not at all, and watchers see the old guide until then. A programme is the\n"
	"same as before when channel and start are: it keeps its id, and is written only when\n"
	"something has changed. The last line says what was done:\n"
	"  FILE: read 5, created 3, changed 1, unchanged 0, rejected 1\n"
	"Before it: the first 100 rejected programmes with their lines; channels that were not known:\n"
	"they are looked for by name, and else created hidden; \"removed R\": programmes to come that\n"
	"the file does not name any more, between its first and its last one of the channel.\n"
	"  --language CODE  taken where a text has several (nor; default: the first one)\n"
	"  --history DAYS   what ended longer ago is neither changed nor removed (default: 7)\n"
	"  --only-known     skips channels that are not known\n"
	"  --wait SECONDS   for another import to end (default: 60)\n"
	"  --dry-run        says what would be done\n";

static const char prune_usage[] =
	"usage: livetv prune [--history DAYS]\n"
	"Deletes programmes that ended more than DAYS ago (default: 7), eight hours of the guide at a\n"
	"time.\n";

struct command_line {
	const char *name, *usage;
	struct guide_report (*import)(PGconn *conn, struct unpack *file,
		const struct guide_options *options, struct buf *messages);
	struct guide_options options;
};

static int
print_report(const struct command_line *l, const char *file, const struct guide_report *r,
	const struct buf *messages)
{
	fflush(stdout);
	if (r->why) {
		fprintf(stderr, "livetv %s: %s: %s; nothing of this file was imported\n", l->name, file,
			r->why);
		return EXIT_FILE;
	}
	for (const char *at = messages->data; *at; at += strcspn(at, "\n") + 1)
		printf("%s: %.*s\n", file, (int)strcspn(at, "\n"), at);
	printf("%s: read %lld, created %lld, changed %lld, unchanged %lld, rejected %lld\n", file,
		(long long)r->read, (long long)r->created, (long long)r->changed, (long long)r->unchanged,
		(long long)r->rejected);
	return 0;
}

static int
import_file(const struct command_line *l, PGconn *conn, const char *file)
{
	bool standard = strcmp(file, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct arena *a = arena_new();
	struct buf messages = buf_new(a);
	struct guide_report report = { .why = fd < 0 ? strerror(errno) : NULL };
	struct guide_options options = l->options;
	options.fd = &fd;
	if (fd >= 0)
		report = l->import(conn, unpack_open_fd(a, fd), &options, &messages);
	int status = print_report(l, file, &report, &messages);
	if (fd >= 0 && !standard)
		close(fd);
	arena_free(a);
	return status;
}

static bool
take_number(const char *command, const char *option, int64_t max, int *out)
{
	int64_t n;
	if (!parse_int(optarg, 1, max, &n)) {
		fprintf(stderr, "livetv %s: --%s: not 1 to %lld\n", command, option, (long long)max);
		return false;
	}
	*out = (int)n;
	return true;
}

static bool
take_language(struct guide_options *o)
{
	size_t len = strlen(optarg);
	o->language = optarg;
	if (len >= 2 && len <= 3 && strspn(optarg, "abcdefghijklmnopqrstuvwxyz") == len)
		return true;
	fprintf(stderr, "livetv import-guide: --language: not a code of ISO 639 (nor, no)\n");
	return false;
}

static bool
take_option(int c, const char *name, struct guide_options *o)
{
	switch (c) {
	case 'l': return take_language(o);
	case 'y': return take_number(name, "history", MAX_HISTORY, &o->history_days);
	case 'w': return take_number(name, "wait", DAY_SECONDS, &o->wait);
	case 'k': o->only_known = true; return true;
	case 'd': o->dry_run = true; return true;
	default: return false;
	}
}

/* −1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct command_line *l)
{
	static const struct option options[] = {
		{ "wait", required_argument, NULL, 'w' },
		{ "dry-run", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "language", required_argument, NULL, 'l' },
		{ "history", required_argument, NULL, 'y' },
		{ "only-known", no_argument, NULL, 'k' },
		{ 0 },
	};
	const struct option few[] = { options[0], options[1], options[2], { 0 } };
	bool guide = l->import == guide_import_unpacked;
	bool good = true;
	int c;
	optind = 0;
	while (good && (c = getopt_long(argc, argv, "", guide ? options : few, NULL)) != -1) {
		if (c == 'h') {
			fputs(l->usage, stdout);
			return 0;
		}
		good = take_option(c, l->name, &l->options);
	}
	if (good && optind < argc)
		return -1;
	if (good)
		fputs(l->usage, stderr);
	return EXIT_USAGE;
}

int
guide_command(int argc, char **argv, const char *name, const char *text,
	struct guide_report (*import)(PGconn *conn, struct unpack *file,
		const struct guide_options *options, struct buf *messages))
{
	struct command_line l = { name, text, import,
		{ .history_days = GUIDE_HISTORY_DAYS, .wait = GUIDE_WAIT } };
	int status = read_options(argc, argv, &l);
	if (status >= 0)
		return status;
	char full_name[64];
	snprintf(full_name, sizeof full_name, "livetv %s", name);
	if (!import_files_exist(full_name, argv + optind, argc - optind))
		return EXIT_USAGE;
	PGconn *conn = db_command_connection("livetv");
	if (!conn)
		return EXIT_FILE;
	status = 0;
	for (int i = optind; i < argc; i++)
		status |= import_file(&l, conn, argv[i]);
	PQfinish(conn);
	return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_FILE;
}

int
livetv_import_guide(int argc, char **argv)
{
	return guide_command(argc, argv, "import-guide", usage, guide_import_unpacked);
}

/* --- livetv prune */

static int
prune(PGconn *conn, int days)
{
	struct arena *a = arena_new();
	const char *values[] = { arena_printf(a, "%d", days), arena_printf(a, "%d", PRUNE_ROWS) };
	int64_t total = 0, before;
	const char *why = guide_run(conn, a, Q_GUIDE_PRUNE_BEGIN, 0, NULL, NULL);
	if (!why)
		why = guide_run(conn, a, Q_GUIDE_PRUNE_PAGES, 1, values, NULL);
	do {
		before = total;
		if (!why)
			why = guide_change(conn, a, Q_GUIDE_PRUNE, 2, values, &total);
	} while (!why && total - before == PRUNE_ROWS);
	if (why)
		fprintf(stderr, "livetv prune: %s\n", why);
	printf("deleted %lld\n", (long long)total);
	arena_free(a);
	return why ? EXIT_FILE : 0;
}

int
livetv_prune(int argc, char **argv)
{
	static const struct option options[] = {
		{ "history", required_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int days = GUIDE_HISTORY_DAYS, c;
	optind = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(prune_usage, stdout);
			return 0;
		}
		if (c != 'y' || !take_number("prune", "history", MAX_PRUNE_DAYS, &days))
			return EXIT_USAGE;
	}
	if (optind < argc) {
		fputs(prune_usage, stderr);
		return EXIT_USAGE;
	}
	PGconn *conn = db_command_connection("livetv");
	if (!conn)
		return EXIT_FILE;
	int status = prune(conn, days);
	PQfinish(conn);
	return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_FILE;
}
