/* Delays for guesses: they grow, they end, and a clock that is put back makes none of them longer. */
#include "conf.h"
#include "shared.h"
#include "tap.h"
#include "throttle.h"

#include <stdlib.h>

static const struct throttle_rule rule = { "test", 2, 60, 300, 3600 };

/* As if the clock had been so much later when the subjects were counted. */
static void
put_clock_back(uint64_t seconds)
{
	for (int i = 0; i < SHARED_THROTTLE_SLOTS; i++)
		if (atomic_load(&shared()->throttle[i].key))
			atomic_fetch_add(&shared()->throttle[i].state, seconds * 1000);
}

static void
test_delays(void)
{
	is_int(throttle_take(&rule, "ann", "home"), 0, "the first try");
	is_int(throttle_take(&rule, "ann", "home"), 0, "the second one");
	is_int(throttle_take(&rule, "ann", "home"), 60, "then the first delay");
	is_int(throttle_take(&rule, "ann", "work"), 0, "others are not concerned");
	throttle_refund(&rule, "ann", "home");
	is_int(throttle_take(&rule, "ann", "home"), 0, "a try that is taken back ends the delay");
	is_int(throttle_take(&rule, "ann", "home"), 60, "and is the only one");
}

static void
test_trust(void)
{
	ok(!throttle_known(&rule, "bob", ""), "nobody is known");
	throttle_trust(&rule, "bob", "");
	ok(throttle_known(&rule, "bob", ""), "who has shown it is");
	is_int(throttle_take(&rule, "bob", ""), 0, "and begins anew");
	is_int(throttle_take(&rule, "bob", ""), 0, "with all free tries");
	ok(throttle_take(&rule, "bob", "") > 0, "and no more");
}

/* The slots outlive a restart, and perhaps the clock of before. */
static void
test_clock_put_back(void)
{
	while (!throttle_take(&rule, "eve", ""))
		;
	put_clock_back(200);
	ok(throttle_take(&rule, "eve", "") > 200, "a delay that may be one is waited for");
	put_clock_back(86400);
	is_int(throttle_take(&rule, "eve", ""), 0, "a day is none");
	is_int(throttle_take(&rule, "eve", ""), 120, "and what was counted stays");
}

int
main(void)
{
	char dir[] = "/tmp/tv-throttle-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	setenv("TV_STATE", dir, 1);
	conf_load();
	test_delays();
	test_trust();
	test_clock_put_back();
	char file[64];
	snprintf(file, sizeof file, "rm -rf %s", dir);
	return done() | system(file);
}
