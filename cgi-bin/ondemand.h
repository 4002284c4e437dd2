/* What the parts of the ondemand program share. */
#ifndef ONDEMAND_H
#define ONDEMAND_H

#include "tv.h"

/* ondemand-bodies.c: what editors may write; each ends with P_END. */
extern const struct param movie_body[], series_body[], season_body[], episode_body[];
extern const struct param genre_body[], genre_change_body[], person_body[];

#endif
