/* Playing: sessions, their heartbeats and the addresses that they play from. Whether somebody may
 * is decided by rights.decide(), how many at once and how far by the functions of schema play. */
#include "tv.h"

#include "play-live.h"
#include "play-media.h"
#include "play.queries.h"

/* What the database can say instead of "ok". */
static const struct {
	struct {
		int status;
		const char *code;
	} is;
	const char *detail;
} refusals[] = {
	{ { 404, "not_found" }, NULL },
	{ { 404, "no_media" }, "There is nothing to play of this title yet." },
	{ { 403, "no_rendition" }, "There is no rendition of this title of the quality of the right." },
	{ { 404, "no_stream" }, "The channel has no stream." },
	{ { 403, "no_catchup" }, "The channel does not keep what it showed then." },
	{ { 403, "not_yet_available" }, "This is not available yet." },
	{ { 403, "no_longer_available" }, "This is not available any more." },
	{ { 403, "territory" }, "This is not available in the account's country." },
	{ { 403, "age_restricted" }, "What the channel shows is not for this profile." },
	{ { 403, "no_entitlement" }, "This has to be subscribed to, bought or rented: see offers." },
	{ { 403, "rental_expired" }, "The rental is over." },
	{ { 403, "account_suspended" }, NULL },
	{ { 409, "stream_limit" }, "As much plays at once as the plan allows: see sessions." },
	{ { 410, "taken_over" }, "Another device plays instead of this one." },
	{ { 410, "session_over" }, "This play session has ended. Start another one." },
};

static const char *
text_of(struct req *r, const PGresult *rows, int row, const char *column)
{
	return row_text(r->arena, rows, row, PQfnumber(rows, column));
}

/* As a problem with the members that the database adds: reason and offers, sessions, or who. */
static int
refuse(struct req *r, const PGresult *rows, int row, const char *outcome)
{
	struct json_object *members, *reason;
	const char *why, *more = text_of(r, rows, row, "_refusal");
	if (!strcmp(outcome, "invalid_start"))
		return problem_value(r, "invalid_start", "start", "start must not be in the future.");
	if (!strcmp(outcome, "refused")) {
		members = json_read(r->arena, more, strlen(more), &why);
		if (members && json_object_object_get_ex(members, "reason", &reason))
			outcome = json_object_get_string(reason);
	}
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (!strcmp(outcome, refusals[i].is.code)) {
			problem(r, refusals[i].is.status, outcome, refusals[i].detail);
			return problem_members(r, more);
		}
	log_msg(LOG_ERROR, "play: the database said %s", outcome);
	return problem(r, 500, "internal_error", NULL);
}

static int
no_key(struct req *r)
{
	log_msg(
		LOG_ERROR, "TV_MEDIA_KEY has fewer than %d bytes: nothing can be played", MEDIA_MIN_KEY);
	return problem(r, 503, "not_configured", "The service has no key to sign addresses with.");
}

/* 0 and *url: where it plays until the row's expires_at. */
static int
address(struct req *r, const PGresult *rows, int row, const char *item, bool live,
	const char *start, const char **url)
{
	int64_t id, micros = row_int(rows, row, PQfnumber(rows, "expires_at"));
	int64_t until = micros / 1000000 + PG_EPOCH_SECONDS;
	const char *quality = text_of(r, rows, row, "_quality");
	if (live)
		return live_url(r, rows, row, item, start, quality, until, url);
	parse_int(item, 1, INT64_MAX, &id);
	*url = media_url(r, id, text_of(r, rows, row, "_directory"), quality, "master.m3u8", until);
	return *url ? 0 : no_key(r);
}

static void
put_thumbnails(struct req *r, const PGresult *rows, int row, const char *url)
{
	const char *path = text_of(r, rows, row, "_thumbnails");
	int directory = (int)(strrchr(url, '/') - url);
	json_member(&r->out, "thumbnails",
		path ? arena_printf(r->arena, "%.*s/%s", directory, url, path) : NULL);
}

/* Whether that is of another host: a provider's stream, or media by TV_MEDIA_URL. Who came by
 * another name than ours cannot tell by the address. */
static bool
is_elsewhere(struct req *r, const char *url)
{
	const char *base = req_base_url(r);
	size_t n = strlen(base);
	return strncmp(url, base, n) || url[n] != '/';
}

/* The row as an object that begins with these members. */
static int
answer(struct req *r, const PGresult *rows, int row, const char *url)
{
	struct buf members = buf_new(r->arena);
	rows_object(&members, rows, row);
	buf_putc(&r->out, '{');
	if (url) {
		json_member(&r->out, "playback_url", url);
		if (r->method == GET) {
			buf_puts(
				&r->out, ",\"protocol\":\"hls\",\"mime_type\":\"application/vnd.apple.mpegurl\"");
			json_key(&r->out, "elsewhere");
			buf_puts(&r->out, is_elsewhere(r, url) ? "true" : "false");
			put_thumbnails(r, rows, row, url);
		}
		buf_putc(&r->out, ',');
	}
	buf_puts(&r->out, members.data + 1);
	return 200;
}

enum { V_ACCOUNT, V_PROFILE, V_SIGN_IN, V_ITEM, V_KINDS, V_START, V_TAKEOVER, V_DRY };

/* The parameters are those of the query; HEAD looks without starting anything. */
static int
start(struct req *r, bool live)
{
	const char *url, *values[V_DRY + 1];
	memcpy(values, r->values, V_DRY * sizeof values[0]);
	values[V_DRY] = r->head ? "true" : "false";
	if (!media_sign(r->arena, MEDIA_FILES, "", 0))
		return no_key(r);
	struct db_result begun = req_query(r, Q_START, V_DRY + 1, values);
	if (begun.status != DB_OK)
		return problem_db(r, &begun);
	const char *outcome = text_of(r, begun.rows, 0, "_outcome");
	if (strcmp(outcome, "ok"))
		return refuse(r, begun.rows, 0, outcome);
	int status = address(r, begun.rows, 0, values[V_ITEM], live, values[V_START], &url);
	if (!status)
		return answer(r, begun.rows, 0, url);
	const char *drop[] = { values[V_ACCOUNT], text_of(r, begun.rows, 0, "session_id") };
	req_query(r, Q_DROP_SESSION, 2, drop);
	return status;
}

static int
play_ondemand(struct req *r)
{
	return start(r, false);
}

static int
play_live(struct req *r)
{
	return start(r, true);
}

static int
heartbeat(struct req *r, const PGresult *rows, int row)
{
	const char *url = NULL, *outcome = text_of(r, rows, row, "_outcome");
	if (strcmp(outcome, "ok"))
		return refuse(r, rows, row, outcome);
	const char *wanted = text_of(r, rows, row, "_address");
	const char *live = text_of(r, rows, row, "_live");
	int status = 0;
	if (wanted && *wanted == 't')
		status = address(r, rows, row, text_of(r, rows, row, "_item"), live && *live == 't',
			text_of(r, rows, row, "_start"), &url);
	return status ? status : answer(r, rows, row, url);
}

static int
command_reap(int argc, char **argv)
{
	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: play reap\n");
		return 2;
	}
	return db_command("play", play_queries[Q_REAP].sql);
}

/* clang-format off */
#define ID { "id", P_ID }
#define TAKEOVER { "takeover", P_ID, .doc = "a session of this account that ends for this one" }
/* clang-format on */

static const struct param heartbeat_body[] = {
	{ "position", P_INT, .max = 360000, .required = true, .doc = "seconds" },
	{ "seq", P_INT, .max = INT64_C(1) << 53, .required = true,
		.doc = "counts up with each heartbeat; what comes late or twice is known by it" },
	{ "event", P_ENUM,
		.choices = "start|play|progress|pause|resume|seek|buffering|error|stop|ended",
		.doc = "what the player does: stop closes the session; ended, too, and counts as seen" },
	{ 0 },
};

static const struct route routes[] = {
	{ GET, "/play/ondemand/{id}", ROLE_USER, .handler = play_ondemand, .answer = "playback",
		.fresh = true, .writes = true, .limit = LIMIT_PLAY,
		.summary = "Start playing a movie or an episode",
		.params = { ACCOUNT, PROFILE, SESSION, ID,
			{ .type = P_CONST, .choices = "{movie,episode}" }, { .type = P_CONST }, TAKEOVER } },
	{ GET, "/play/live/{id}", ROLE_USER, .handler = play_live, .answer = "playback", .fresh = true,
		.writes = true, .limit = LIMIT_PLAY, .summary = "Start playing a channel",
		.params = { ACCOUNT, PROFILE, SESSION, ID, { .type = P_CONST, .choices = "{channel}" },
			{ "start", P_TIME,
				.doc = "start over or catch up from then, as far back as the channel's "
					   "catchup_hours" },
			TAKEOVER } },
	{ POST, "/play/sessions/{id}/heartbeat", ROLE_USER, Q_HEARTBEAT, .answer_row = heartbeat,
		.answer = "heartbeat", .limit = LIMIT_PLAY, .summary = "Where playback is; keeps it going",
		.params = { ACCOUNT, ID, { .type = P_MEMBERS, .body = heartbeat_body } } },
	{ GET, "/play/sessions", ROLE_USER, Q_SESSION_LIST, .answer = "play_session", .list = true,
		.fresh = true, .summary = "What plays on this account now", .params = { ACCOUNT, AGE } },
	{ DELETE, "/play/sessions/{id}", ROLE_USER, Q_STOP, .ok = 204, .summary = "End a play session",
		.params = { ACCOUNT, PROFILE, SESSION, ID } },
	{ GET, "/play/hls/{id}/{token}/{from}/{file}", ROLE_ANYONE, .handler = live_playlist,
		.summary = "Playlists of a channel that is computed from its schedule; the address is "
				   "signed, as GET /play/live/{id} answers it",
		.params = { { "id", P_ID }, { "token", P_TEXT, .min = 1, .max = 100 },
			{ "from", P_TEXT, .min = 1, .max = 16 }, { "file", P_TEXT, .min = 1, .max = 20 } } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "reap", "", command_reap },
		{ "add-media", PLAY_ADD_MEDIA, command_add_media },
		{ "add-thumbnails", PLAY_ADD_THUMBNAILS, command_add_thumbnails },
		{ "link-media", "CONTENT DIRECTORY", command_link_media },
		{ "prune-media", "[--dry-run]", command_prune_media },
		{ 0 },
	};
	static const struct program program = {
		.name = "play",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = play_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}
