/* What a channel with a schedule is going to show, decided once and kept in live.run. */
#ifndef PLAY_PLAN_H
#define PLAY_PLAN_H

#include "play-item.h"

enum { PLAN_AHEAD = 120, PLAN_AGAIN_MS = 60000 };

/* Plans from what was planned last (milliseconds as text; NULL: nothing) until PLAN_AHEAD seconds
 * from now, unless somebody else does it at the same time. Answers 0, or the status of a problem.
 */
int plan_channel(struct req *r, const char *channel, const char *planned);

#endif
