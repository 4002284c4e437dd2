/* main() of every program: serve, print the routes, check the queries, or run a command. */
#include "banned.h"

#include "command.h"

#include "check.h"
#include "conf.h"
#include "log.h"
#include "route.h"
#include "server.h"

static int
usage(const struct program *p, FILE *to)
{
	fprintf(to,
		"%s is a FastCGI program: a web server starts it with a listening socket as standard "
		"input.\n"
		"By hand:\n"
		"  %s --routes    its routes as JSON\n"
		"  %s --check     its queries against the database\n",
		p->name, p->name, p->name);
	for (const struct command *c = p->commands; c && c->name; c++)
		fprintf(to, "  %s %s %s\n", p->name, c->name, c->usage);
	return to == stdout ? 0 : 2;
}

static int
run_command(const struct program *p, int argc, char **argv)
{
	if (!strcmp(argv[0], "--help"))
		return usage(p, stdout);
	if (!strcmp(argv[0], "--routes"))
		return route_print(p);
	if (!strcmp(argv[0], "--check"))
		return check_program(p);
	for (const struct command *c = p->commands; c && c->name; c++)
		if (!strcmp(argv[0], c->name))
			return c->run(argc, argv);
	fprintf(stderr, "%s: no command %s\n", p->name, argv[0]);
	return usage(p, stderr);
}

int
program_main(const struct program *p, int argc, char **argv)
{
	conf_load();
	log_open(p->name);
	if (argc > 1)
		return run_command(p, argc - 1, argv + 1);
	return server_wanted() ? server_run(p) : usage(p, stderr);
}
