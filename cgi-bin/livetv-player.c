/* The key is 256 random bits; only its hash is stored. The guide is written as it is read, twenty
 * channels at a time, so that its first byte does not wait for its last. */
#include "livetv-player.h"
#include "livetv.queries.h"
#include "tv.h"

#include <openssl/rand.h>
#include <sys/stat.h>

enum { GUIDE_SECONDS = 120 };

static void
put_url(struct req *r, const char *member, const char *file, const char *key)
{
	json_key(&r->out, member);
	json_cstring(
		&r->out, arena_printf(r->arena, "%s/livetv/%s?key=%s", req_base_url(r), file, key));
}

int
player_key_make(struct req *r)
{
	unsigned char secret[32];
	if (RAND_bytes(secret, sizeof secret) != 1)
		abort();
	const char *key = base64url_encode(r->arena, secret, sizeof secret);
	const char *values[] = { r->values[0], r->values[1], digest_bytea(r->arena, key) };
	struct db_result made = req_query(r, Q_PLAYER_KEY_MAKE, 3, values);
	if (made.status != DB_OK)
		return problem_db(r, &made);
	buf_printf(&r->out, "{\"key\":\"%s\"", key);
	put_url(r, "playlist_url", "playlist.m3u", key);
	put_url(r, "guide_url", "guide.xml", key);
	json_member(&r->out, "created_at", row_text(r->arena, made.rows, 0, 0));
	buf_putc(&r->out, '}');
	return 201;
}

/* Whom a key speaks for, as text: the first parameters of the queries below. */
enum { W_AGE, W_ACCOUNT, W_PROFILE, W_COUNT };

/* 0: the key is good. */
static int
check_key(struct req *r, const char *who[W_COUNT])
{
	const char *hash = digest_bytea(r->arena, r->values[0]);
	struct db_result found = req_query(r, Q_PLAYER, 1, &hash);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	if (!PQntuples(found.rows))
		return problem(r, 404, "not_found", NULL);
	for (int i = 0; i < W_COUNT; i++)
		who[i] = row_text(r->arena, found.rows, 0, i);
	return 0;
}

/* A line ends with its line: what could break it is a blank. */
static void
put_in_line(struct buf *b, const char *text, bool quoted)
{
	for (; *text; text++)
		if ((unsigned char)*text < 32 || *text == 127)
			buf_putc(b, ' ');
		else
			buf_putc(b, quoted && *text == '"' ? '\'' : *text); /* there is no escape */
}

static void
put_attribute(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_printf(b, " %s=\"", name);
	put_in_line(b, value, true);
	buf_putc(b, '"');
}

enum { C_ID, C_GUIDE_ID, C_NUMBER, C_TITLE, C_POSTER, C_GROUP, C_CATCHUP };

static void
put_channel_line(struct req *r, const PGresult *rows, int row)
{
	struct arena *a = r->arena;
	struct buf *b = &r->out;
	const char *title = row_text(a, rows, row, C_TITLE);
	int64_t catchup = row_int(rows, row, C_CATCHUP);
	buf_puts(b, "#EXTINF:-1");
	put_attribute(b, "tvg-id", row_text(a, rows, row, C_GUIDE_ID));
	put_attribute(b, "tvg-name", title);
	put_attribute(b, "tvg-logo", row_text(a, rows, row, C_POSTER));
	put_attribute(b, "tvg-chno", row_text(a, rows, row, C_NUMBER));
	put_attribute(b, "group-title", row_text(a, rows, row, C_GROUP));
	if (catchup)
		buf_printf(b, " catchup=\"append\" catchup-source=\"&utc=${start}&lutc=${timestamp}\""
					  " catchup-days=\"%d\"",
			(int)((catchup + 23) / 24));
	buf_putc(b, ',');
	put_in_line(b, title, false);
	buf_printf(b, "\n%s/livetv/stream/%s?key=%s\n", req_base_url(r), row_text(a, rows, row, C_ID),
		r->values[0]);
}

int
player_playlist(struct req *r)
{
	const char *who[W_COUNT];
	int status = check_key(r, who);
	if (status)
		return status;
	struct db_result channels = req_query(r, Q_PLAYER_CHANNELS, W_COUNT, who);
	if (channels.status != DB_OK)
		return problem_db(r, &channels);
	const char *guide =
		arena_printf(r->arena, "%s/livetv/guide.xml?key=%s", req_base_url(r), r->values[0]);
	r->content_type = "audio/x-mpegurl; charset=utf-8";
	buf_printf(&r->out, "#EXTM3U url-tvg=\"%s\" x-tvg-url=\"%s\"\n", guide, guide);
	for (int row = 0; row < PQntuples(channels.rows); row++)
		put_channel_line(r, channels.rows, row);
	return 200;
}

enum { S_URL, S_CATCHUP, S_STARTS, S_NOW, S_ENDS, S_GONE, S_UNTIL, S_QUALITY };

/* NULL: nobody keeps what was asked for. */
static const char *
external_url(struct req *r, const PGresult *rows)
{
	const char *template = row_text(r->arena, rows, 0, S_CATCHUP);
	if (PQgetisnull(rows, 0, S_STARTS))
		return row_text(r->arena, rows, 0, S_URL);
	struct catchup_time when = { row_int(rows, 0, S_STARTS), row_int(rows, 0, S_ENDS),
		row_int(rows, 0, S_NOW) };
	return template ? catchup_fill(r->arena, template, when) : NULL;
}

int
player_stream(struct req *r)
{
	const char *values[] = { digest_bytea(r->arena, r->values[0]), r->values[1], r->values[2] };
	struct db_result found = req_query(r, Q_PLAYER_STREAM, 3, values);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	if (!PQntuples(found.rows))
		return problem(r, 404, "not_found", NULL);
	bool external = !PQgetisnull(found.rows, 0, S_URL);
	const char *url = external ? external_url(r, found.rows) : NULL;
	const char *from = row_text(r->arena, found.rows, 0, S_STARTS);
	int64_t channel;
	if (*PQgetvalue(found.rows, 0, S_GONE) || (external && !url))
		return problem(r, 403, "no_catchup", "The channel does not keep what it showed then.");
	if (!external && parse_int(r->values[1], 1, INT64_MAX, &channel))
		url = media_live_url(r, channel, from ? from : "live",
			row_text(r->arena, found.rows, 0, S_QUALITY),
			row_int(found.rows, 0, S_UNTIL) / 1000000 + PG_EPOCH_SECONDS);
	if (!url)
		return problem(r, 503, "not_configured", "The service has no key to sign with.");
	req_header(r, "Location", url);
	return 302;
}

/* ---- XMLTV */

/* Leaves out what XML 1.0 has no place for (2.2): control characters, U+FFFE and U+FFFF. */
static void
put_text(struct buf *b, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		const char *entity = c == '&' ? "&amp;"
			: c == '<'                ? "&lt;"
			: c == '>'                ? "&gt;"
			: c == '"'                ? "&quot;"
									  : NULL;
		if (entity)
			buf_puts(b, entity);
		else if (!strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3))
			text += 2;
		else if (c >= 32 || c == '\n' || c == '\t')
			buf_putc(b, *text);
	}
}

static void
put_element(struct buf *b, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(b, "<%s>", name);
	put_text(b, text);
	buf_printf(b, "</%s>", name);
}

/* 2026-11-22T19:00:00Z → 20261122190000 +0000 */
static void
put_instant(struct buf *b, const char *name, const char *instant)
{
	buf_printf(b, " %s=\"", name);
	for (; *instant && *instant != 'Z' && *instant != '.'; instant++)
		if (isdigit((unsigned char)*instant))
			buf_putc(b, *instant);
	buf_puts(b, " +0000\"");
}

enum {
	P_GUIDE_ID,
	P_TITLE,
	P_SUBTITLE,
	P_SYNOPSIS,
	P_START,
	P_STOP,
	P_CATEGORY,
	P_SEASON,
	P_EPISODE,
	P_MIN_AGE,
	P_ICON,
	P_NUMBER,
	P_CHANNEL
};

static void
put_programme(struct arena *a, struct buf *b, const PGresult *rows, int row)
{
	const char *icon = row_text(a, rows, row, P_ICON), *start = row_text(a, rows, row, P_START);
	if (!start)
		return; /* a channel without programmes */
	buf_puts(b, "<programme");
	put_instant(b, "start", start);
	put_instant(b, "stop", row_text(a, rows, row, P_STOP));
	buf_puts(b, " channel=\"");
	put_text(b, row_text(a, rows, row, P_GUIDE_ID));
	buf_puts(b, "\">");
	put_element(b, "title", row_text(a, rows, row, P_TITLE));
	put_element(b, "sub-title", row_text(a, rows, row, P_SUBTITLE));
	put_element(b, "desc", row_text(a, rows, row, P_SYNOPSIS));
	put_element(b, "category", row_text(a, rows, row, P_CATEGORY));
	if (icon) {
		buf_puts(b, "<icon src=\"");
		put_text(b, icon);
		buf_puts(b, "\"/>");
	}
	if (!PQgetisnull(rows, row, P_EPISODE)) {
		int64_t season = PQgetisnull(rows, row, P_SEASON) ? 0 : row_int(rows, row, P_SEASON);
		buf_puts(b, "<episode-num system=\"xmltv_ns\">");
		if (season > 0)
			buf_int(b, season - 1);
		buf_printf(b, ".%lld.</episode-num>", (long long)row_int(rows, row, P_EPISODE) - 1);
	}
	buf_puts(b, "</programme>\n");
}

static void
put_channels(struct arena *a, struct buf *b, const PGresult *rows)
{
	for (int row = 0; row < PQntuples(rows); row++) {
		const char *logo = row_text(a, rows, row, C_POSTER);
		buf_puts(b, "<channel id=\"");
		put_text(b, row_text(a, rows, row, C_GUIDE_ID));
		buf_puts(b, "\">");
		put_element(b, "display-name", row_text(a, rows, row, C_TITLE));
		if (logo) {
			buf_puts(b, "<icon src=\"");
			put_text(b, logo);
			buf_puts(b, "\"/>");
		}
		buf_puts(b, "</channel>\n");
	}
}

/* The next channels after (*number, *channel), which move on; false at the end, or when a part
 * failed: the document then ends without its last tag, and no player takes it for whole. */
static bool
send_part(
	struct req *r, const char *const *who, const char **number, const char **channel, bool *failed)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a);
	const char *values[] = { who[W_AGE], who[W_ACCOUNT], who[W_PROFILE],
		r->values[1] ? r->values[1] : "7", *number, *channel };
	struct db_result part =
		db_query(r->db, a, Q_PLAYER_GUIDE, 6, values, NULL, true, now_us() + REQ_DEADLINE_US);
	*failed = part.status != DB_OK;
	int n = *failed ? 0 : PQntuples(part.rows);
	for (int row = 0; row < n; row++)
		put_programme(a, &b, part.rows, row);
	if (n) {
		*number = arena_strdup(r->arena, row_text(a, part.rows, n - 1, P_NUMBER));
		*channel = arena_strdup(r->arena, row_text(a, part.rows, n - 1, P_CHANNEL));
	}
	bool sent = reply_part(r, &b);
	arena_free(a);
	return n && sent;
}

/* Of what makes the document, without making it: the generation of everything live on this node,
 * its file's age (another node counts for itself), the channels, and the hour, in which the guide's
 * two ends may move a little: hence weak. NULL without a store. Before the first statement. */
static const char *
live_state(struct req *r)
{
	struct buf file = buf_new(r->arena);
	int64_t generation;
	struct stat st;
	store_directory(&file, CACHE_LIVE);
	buf_puts(&file, ".generation");
	if (!store_state(CACHE_LIVE, &generation) || stat(file.data, &st) < 0)
		return NULL;
	return arena_printf(r->arena, "%lld %lld %lld.%ld %lld", (long long)st.st_size,
		(long long)st.st_ino, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		(long long)(now_us() / 1000000 / 3600));
}

static void
tag_guide(struct req *r, const char *state, const char *age, const struct buf *head)
{
	if (!state)
		return;
	const char *days = r->values[1] ? r->values[1] : "";
	const char *all = arena_printf(r->arena, "%s|%s|%s|%s", state, age, days, head->data);
	r->etag = arena_printf(r->arena, "W/%s", digest_etag(r->arena, all, strlen(all)));
}

int
player_guide(struct req *r)
{
	const char *who[W_COUNT], *state = live_state(r), *number = "-1", *channel = "0";
	bool failed = false;
	int status = check_key(r, who);
	if (status)
		return status;
	struct db_result channels = req_query(r, Q_PLAYER_CHANNELS, W_COUNT, who);
	if (channels.status != DB_OK)
		return problem_db(r, &channels);
	struct buf b = buf_new(r->arena);
	buf_puts(&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tv SYSTEM \"xmltv.dtd\">\n"
		"<tv generator-info-name=\"Antenna\">\n");
	put_channels(r->arena, &b, channels.rows);
	tag_guide(r, state, who[W_AGE], &b);
	if (r->etag && reply_unchanged(r))
		return 304;
	req_takes(r, GUIDE_SECONDS);
	r->content_type = "application/xml; charset=utf-8";
	reply_begin(r, 200);
	bool sent = reply_part(r, &b);
	while (sent && send_part(r, who, &number, &channel, &failed))
		;
	b.len = 0;
	buf_puts(&b, "</tv>\n");
	if (!failed)
		reply_part(r, &b);
	return 200;
}
