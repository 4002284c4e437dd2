/* Handlers of what viewers search. */
#ifndef SEARCH_FIND_H
#define SEARCH_FIND_H

struct req;

int search_global(struct req *r);
int search_suggest(struct req *r);

#endif
