/* A route is a row: method, path, role, query, parameters. Without a handler the generic one runs:
 * it parses the parameters, runs the statement, writes the rows. --routes prints the table; the API
 * document and the tests are made from it. */
#ifndef ROUTE_H
#define ROUTE_H

#include "limit.h"
#include "param.h"
#include "token.h"

struct req;
struct pg_result; /* libpq's PGresult */

enum method { GET, POST, PUT, PATCH, DELETE, METHOD_COUNT };

/* Whose generation an answer belongs to; the tag of the shared store. */
enum cache { CACHE_NONE, CACHE_CONTENT, CACHE_LIVE, CACHE_PLANS };

enum { ROUTE_MAX_PARAMS = 14, ROUTE_MAX_PATH_PARAMS = 4 };

struct route {
	enum method method;
	const char *path; /* segments, {name} for a parameter */
	enum role role;
	int query; /* Q_… of the program; 0: none */
	int (*handler)(struct req *r);
	/* writes the answer of a query that gives one row; answers the status. Asks the database for
	 * nothing: another request's statement may be on its way (together.h) */
	int (*answer_row)(struct req *r, const struct pg_result *rows, int row);
	struct param params[ROUTE_MAX_PARAMS];
	const int *picks; /* a query for each choice of the first P_ENUM that has picks; the parameter
						 is then not a $n */
	/* looks at the values together: sets others, or another r->picked. 0, or a problem's status */
	int (*choose)(struct req *r);
	int reread; /* a query by id that answers after a write; the write's own answers the id (no row
				   or null: 404) */
	int ok; /* status on success; 0: 200 */
	bool raw; /* the handler reads the body itself, whatever it is */
	bool list; /* {"items": […]}; a cursor parameter implies it */
	bool fresh; /* session and role are looked up now; implied by ROLE_ADMIN and by every method but
				   GET */
	bool writes; /* a GET whose statement must not run twice */
	enum cache cache;
	bool common; /* not kept here, but the same for all of an age: clients keep it, and ask whether
					it still holds; implied by .cache */
	enum limit_class limit;
	const char *elsewhere; /* the program that serves this row: it is here for Allow only
							  (conf/families.conf sends it there) */
	const char *answer; /* schema name in the API document */
	const char *summary;
};

struct program;

/* The route for method and path (already decoded), its path parameters in values. NULL: *allow is a
 * bit set of the methods that the path has, 0 for an unknown path. */
const struct route *route_match(const struct program *p, enum method method, const char *path,
	const char **values, unsigned *allow);
/* Whether session and role are looked up in the database: what changes something, and what
 * administrators see, is not left to a token that may be 15 minutes behind. */
bool route_guarded(const struct route *r);
/* The parameter that is its JSON body, P_BODY or P_MEMBERS; NULL: it takes none. */
const struct param *route_body(const struct route *r);
/* The route table as JSON on stdout. */
int route_print(const struct program *p);
const char *method_name(enum method m);

#endif
