/* Three tables: constraints that clients can run into, classes of SQLSTATE, and the sentences of
 * codes. */
#include "banned.h"

#include "sqlstate.h"

#include "db.h"
#include "param.h"

static const struct {
	const char *constraint;
	struct refusal refusal;
} constraints[] = {
	{ "account_email_key", { 409, "email_taken", "This e-mail address has an account already." } },
	{ "reset_one_address", { 409, "conflict", "Another address was asked for at the same time." } },
	{ "profile_name_key", { 409, "name_taken", "Another profile of this account has that name." } },
	{ "profile_kids_age",
		{ 422, "invalid_value", "A kids' profile has max_age of 12 at most.", "max_age" } },
	{ "credit_person_fkey",
		{ 422, "unknown_person", "One of the credits names nobody.", "credits" } },
	{ "external_id_pkey", { 409, "external_id_taken", "Another title has that external id." } },
	{ "genre_pkey", { 409, "slug_taken", "Another genre has that slug." } },
	{ "item_window_order",
		{ 422, "invalid_window", "available_until must be after available_from.",
			"available_until" } },
	{ "media_markers_order",
		{ 422, "invalid_value", "A marker ends after it starts.", "markers" } },
	{ "programme_order",
		{ 422, "invalid_window", "A programme ends after it starts, by 24 hours at most.",
			"end" } },
	{ "programme_start_key", { 409, "overlap", "Another programme of the channel starts then." } },
	{ "item_genres_fkey", { 422, "unknown_genre", "One of the genres does not exist.", "genres" } },
	{ "channel_guide_id_key", { 409, "guide_id_taken", "Another channel has that guide id." } },
	{ "feed_name_key", { 409, "name_taken", "Another feed has that name." } },
	{ "feed_url_form",
		{ 422, "invalid_value",
			"The url of a feed is http://… or https://…, or the name of a file in the feeds' "
			"directory.",
			"url" } },
	{ "feed_language_form",
		{ 422, "invalid_value", "A language is a code of ISO 639 (nor, no).", "language" } },
	{ "source_url_form",
		{ 422, "invalid_source", "The address of a stream begins with http:// or https://.",
			"source.url" } },
	{ "schedule_length",
		{ 422, "invalid_source", "A schedule has 1 to 100 titles.", "source.schedule" } },
	{ "plan_code_key", { 409, "code_taken", "Another plan has that code." } },
	{ "plan_currency_form",
		{ 422, "invalid_value", "A currency is three capital letters.", "price.currency" } },
	{ "rule_currency_form",
		{ 422, "invalid_value", "A currency is three capital letters.", "price.currency" } },
	{ "rule_plan_fkey", { 409, "plan_in_use", "Rules name this plan." } },
	{ "subscription_plan_fkey", { 409, "plan_in_use", "Somebody has this plan. Retire it." } },
	{ "subscription_next_plan_fkey", { 409, "plan_in_use", "Somebody has chosen this plan." } },
	{ "payment_plan_fkey", { 409, "plan_in_use", "Somebody has paid for this plan. Retire it." } },
	{ "rule_content_fkey", { 422, "unknown_content", "There is no such content.", "content_id" } },
	{ "grant_content_fkey", { 422, "unknown_content", "There is no such content.", "content_id" } },
	/* a rule that is deleted while somebody buys by it */
	{ "purchase_rule_fkey", { 403, "not_for_sale", "It is not sold to this account." } },
	{ "rental_rule_fkey", { 403, "not_for_rent", "It is not rented to this account." } },
	{ "rule_genre_fkey", { 422, "unknown_genre", "There is no such genre.", "genre" } },
	{ "grant_genre_fkey", { 422, "unknown_genre", "There is no such genre.", "genre" } },
	{ "grant_account_fkey", { 422, "unknown_user", "There is no such account.", "user_id" } },
	{ "rule_one_target",
		{ 422, "invalid_value", "A rule is about one of content_id, genre and kind.",
			"content_id" } },
	{ "rule_plan_given",
		{ 422, "invalid_value", "Rules of type subscription, and no others, name a plan.",
			"plan_id" } },
	{ "rule_price_given",
		{ 422, "invalid_value", "Rules of type purchase and rental, and no others, have a price.",
			"price" } },
	{ "rule_terms_given",
		{ 422, "invalid_value", "Rules of type rental, and no others, have terms.",
			"start_within" } },
	{ "rule_exclusive_content",
		{ 422, "invalid_value", "Only a rule about content_id can be exclusive.", "exclusive" } },
	{ "rule_window_order",
		{ 422, "invalid_window", "valid_until must be after valid_from.", "valid_until" } },
	{ "grant_window_order",
		{ 422, "invalid_window", "valid_until must be after valid_from.", "valid_until" } },
	{ "season_number_key", { 409, "number_taken", "The series has a season of that number." } },
	{ "episode_number_key", { 409, "number_taken", "The season has an episode of that number." } },
};

static const struct {
	const char *prefix; /* of the SQLSTATE; the longest first */
	struct refusal refusal;
} states[] = {
	{ "22007", { 400, "invalid_cursor", "The cursor is not one that this list gave out." } },
	{ "22009", { 400, "invalid_cursor", "The cursor is not one that this list gave out." } },
	{ "22008", { 400, "invalid_parameter", "A parameter is out of range." } },
	{ "22003", { 400, "invalid_parameter", "A parameter is out of range." } },
	{ "22023", { 400, "invalid_parameter", "A parameter is not known." } },
	{ "22P02", { 400, "invalid_cursor", "The cursor is not one that this list gave out." } },
	{ "23505", { 409, "conflict", "Something with these values exists already." } },
	{ "23503", { 409, "conflict", "Something that this refers to does not exist, or is in use." } },
	{ "23P01", { 409, "overlap", "This overlaps something that is there." } },
	{ "23514", { 422, "invalid_value", "A value is not allowed." } },
	{ "23502", { 422, "invalid_value", "A value is missing." } },
	{ "54000", { 422, "invalid_value", "A value is too long." } },
	{ "40", { 503, "busy", "Two requests were in each other's way. Try again." } },
	{ "42", { 503, "database_mismatch", "The service is being updated. Try again." } },
	{ "53", { 503, "database_full", "The service cannot store anything right now." } },
	{ "55P03", { 503, "busy", "Something else holds what this needs. Try again." } },
	{ "57", { 503, "database_away", "The service's database did not answer in time." } },
	{ "08", { 503, "database_away", "The service's database is away." } },
	{ "25006", { 503, "database_away", "The service's database takes no changes right now." } },
};

static const struct {
	const char *code, *detail, *field;
} codes[] = {
	{ "session_ended", "This session has ended. Sign in again." },
	{ "role_changed", "The role of this account has changed. Refresh the access token." },
	{ "account_suspended", "This account is suspended." },
	{ "version_changed", "It has changed since it was read. Read it again." },
	{ "profile_limit", "The account has as many profiles as it may have." },
	{ "last_profile", "The last profile of an account cannot be deleted." },
	{ "profile_not_allowed", "This profile may not do that." },
	{ "last_admin", "This is the last administrator." },
	{ "too_many_attempts", "Too many wrong tries. Wait before the next one." },
	{ "wrong_pin", "The PIN is wrong." },
	{ "wrong_password", "The password is wrong." },
	{ "unknown_rating", "There is no such code in that rating system.", "rating" },
	{ "unknown_channel", "There is no such channel.", "channel_id" },
	{ "unknown_content", "There is no such film or episode." },
	{ "invalid_source", "A channel has one source: url, maybe with catchup, or schedule.",
		"source" },
	{ "unknown_series", "There is no such series.", "series_id" },
	{ "unknown_season", "There is no such season.", "season_id" },
	{ "invalid_target", "A grant names one of content_id, genre and kind, or says everything.",
		"content_id" },
	{ "unknown_plan", "There is no such plan.", "plan_id" },
	{ "idempotency_key_reused", "That Idempotency-Key was used for another request.",
		"Idempotency-Key" },
	{ "already_owned", "This account has bought it already." },
	{ "already_rented", "This account has rented it, and the time is not over." },
	{ "already_subscribed", "This account has that plan already." },
	{ "price_changed", "The price is not the one that was shown. Nothing was charged." },
	{ "payment_pending", "A payment for it is on its way. Wait for its outcome." },
	{ "payment_declined", "The payment was declined." },
	{ "not_for_sale", "It is not sold to this account." },
	{ "not_for_rent", "It is not rented to this account." },
	{ "already_refunded", "The money was given back already." },
	{ "not_paid", "There is no payment to give back." },
	{ "import_running", "Another import runs. Try again when it has ended." },
	{ "import_failed", "The import could not be finished; nothing has changed. Try again." },
	{ "feed_disabled", "The feed is disabled; nothing is fetched." },
	{ "masked_url", "The url has *** where a secret was, and is not the one that was shown.",
		"url" },
	{ "genre_in_use", "Titles have this genre." },
	{ "not_found", "There is nothing here under this address." },
};

const char *
code_detail(const char *code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (!strcmp(codes[i].code, code))
			return codes[i].detail;
	return NULL;
}

/* TVnnn: raised by our own SQL, the message is the code. */
static const char *
code_field(const char *code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (!strcmp(codes[i].code, code))
			return codes[i].field;
	return NULL;
}

static bool
own_refusal(const struct db_result *result, struct refusal *out)
{
	int64_t status;
	if (strncmp(result->sqlstate, "TV", 2) || !parse_int(result->sqlstate + 2, 400, 499, &status))
		return false;
	*out = (struct refusal){ (int)status, result->message,
		*result->detail ? result->detail : code_detail(result->message),
		code_field(result->message) };
	return true;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && !strcmp(text + n - m, end);
}

/* What a new row refers to was deleted since, by the end of the constraint's name. Those that are
 * named in bodies have rows of their own above: the others are whom a token speaks for, and what
 * the path names. */
static const struct {
	const char *end;
	struct refusal refusal;
} gone[] = {
	{ "_account_fkey", { 401, "session_ended" } },
	{ "_profile_fkey", { 401, "session_ended" } },
	{ "_item_fkey", { 404, "not_found" } },
};

static bool
is_gone(const struct db_result *result, struct refusal *out)
{
	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
		if (!strcmp(result->sqlstate, "23503") && ends_with(result->constraint, gone[i].end)) {
			*out = gone[i].refusal;
			out->detail = code_detail(out->code);
			return true;
		}
	return false;
}

struct refusal
sqlstate_refusal(const struct db_result *result)
{
	struct refusal own;
	if (result->status == DB_AWAY)
		return (struct refusal){ 503, "database_away", "The service's database is away." };
	if (own_refusal(result, &own))
		return own;
	for (size_t i = 0; *result->constraint && i < sizeof constraints / sizeof constraints[0]; i++)
		if (!strcmp(result->constraint, constraints[i].constraint))
			return constraints[i].refusal;
	if (is_gone(result, &own))
		return own;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (!strncmp(result->sqlstate, states[i].prefix, strlen(states[i].prefix)))
			return states[i].refusal;
	return (struct refusal){ 500, "internal_error", NULL };
}
