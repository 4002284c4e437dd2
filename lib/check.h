/* --check: whether the program's queries fit the database and the route table. */
#ifndef CHECK_H
#define CHECK_H

struct program;

/* Says each misfit on stderr; answers the exit status. */
int check_program(const struct program *p);

#endif
