/* What is known of a PostgreSQL that does not answer: whom it stops, and whom it does not. */
#include "db-away.h"

#include "tap.h"

static const int64_t start = 1000000, second = 1000000;

static bool
may_connect(struct db_away *a, int64_t now)
{
	int64_t deadline = now + second;
	return db_away_look(a, now, &deadline);
}

static void
test_refused(void)
{
	struct db_away a = { 0 };
	int64_t deadline = start + second;
	ok(db_away_look(&a, start, &deadline) && deadline == start + second,
		"the first state lets everybody connect, and leaves them their time");
	db_away_refused(&a, start, start + 1, false);
	ok(!db_away_silent(&a), "who is refused does not keep others from their connections");
	ok(!may_connect(&a, start + 2), "nobody connects at once");
	int64_t later = start + 2 * AWAY_US;
	deadline = later + second;
	ok(db_away_look(&a, later, &deadline), "then one looks");
	is_int(deadline - later, AWAY_LOOK_US, "  for a while");
	ok(!may_connect(&a, later), "  and one only");
	ok(may_connect(&a, later + AWAY_LOOK_US + AWAY_US), "one that never reports has a follower");
	db_away_answered(&a, later);
	ok(!may_connect(&a, later), "an answer by an old connection says nothing of new ones");
	db_away_connected(&a);
	ok(may_connect(&a, later), "a new one does");
}

static void
test_in_vain(void)
{
	struct db_away a = { 0 };
	db_away_answered(&a, start + 1);
	db_away_refused(&a, start, start + second, true);
	ok(!db_away_silent(&a), "waited in vain, but others were answered");
	db_away_refused(&a, start + 2, start + second, true);
	ok(db_away_silent(&a), "nobody was answered: silent");
	ok(may_connect(&a, start + 2 * second), "one looks");
	db_away_connected(&a);
	ok(db_away_silent(&a) && !may_connect(&a, start + 2 * second),
		"a connection alone does not end it");
	db_away_answered(&a, start + 2 * second);
	ok(!db_away_silent(&a) && may_connect(&a, start + 2 * second), "an answer does");
}

static void
test_late(void)
{
	struct db_away a = { 0 };
	int64_t now = start;
	db_away_answered(&a, now);
	for (int i = 0; i < 3 * AWAY_LATE; i++) {
		db_away_answered(&a, now + second);
		ok(!db_away_late(&a, now, now + 2 * second), "late, while others were answered");
		now += 3 * second;
	}
	for (int i = 1; i < AWAY_LATE; i++)
		ok(db_away_late(&a, now, now + second) && !db_away_silent(&a), "alone: look after it");
	db_away_answered(&a, now + second);
	for (int i = 1; i < AWAY_LATE; i++)
		db_away_late(&a, now + 2 * second, now + 3 * second);
	ok(!db_away_silent(&a), "not in a row");
	ok(db_away_late(&a, now + 2 * second, now + 3 * second) && db_away_silent(&a),
		"in a row: silent");
	ok(!may_connect(&a, now + 3 * second), "  and nobody tries at once");
}

/* The file may be of before the machine started, when the clock was further. */
static void
test_clock(void)
{
	struct db_away a = { 0 };
	int64_t before = 1000 * second;
	db_away_answered(&a, before);
	db_away_refused(&a, before + 1, before + second, true);
	ok(may_connect(&a, start), "a wait that is longer than any is none");
	db_away_answered(&a, start);
	ok(!db_away_silent(&a), "an answer ends it also then");
	struct db_away b = { 0 };
	db_away_answered(&b, before);
	db_away_refused(&b, start, start + second, true);
	ok(db_away_silent(&b), "an answer that is still to come was none");
}

int
main(void)
{
	test_refused();
	test_in_vain();
	test_late();
	test_clock();
	return done();
}
