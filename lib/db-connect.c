/* A connection, its settings, and what is known of a server that does not answer. */
#include "banned.h"

#include "db-parts.h"

#include "arena.h"
#include "common.queries.h"
#include "conf.h"
#include "db-away.h"
#include "db-hosts.h"
#include "log.h"
#include "schema-version.h"
#include "shared.h"

enum { CONNECT_US = 1000000, AGAIN_US = 30000, AGAIN = 2 /* times */ };

int64_t
now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

char *
db_url(const char *program)
{
	const char *pattern = conf_text(CONF_DATABASE_URL);
	if (!pattern)
		pattern = "";
	size_t size = strlen(pattern) + 1;
	for (const char *p = pattern; (p = strstr(p, "%p")); p += 2)
		size += strlen(program);
	char *url = malloc(size), *to = url;
	if (!url)
		abort();
	for (const char *p = pattern; *p;) {
		if (p[0] == '%' && p[1] == 'p') {
			size_t n = strlen(program);
			memcpy(to, program, n);
			to += n;
			p += 2;
		} else {
			*to++ = *p++;
		}
	}
	*to = 0;
	return url;
}

struct db *
db_new(const char *program, const struct query *queries, int n_queries)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db)
		abort();
	*db = (struct db){
		.program = program,
		.queries = queries,
		.n_queries = n_queries,
		.url = db_url(program),
		.prepared = calloc((size_t)n_queries + 1, sizeof(bool)),
		.prepare = strcmp(conf_text(CONF_DB_PREPARE), "off") != 0,
	};
	if (!db->prepared)
		abort();
	return db;
}

void
db_disconnect(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	memset(db->prepared, 0, (size_t)db->n_queries * sizeof(bool));
}

void
db_free(struct db *db)
{
	db_disconnect(db);
	free(db->prepared);
	free(db->url);
	free(db);
}

int
db_socket(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}

unsigned
db_connections(const struct db *db)
{
	return db->connections;
}

void
db_idle(struct db *db)
{
	if (!db->conn)
		return;
	if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK) {
		db_disconnect(db);
		return;
	}
	PGnotify *n;
	while ((n = PQnotifies(db->conn)))
		PQfreemem(n);
}

/* The settings of the session, and whether the database is one that this build knows. */
static bool
greet(struct db *db, int64_t deadline)
{
	struct arena *a = arena_new();
	const struct query *q = &common_queries[Q_COMMON_SCHEMA_VERSION];
	struct burst b = { 0 };
	bool gone = PQsetnonblocking(db->conn, 1) == 0 && PQenterPipelineMode(db->conn) &&
		db_send_settings(db, &b) &&
		PQsendQueryParams(db->conn, q->sql, 0, NULL, NULL, NULL, NULL, 1) &&
		PQpipelineSync(db->conn) && db_flush(db->conn, deadline);
	struct db_result r = { .status = DB_AWAY };
	if (gone)
		r = db_read(db, &b, a, deadline);
	int version = 0;
	if (r.status == DB_OK)
		for (int i = 0; i < 4; i++)
			version = version << 8 | (unsigned char)PQgetvalue(r.rows, 0, 0)[i];
	if (r.status != DB_AWAY && version < SCHEMA_VERSION)
		log_msg(LOG_ERROR, "the database has schema %d, this build needs %d: run `system migrate`",
			version, SCHEMA_VERSION);
	arena_free(a);
	return version >= SCHEMA_VERSION;
}

static void
discard_notice(void *context, const PGresult *r)
{
	(void)context;
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	log_msg(LOG_DEBUG, "postgres: %s", text ? text : "");
}

static bool
connect_one(struct db *db, int64_t deadline)
{
	db->conn = db_hosts_connect(db->url, deadline, &db->host);
	db->connections++;
	if (db->conn) {
		PQsetNoticeReceiver(db->conn, discard_notice, NULL);
		if (greet(db, deadline)) {
			db_hosts_good(db->host);
			return true;
		}
		db_disconnect(db);
		db_hosts_next(db->host);
	}
	log_msg(LOG_WARN, "no connection to PostgreSQL (%s)",
		now_us() >= deadline ? "too late" : "refused");
	return false;
}

/* Each of its servers once, while there is time, and once more where all refused: who is ended
 * while it connects would be taken for a server that is away, by everybody. */
static bool
connect_now(struct db *db, int64_t deadline)
{
	int64_t began = now_us();
	bool in_vain = false;
	int hosts = db_hosts_count(db->url);
	for (int n = 0; n < hosts + (in_vain ? 0 : AGAIN) && now_us() < deadline; n++) {
		if (n >= hosts)
			nanosleep(&(struct timespec){ .tv_nsec = AGAIN_US * 1000 }, NULL);
		int64_t latest = now_us() + CONNECT_US;
		latest = deadline < latest ? deadline : latest;
		if (connect_one(db, latest)) {
			db_away_connected(&shared()->db_away);
			return true;
		}
		in_vain |= now_us() >= latest;
	}
	db_away_refused(&shared()->db_away, began, now_us(), in_vain);
	return false;
}

/* Makes a connection, or leaves it at once while another one looks whether the server is there. */
static bool
look(struct db *db, int64_t deadline)
{
	if (!db_away_look(&shared()->db_away, now_us(), &deadline))
		return false;
	db_disconnect(db); /* of a machine that vanished nobody says that it is closed */
	db->fresh = true;
	return connect_now(db, deadline);
}

bool
db_connect(struct db *db, int64_t deadline)
{
	if (db->conn && !db_hosts_current(db->url, &db->host))
		db_disconnect(db);
	if (db->conn && !db_away_silent(&shared()->db_away))
		return true;
	return look(db, deadline);
}

/* Where nobody else was answered either, it is found out here and not by the next ones. */
void
db_was_late(struct db *db, int64_t began)
{
	db_disconnect(db);
	if (!db_away_late(&shared()->db_away, began, now_us()))
		return;
	db->fresh = true;
	connect_now(db, now_us() + AWAY_LOOK_US);
}
