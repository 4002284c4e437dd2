/* What counting a request costs, and that several processes count together. */
#include "tv.h"

#include "shared.h"
#include "tap.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1000000, PROCESSES = 4, EACH = 50000 };

static const struct route routes[] = { { GET, "/a/{id}", ROLE_USER } };
static const struct program program = { .name = "unit", .routes = routes, .n_routes = 1 };

static double
cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t
counted(void)
{
	uint64_t n = 0;
	for (int i = 0; i < SHARED_ROUTE_SLOTS; i++)
		n += shared()->metrics.route[i].status[2];
	return n;
}

static int
named(void)
{
	int n = 0;
	for (int i = 0; i < SHARED_ROUTE_SLOTS; i++)
		n += shared()->metrics.route[i].named &&
			!strcmp(shared()->metrics.route[i].label,
				"program=\"unit\",method=\"GET\",route=\"/a/{id}\"");
	return n;
}

static void
clear(const char *directory)
{
	char path[256];
	for (int layout = 0; layout < 100; layout++) {
		snprintf(path, sizeof path, "%s/run/shared-%d", directory, layout);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/run", directory);
	rmdir(path);
	rmdir(directory);
}

int
main(void)
{
	char directory[] = "/tmp/tv-metrics-XXXXXX";
	if (!mkdtemp(directory))
		return 1;
	setenv("TV_STATE", directory, 1);
	conf_load();
	plan(3);
	shared(); /* before the forks, as masters do */
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			for (int i = 0; i < EACH; i++)
				metrics_request(&program, routes, 200, i);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	is_int((int64_t)counted(), PROCESSES * EACH, "every request of four processes is counted");
	is_int(named(), 1, "in one slot, with its name");
	double start = cpu_ns();
	for (int i = 0; i < ROUNDS; i++) {
		metrics_request(&program, routes, 200, i % 100000);
		metrics_database(i % 5000, false);
	}
	double each = (cpu_ns() - start) / ROUNDS;
	diag("a request with a round trip to the database: %.0f ns", each);
	ok(each < 1000, "counting a request costs less than a microsecond of CPU");
	clear(directory);
	return done();
}
