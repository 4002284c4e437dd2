/* One request: what came in, what goes out, and the arena that owns all of it. A handler returns
 * the HTTP status; reply() alone writes, once. */
#ifndef REQ_H
#define REQ_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "db.h"
#include "json.h"
#include "route.h"
#include "url.h"

struct es_call;
struct program;

enum { REQ_MAX_BODY = 65536, REQ_MAX_VALUES = 24, REQUEST_ID_MAX = 64, REQ_DEADLINE_US = 2000000 };

struct req {
	struct arena *arena;
	const struct program *program;
	struct db *db;
	char **env; /* CGI variables (RFC 3875) */
	/* up to n bytes of the body; fewer at its end only */
	size_t (*read_body)(void *stream, char *to, size_t n);
	void *stream;
	void (*watchdog)(int seconds);
	bool (*write)(void *out, const char *data, size_t n); /* false: the client is gone */
	void *sink;
	bool begun; /* the answer is being written in parts */
	int64_t sent;

	const struct route *route;
	enum method method;
	bool head;
	const char *path;
	struct query_string query;
	const char *path_values[ROUTE_MAX_PATH_PARAMS];
	struct claims claims;
	char request_id[REQUEST_ID_MAX + 1];
	int64_t started_us, deadline_us;

	const char *body_text; /* NULL without a P_BODY */
	size_t body_len;
	struct json_object *body;

	const char *values[REQ_MAX_VALUES]; /* $1…$n */
	int n_values;
	int picked; /* query to run, after picks */
	int64_t limit;

	const struct limit *rate; /* counted against; NULL: nothing */
	struct limit_answer rate_answer;

	bool found; /* the answer is a kept one */
	const char *store_path; /* where the answer will be kept; NULL: nowhere */
	bool gzip, gzipped; /* the client takes it; the answer's body is it */

	const char *lead; /* members before "items" of a list, each with its comma; NULL: none */
	int status;
	bool asked; /* by together.c; without a status, in vain */
	const struct es_call *look; /* es_look() after the answer; NULL: no need */
	bool queued; /* something may wait for Elasticsearch: it is sent after the answer */
	struct buf headers; /* further header lines, each ending in \r\n */
	struct buf out; /* the answer's body */
	const char *content_type;
	const char *etag; /* with quotes; NULL: made from the body */
};

/* Bytes of the body by Content-Length: 0 without one, −1 when it is no number. */
int64_t req_content_length(const struct req *r);
/* What takes longer than a request may (an import): the watchdog waits that many seconds from now.
 */
void req_takes(struct req *r, int seconds);

const char *req_env(const struct req *r, const char *name);
/* Where clients reach us, without a slash at the end: as set, else as this one did. */
const char *req_base_url(struct req *r);

/* Looks at the token: 0 when the caller has that role, else the status of the problem. The route's
 * role is looked at before its handler. */
int req_authenticate(struct req *r, enum role role);

/* Serves one request, from routing to the complete CGI answer. First what it says: r->status is 0
 * when that is good. Then what it asks for, where nobody else has (together.h). At the end *head is
 * made, which stands before r->out. */
void req_begin(struct req *r);
void req_act(struct req *r);
void req_end(struct req *r, struct buf *head);

/* problem+json (RFC 9457). code is a stable word; detail is for people and may be NULL. Answers
 * status. */
int problem(struct req *r, int status, const char *code, const char *detail);
/* Adds the members of a JSON object, as text, to the problem just made; NULL: none. Answers the
 * status. */
int problem_members(struct req *r, const char *object);
/* 401: a token that is not good, or no longer (RFC 6750, 3.1). */
int problem_token(struct req *r, const char *code, const char *detail);
/* A db_result that is not DB_OK, as a problem. */
int problem_db(struct req *r, const struct db_result *result);
/* 422 with its errors. */
int problem_fields(struct req *r, const struct body_errors *errors);
/* 422 for one member that a handler refused itself. */
int problem_field(struct req *r, const char *field, const char *code, const char *message);

/* 422 with a code of its own, for what only a look at everything can tell. */
int problem_value(struct req *r, const char *code, const char *field, const char *detail);

void req_header(struct req *r, const char *name, const char *value);

/* For answers too long to be held: first the status and the headers, then any number of parts. The
 * handler returns the same status. A HEAD gets no parts. False: the client is gone. */
void reply_begin(struct req *r, int status);
bool reply_part(struct req *r, const struct buf *part);
/* With r->etag set: whether the client has this already. */
bool reply_unchanged(const struct req *r);

/* Runs a query of the program with these parameters, guarded as the route asks. */
struct db_result req_query(struct req *r, int query, int n, const char *const *values);

/* A member of the checked body; NULL when absent or null. */
const char *body_string(const struct req *r, const char *member);

/* Whether its statement stands behind a look at its session, and that. */
bool req_guarded(const struct req *r);
struct db_guard req_guard(struct req *r);
/* What the generic handler does after the parameters are there: run r->picked, write the rows. */
int req_run(struct req *r);

/* All rows as one object, the answer; or those from … to − 1 as the route says, one object or a
 * list. Answers the status. */
int rows_one(struct req *r, const PGresult *rows);
int rows_answer(struct req *r, const PGresult *rows, int from, int to);
/* One row's columns as an object, appended to b; or all of them, with commas between. */
void rows_object(struct buf *b, const PGresult *rows, int row);
void rows_objects(struct buf *b, const PGresult *rows);

/* Texts of a row, for handlers: columns arrive in binary, these read them. */
int64_t row_int(const PGresult *rows, int row, int column);
const char *row_text(struct arena *a, const PGresult *rows, int row, int column);

#endif
