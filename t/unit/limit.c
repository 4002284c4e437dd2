/* GCRA: what is allowed at which instant, and that processes count together, killed ones too. */
#include "conf.h"
#include "limit.h"
#include "shared.h"
#include "tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000, start = 1700000000000000;

static void
test_settings(void)
{
	static const char *const wrong[] = { "", "on", "10", "10/60", "10/60:", "0/60:1", "10/0:1",
		"10/60:0", "10/60:1 ", "-1/60:1", "10/60:1x", "99999999999999999/1:1" };
	struct limit l = { "api", 0, 0, 0 };
	ok(limit_parse("20/60:5", &l) && l.name, "a rate, its seconds, a burst");
	is_int(l.rate, 20, "rate");
	is_int(l.seconds, 60, "seconds");
	is_int(l.burst, 5, "burst");
	ok(limit_parse("off", &l) && !l.name, "off");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(!limit_parse(wrong[i], &l), *wrong[i] ? wrong[i] : "nothing");
}

static void
test_instants(void)
{
	struct limit l = { "api", 2, 1, 5 };
	for (int i = 4; i >= 0; i--) {
		struct limit_answer a = limit_take(&l, "one", start);
		ok(a.allowed && a.left == i, "of the burst");
	}
	struct limit_answer no = limit_take(&l, "one", start);
	ok(!no.allowed, "none more at that instant");
	is_int(no.wait_us, second / 2, "the next one half a second later");
	ok(!limit_take(&l, "one", start + second / 2 - 1).allowed, "a microsecond before it: no");
	ok(limit_take(&l, "one", start + second / 2).allowed, "then: yes");
	ok(!limit_take(&l, "one", start + second / 2).allowed, "and one only");
	ok(limit_take(&l, "two", start).allowed, "others are not concerned");
	l.name = "write";
	ok(limit_take(&l, "one", start).allowed, "nor other classes");
	l.name = "api";
	int n = 0;
	while (limit_take(&l, "one", start + 100 * second).allowed)
		n++;
	is_int(n, 5, "after a rest the burst and no more");
}

/* The slots outlive a restart, and perhaps the clock of before: nobody is refused until it is that late again. */
static void
test_clock_put_back(void)
{
	struct limit l = { "api", 2, 1, 5 };
	int n = 0;
	while (limit_take(&l, "back", start + 3600 * second).allowed)
		n++;
	is_int(n, 5, "the burst, an hour ahead");
	struct limit_answer a = limit_take(&l, "back", start + 3599 * second);
	ok(!a.allowed && a.wait_us <= 2 * second, "a worker that looked at the clock earlier refuses as well");
	for (n = 0; limit_take(&l, "back", start).allowed;)
		n++;
	is_int(n, 5, "the clock is put back by an hour: the burst, and no more");
}

/* A newcomer never gets more than the burst, whoever's slot it takes. */
static void
test_many(void)
{
	struct limit l = { "api", 1, 60, 3 };
	char name[32];
	int most = 0;
	for (int i = 0; i < 3 * SHARED_LIMIT_SLOTS; i++) {
		int n = 0;
		snprintf(name, sizeof name, "many %d", i);
		while (limit_take(&l, name, start + i).allowed)
			n++;
		most = n > most ? n : most;
	}
	is_int(most, 3, "more subjects than slots: at most the burst each");
}

static int64_t
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * second + t.tv_nsec / 1000;
}

/* Eight processes ask as fast as they can, some are killed meanwhile and replaced. */
static void
test_processes(void)
{
	/* a machine that gives all of them no time for half a second loses nothing of the burst */
	enum { CHILDREN = 8, MILLISECONDS = 1500, BURST = 1000 };
	struct limit l = { "api", 2000, 1, BURST };
	pid_t child[CHILDREN];
	_Atomic long *allowed =
		mmap(NULL, sizeof *allowed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t begin = now(), end = begin + MILLISECONDS * 1000;
	for (int i = 0; i < CHILDREN + 20; i++) {
		pid_t pid = fork();
		if (!pid) {
			while (now() < end)
				if (limit_take(&l, "shared", now()).allowed)
					atomic_fetch_add(allowed, 1);
			_exit(0);
		}
		if (i >= CHILDREN) {
			usleep(50000);
			kill(child[i % CHILDREN], SIGKILL);
			waitpid(child[i % CHILDREN], NULL, 0);
		}
		child[i % CHILDREN] = pid;
	}
	for (int i = 0; i < CHILDREN; i++)
		waitpid(child[i], NULL, 0);
	long most = BURST + 2000 * MILLISECONDS / 1000;
	diag("%ld allowed, the limit is %ld", (long)*allowed, most);
	ok(*allowed <= most + 1, "never more than the limit");
	ok(*allowed >= most - most / 50, "and not fewer (a kill may lose one)");
}

int
main(void)
{
	char dir[] = "/tmp/tv-limit-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	setenv("TV_STATE", dir, 1);
	conf_load();
	test_settings();
	test_instants();
	test_clock_put_back();
	test_many();
	test_processes();
	char file[64];
	snprintf(file, sizeof file, "rm -rf %s", dir);
	return done() | system(file);
}
