/* Who takes requests: as many workers as there is room for go on gathering, the others leave it to
 * them, and only for as long as they have said so last. */
#include "banned.h"

#include "gather.h"
#include "tap.h"

#include <unistd.h>

static int64_t
left_of(int worker, int64_t now)
{
	gather_join(worker);
	return gather_left_to_others(now);
}

int
main(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int room = cores < 4 ? 1 : (int)(cores / 2);
	int64_t now = 1000000;
	plan(9 + room + 1);

	is_int(left_of(0, now), 0, "not shared: each takes what it can");
	gather_begin(now);
	is_int(left_of(1, now), 0, "and nobody knows of others");

	gather_share(room + 2);
	is_int(left_of(room + 1, now), 0, "nobody gathers yet");
	for (int i = 0; i < room; i++) {
		is_int(left_of(i, now), 0, "there is room for another one");
		gather_begin(now);
	}
	is_int(left_of(room + 1, now), GATHER_US, "then there is none");
	is_int(left_of(room + 1, now + GATHER_US - 1), 1, "up to its end");
	is_int(left_of(room + 1, now + GATHER_US), 0, "which comes by itself");
	is_int(left_of(0, now), 0, "those who gather go on");

	gather_join(room);
	gather_begin(now);
	ok(left_of(room, now) > 0, "of too many the last one leaves it to the others");
	is_int(left_of(room - 1, now), 0, "and not they to it");
	gather_join(0);
	gather_end();
	is_int(left_of(room, now), 0, "until one does something else");
	return done();
}
