/* A program: its routes, queries and commands. Started by the web server it serves, started with a
 * word it runs a command. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct route;
struct query;
struct outbox;

struct command {
	const char *name;
	const char *usage; /* arguments, for --help */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; answers the exit status */
};

struct program {
	const char *name;
	const struct route *routes;
	size_t n_routes;
	const struct query *queries;
	int n_queries;
	const struct command *commands; /* ends with a NULL name */
	unsigned changes; /* bits 1 << CACHE_…: the kept answers that administrators' writes end */
	/* Runs in a process of its own beside the workers, and again when it returns; NULL: none. */
	int (*beside)(void);
	bool (*beside_wanted)(void); /* as things are set; NULL: it is */
	const struct outbox *outbox; /* it writes what can be searched; NULL: it does not */
};

/* main() of every program. */
int program_main(const struct program *p, int argc, char **argv);

#endif
