/* Channels and the guide. */
#include "tv.h"

#include "livetv-channels.h"
#include "livetv-feed.h"
#include "livetv-guide.h"
#include "livetv-import.h"
#include "livetv-m3u.h"
#include "livetv-player.h"
#include "livetv.queries.h"

enum { HALF_HOUR = 1800, DEFAULT_HOURS = 4, MAX_HOURS = 24 };

static const int64_t SECOND = 1000000;

/* In r->values of the guide. */
enum { V_FROM = 4, V_TO = 5, V_CHANNELS = 6 };

static const char *
instant(struct req *r, int64_t micros)
{
	char text[32] = "";
	json_put_time(text, micros);
	return arena_strdup(r->arena, text);
}

/* from and to are optional: this half hour, and four hours after from. */
static int
window(struct req *r)
{
	int64_t from = time(NULL) / HALF_HOUR * HALF_HOUR * SECOND, to;
	if (r->values[V_FROM])
		parse_time(r->values[V_FROM], &from);
	to = from + DEFAULT_HOURS * 3600 * SECOND;
	if (r->values[V_TO])
		parse_time(r->values[V_TO], &to);
	if (to <= from || to - from > MAX_HOURS * 3600 * SECOND)
		return problem(r, 400, "invalid_window", "to must be after from, by 24 hours at most.");
	r->values[V_FROM] = instant(r, from);
	r->values[V_TO] = instant(r, to);
	r->lead = arena_printf(
		r->arena, "\"from\":\"%s\",\"to\":\"%s\",", r->values[V_FROM], r->values[V_TO]);
	if (r->values[V_CHANNELS])
		r->picked = Q_EPG_OF_CHANNELS;
	return 0;
}

static const struct param name_item[] = { { .type = P_TEXT, .min = 1, .max = 300 }, { 0 } };
static const struct param language_item[] = { { .type = P_LANGUAGE }, { 0 } };

static const struct param content_item[] = { { .type = P_ID }, { 0 } };

static const struct param source[] = {
	{ "url", P_TEXT, .min = 1, .max = 2000, .nullable = true,
		.doc = "an HLS stream, given out as it is" },
	{ "catchup", P_TEMPLATE, .nullable = true,
		.doc = "where the provider of url keeps what was shown, as an address with placeholders: "
			   "{utc} is the start in seconds since 1970" },
	{ "schedule", P_LIST, .min = 1, .max = 100, .of = content_item, .nullable = true,
		.doc = "films and episodes that the channel shows, over and over" },
	{ 0 },
};

static const struct param channel_body[] = {
	{ "name", P_TEXT, .required = true, .min = 1, .max = 300 },
	{ "number", P_INT, .required = true, .min = 0, .max = 999999 },
	{ "logo", P_URL, .nullable = true },
	{ "group", P_SLUG, .nullable = true, .doc = "made when there is none of that slug" },
	{ "country", P_COUNTRY, .nullable = true },
	{ "languages", P_LIST, .max = 50, .of = language_item },
	{ "min_age", P_INT, .min = 0, .max = 18 },
	{ "catchup_hours", P_INT, .min = 0, .max = 744,
		.doc = "how far back it can be seen, if it has a schedule or a source.catchup" },
	{ "hidden", P_BOOL },
	{ "guide_id", P_TEXT, .min = 1, .max = 200, .nullable = true,
		.doc = "its id in XMLTV files and playlists" },
	{ "website", P_LINK, .nullable = true },
	{ "alt_names", P_LIST, .max = 200, .of = name_item },
	{ "state", P_ENUM, .choices = "draft|published" },
	{ "source", P_OBJECT, .of = source, .nullable = true,
		.doc = "one of url and schedule; catchup goes with url" },
	{ 0 },
};

static const struct param programme_body[] = {
	{ "channel_id", P_ID, .required = true },
	{ "title", P_TEXT, .required = true, .min = 1, .max = 300 },
	{ "start", P_TIME, .required = true },
	{ "end", P_TIME, .required = true },
	{ "subtitle", P_TEXT, .max = 300, .nullable = true },
	{ "synopsis", P_LONGTEXT, .max = 10000, .nullable = true },
	{ "category", P_TEXT, .max = 100, .nullable = true },
	{ "season", P_INT, .min = 0, .max = 99999, .nullable = true },
	{ "episode", P_INT, .min = 0, .max = 99999, .nullable = true },
	{ "min_age", P_INT, .min = 0, .max = 18 },
	{ "content_id", P_ID, .nullable = true,
		.doc = "the film or episode that a channel with a schedule shows then" },
	{ 0 },
};

static const struct param feed_body[] = {
	{ "name", P_TEXT, .required = true, .min = 1, .max = 100 },
	{ "url", P_TEXT, .required = true, .min = 1, .max = 2000,
		.doc =
			"http or https, or the name of a file in TV_FEED_DIR; secrets in it are shown as ***, "
			"and the address as it was shown keeps them" },
	{ "format", P_ENUM, .choices = "xmltv|m3u", .required = true },
	{ "priority", P_INT, .min = 0, .max = 1000,
		.doc = "of several guides that have a channel, the highest supplies it; 100 when absent" },
	{ "period", P_INT, .min = 60, .max = 2678400,
		.doc = "seconds between fetches; 3600 when absent" },
	{ "enabled", P_BOOL, .doc = "true when absent" },
	{ "language", P_TEXT, .min = 2, .max = 3, .nullable = true,
		.doc = "ISO 639; taken where a text has several" },
	{ "history_days", P_INT, .min = 1, .max = 31,
		.doc = "what ended longer ago is left alone; 7 when absent" },
	{ "only_known", P_BOOL, .doc = "skip channels that are not known; false when absent" },
	{ "max_mib", P_INT, .min = 1, .max = 256, .doc = "largest file; 256 when absent" },
	{ "timeout", P_INT, .min = 1, .max = 1800, .doc = "seconds for fetching; 300 when absent" },
	{ 0 },
};

/* clang-format off */
#define CHANNEL_FILTERS \
	AGE, { "group", P_SLUG }, { "country", P_COUNTRY }, { "language", P_LANGUAGE }
#define ID { "id", P_ID }
#define KEY { "key", P_SECRET, .required = true, .max = 100 }
#define BODY(members) { .type = P_BODY, .body = members }
/* clang-format on */

static const struct route routes[] = {
	{ GET, "/livetv/channels", ROLE_USER, Q_CHANNEL_LIST, .cache = CACHE_LIVE, .answer = "channel",
		.summary = "Channels in order of number", .params = { CHANNEL_FILTERS, PAGE(2) } },
	{ GET, "/livetv/channels/{id}", ROLE_USER, Q_CHANNEL, .common = true,
		.answer = "channel_now", .summary = "A channel, what runs and what comes next",
		.params = { AGE, ID } },
	{ GET, "/livetv/now", ROLE_USER, Q_NOW_LIST, .common = true, .answer = "now",
		.summary = "What runs and what comes next",
		.params = { AGE, { "channels", P_IDS, .max = 100 },
			{ "limit", P_LIMIT, .max = 100, .def = 100 }, CURSOR(2) } },
	{ GET, "/livetv/epg", ROLE_USER, Q_EPG, .choose = window, .cache = CACHE_LIVE, .answer = "epg",
		.summary = "The guide: a window of time of some channels",
		.params = { CHANNEL_FILTERS, { "from", P_TIME }, { "to", P_TIME },
			{ "channels", P_IDS, .max = 100 }, { "limit", P_LIMIT, .max = 100, .def = 25 },
			CURSOR(2) } },
	{ GET, "/livetv/channels/{id}/epg", ROLE_USER, Q_CHANNEL_DAY, .cache = CACHE_LIVE,
		.answer = "day", .summary = "A channel's day in a time zone; today and UTC when absent",
		.params = { AGE, ID, { "date", P_DATE }, { "tz", P_TZ } } },
	{ GET, "/livetv/programmes/{id}", ROLE_USER, Q_PROGRAMME, .cache = CACHE_LIVE,
		.answer = "programme_detail", .summary = "All that is known of a programme",
		.params = { AGE, ID } },

	{ GET, "/livetv/player-key", ROLE_USER, Q_PLAYER_KEY, .answer = "player_key_state",
		.summary = "Since when the profile has a key for players; null without one",
		.params = { PROFILE } },
	{ POST, "/livetv/player-key", ROLE_USER, .handler = player_key_make, .ok = 201,
		.answer = "player_key",
		.summary = "Make a key for players, told once; the one before is over",
		.params = { SESSION, PROFILE } },
	{ DELETE, "/livetv/player-key", ROLE_USER, Q_PLAYER_KEY_DELETE, .ok = 204,
		.summary = "End the profile's key for players", .params = { PROFILE } },
	{ GET, "/livetv/playlist.m3u", ROLE_ANYONE, .handler = player_playlist,
		.summary = "Channels that have a stream, for IPTV players", .params = { KEY } },
	{ GET, "/livetv/guide.xml", ROLE_ANYONE, .handler = player_guide,
		.summary = "Their guide as XMLTV: a day back, and some days ahead (7); a weak ETag where "
				   "answers are kept (TV_CACHE)",
		.params = { KEY, { "days", P_INT, .min = 1, .max = 14 } } },
	{ GET, "/livetv/stream/{id}", ROLE_ANYONE, .handler = player_stream, .ok = 302,
		.summary = "Where a channel's stream is, or what it showed",
		.params = { KEY, ID,
			{ "utc", P_INT, .max = INT64_C(1) << 32,
				.doc = "start over or catch up from then, in seconds since 1970" },
			{ "lutc", P_TEXT, .max = 40, .doc = "what players add: their time; not looked at" } } },

	{ POST, "/admin/livetv/import", ROLE_ADMIN, .limit = LIMIT_IMPORT, .handler = import_body,
		.raw = true, .answer = "import_report",
		.summary = "Import a guide (XMLTV) or a playlist (M3U), plain, gzip or xz, up to 256 MiB",
		.params = { { "format", P_ENUM, .choices = "xmltv|m3u", .required = true } } },
	{ GET, "/admin/livetv/channels", ROLE_ADMIN, Q_ADMIN_CHANNEL_LIST, .answer = "admin_channel",
		.summary = "Channels, hidden ones as well", .params = { { "hidden", P_BOOL }, PAGE(2) } },
	{ POST, "/admin/livetv/channels", ROLE_ADMIN, Q_ADMIN_CHANNEL_CREATE, .reread = Q_ADMIN_CHANNEL,
		.ok = 201, .answer = "admin_channel", .summary = "Make a channel",
		.params = { BODY(channel_body) } },
	{ GET, "/admin/livetv/channels/{id}", ROLE_ADMIN, Q_ADMIN_CHANNEL, .answer = "admin_channel",
		.summary = "A channel as editors see it", .params = { ID } },
	{ PUT, "/admin/livetv/channels/{id}", ROLE_ADMIN, Q_ADMIN_CHANNEL_REPLACE,
		.reread = Q_ADMIN_CHANNEL, .answer = "admin_channel", .summary = "Replace a channel",
		.params = { ID, IF_MATCH, BODY(channel_body) } },
	{ DELETE, "/admin/livetv/channels/{id}", ROLE_ADMIN, Q_ADMIN_CHANNEL_DELETE, .ok = 204,
		.summary = "Delete a channel and its guide", .params = { ID, IF_MATCH } },

	{ GET, "/admin/livetv/feeds", ROLE_ADMIN, Q_ADMIN_FEED_LIST, .answer = "feed",
		.summary = "Feeds: guides and playlists that are fetched by themselves, and how it went",
		.params = { PAGE(1) } },
	{ POST, "/admin/livetv/feeds", ROLE_ADMIN, Q_ADMIN_FEED_CREATE, .reread = Q_ADMIN_FEED,
		.ok = 201, .answer = "feed", .summary = "Make a feed; it is fetched at the next round",
		.params = { BODY(feed_body) } },
	{ GET, "/admin/livetv/feeds/{id}", ROLE_ADMIN, Q_ADMIN_FEED, .answer = "feed",
		.summary = "A feed, its status and its last report", .params = { ID } },
	{ PUT, "/admin/livetv/feeds/{id}", ROLE_ADMIN, Q_ADMIN_FEED_REPLACE, .reread = Q_ADMIN_FEED,
		.answer = "feed", .summary = "Replace a feed",
		.params = { ID, IF_MATCH, BODY(feed_body) } },
	{ DELETE, "/admin/livetv/feeds/{id}", ROLE_ADMIN, Q_ADMIN_FEED_DELETE, .ok = 204,
		.summary = "Delete a feed; what it brought stays", .params = { ID, IF_MATCH } },
	{ POST, "/admin/livetv/feeds/{id}/fetch", ROLE_ADMIN, Q_ADMIN_FEED_REQUEST,
		.reread = Q_ADMIN_FEED, .ok = 202, .answer = "feed",
		.summary = "Have a feed fetched at the next round, whole and whatever its period",
		.params = { ID } },

	{ GET, "/admin/livetv/epg", ROLE_ADMIN, Q_ADMIN_PROGRAMME_LIST, .answer = "admin_programme",
		.summary = "Programmes of a channel",
		.params = { { "channel", P_ID, .required = true }, { "from", P_TIME }, { "to", P_TIME },
			PAGE(1) } },
	{ POST, "/admin/livetv/epg", ROLE_ADMIN, Q_ADMIN_PROGRAMME_CREATE, .reread = Q_ADMIN_PROGRAMME,
		.ok = 201, .answer = "admin_programme",
		.summary = "Make a programme; 409 when it overlaps another one",
		.params = { BODY(programme_body) } },
	{ GET, "/admin/livetv/epg/{id}", ROLE_ADMIN, Q_ADMIN_PROGRAMME, .answer = "admin_programme",
		.summary = "A programme as editors see it", .params = { ID } },
	{ PUT, "/admin/livetv/epg/{id}", ROLE_ADMIN, Q_ADMIN_PROGRAMME_REPLACE,
		.reread = Q_ADMIN_PROGRAMME, .answer = "admin_programme", .summary = "Replace a programme",
		.params = { ID, IF_MATCH, BODY(programme_body) } },
	{ DELETE, "/admin/livetv/epg/{id}", ROLE_ADMIN, Q_ADMIN_PROGRAMME_DELETE, .ok = 204,
		.summary = "Delete a programme", .params = { ID, IF_MATCH } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "import-channels", "[options] FILE…", livetv_import_channels },
		{ "import-guide", "[options] FILE|-…", livetv_import_guide },
		{ "import-m3u", "[--wait SECONDS] [--dry-run] FILE…", livetv_import_m3u },
		{ "fetch-feeds", "", livetv_fetch_feeds },
		{ "prune", "[options]", livetv_prune },
		{ 0 },
	};
	static const struct outbox outbox = { Q_OUTBOX_CLAIM, Q_OUTBOX_SETTLE };
	static const struct program program = {
		.name = "livetv",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = livetv_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.changes = 1u << CACHE_LIVE | 1u << CACHE_PLANS,
		.outbox = &outbox,
	};
	return program_main(&program, argc, argv);
}
