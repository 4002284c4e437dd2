/* What needs a password or a PIN about profiles: selecting one, and making or changing one beyond
 * what the caller may see. These addresses begin with /users, but this program alone may read the
 * secrets (conf/families.conf sends them here). */
#include "auth.h"

#include "auth.queries.h"

enum { ADULT = 18, KIDS_DEFAULT_AGE = 6, KIDS_MOST_AGE = 12 };

const struct param select_body[] = {
	{ "pin", P_PIN, .nullable = true },
	{ 0 },
};

const struct param profile_body[] = {
	{ "name", P_TEXT, .required = true, .min = 1, .max = 50 },
	{ "avatar", P_URL, .nullable = true, .doc = "a path on this server, or an https address" },
	{ "is_kids", P_BOOL },
	{ "max_age", P_INT, .min = 0, .max = 18,
		.doc = "highest age rating; 18 when absent, 6 for kids" },
	{ "language", P_LANGUAGE, .nullable = true },
	{ "pin", P_PIN, .nullable = true, .doc = "null clears it, absent keeps it" },
	{ "password", P_SECRET, .max = 1000,
		.doc = "the account's; needed to see more than before or than the caller's profile, and to "
			   "change a PIN" },
	{ 0 },
};

static struct json_object *
member(const struct req *r, const char *name)
{
	struct json_object *v = NULL;
	json_object_object_get_ex(r->body, name, &v);
	return v;
}

static bool
has(const struct req *r, const char *name)
{
	return json_object_object_get_ex(r->body, name, NULL);
}

/* Columns of the profile_select query. */
enum { ACCOUNT_ID, SESSION_ID, PROFILE_ID, PROFILE_AGE, ACCOUNT_ROLE, EXPIRES_IN, NEXT_TOKEN };

static int
switch_session(struct req *r, const char *account, const char *profile)
{
	const char *seed = refresh_seed_make(r->arena);
	const char *values[] = { account, arena_printf(r->arena, "%lld", (long long)r->claims.session),
		profile, seed };
	struct db_result changed = req_query(r, Q_PROFILE_SELECT, 4, values);
	if (changed.status != DB_OK)
		return refresh_failed(r, seed, &changed);
	if (!PQntuples(changed.rows)) /* deleted while its PIN was compared; the session goes on */
		return problem(r, 404, "not_found", NULL);
	struct claims claims = {
		.account = row_int(changed.rows, 0, ACCOUNT_ID),
		.session = row_int(changed.rows, 0, SESSION_ID),
		.profile = row_int(changed.rows, 0, PROFILE_ID),
		.age = (int)row_int(changed.rows, 0, PROFILE_AGE),
		.role = r->claims.role, /* the guard has just compared it */
	};
	return answer_tokens(r, &claims, row_text(r->arena, changed.rows, 0, NEXT_TOKEN),
		row_int(changed.rows, 0, EXPIRES_IN));
}

/* In r->values of the routes below: account, profile. */
enum { V_ACCOUNT, V_PROFILE };

struct secret {
	const char *pin_hash;
	int max_age;
	bool is_kids;
	const char *version;
};

/* 0: the account has that profile. */
static int
look_up(struct req *r, struct secret *out)
{
	struct db_result found = req_query(r, Q_PROFILE_SECRET, 2, r->values);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	if (!PQntuples(found.rows))
		return problem(r, 404, "not_found", NULL);
	out->pin_hash = row_text(r->arena, found.rows, 0, 0);
	out->max_age = (int)row_int(found.rows, 0, 1);
	out->version = row_text(r->arena, found.rows, 0, 2);
	out->is_kids = row_int(found.rows, 0, 3) != 0;
	return 0;
}

int
profile_select(struct req *r)
{
	struct secret secret;
	int64_t profile = 0;
	int status = cookie_wanted(r) ? cookie_guard(r) : 0;
	if (!status)
		status = look_up(r, &secret);
	parse_int(r->values[V_PROFILE], 1, INT64_MAX, &profile);
	if (!status && secret.pin_hash)
		status = confirm_pin(r, profile, body_string(r, "pin"), secret.pin_hash);
	return status ? status : switch_session(r, r->values[V_ACCOUNT], r->values[V_PROFILE]);
}

struct wanted {
	bool kids;
	int max_age;
};

static struct wanted
read_wanted(struct req *r)
{
	bool kids = has(r, "is_kids") && json_object_get_boolean(member(r, "is_kids"));
	struct wanted w = { kids, kids ? KIDS_DEFAULT_AGE : ADULT };
	if (has(r, "max_age"))
		w.max_age = json_object_get_int(member(r, "max_age"));
	return w;
}

/* 0: whoever asks may do what takes the account's password. */
static int
need_password(struct req *r)
{
	const char *hash, *password = body_string(r, "password");
	if (!password)
		return problem(
			r, 403, "password_required", "This takes the account's password in the body.");
	return confirm_password(r, password, &hash);
}

int
profile_create(struct req *r)
{
	struct wanted w = read_wanted(r);
	const char *pin = body_string(r, "pin");
	/* a child must not make itself a door, nor a purse */
	bool beyond = w.max_age > r->claims.age || (!w.kids && r->claims.age <= KIDS_MOST_AGE);
	int status = beyond ? need_password(r) : 0;
	if (status)
		return status;
	const char *values[] = { r->values[V_ACCOUNT], body_string(r, "name"), body_string(r, "avatar"),
		w.kids ? "true" : "false", arena_printf(r->arena, "%d", w.max_age),
		body_string(r, "language"), pin ? password_hash(r->arena, pin) : NULL };
	struct db_result made = req_query(r, Q_PROFILE_CREATE, 7, values);
	return made.status == DB_OK ? rows_one(r, made.rows) : problem_db(r, &made);
}

static bool
takes_password(const struct req *r, const struct secret *old, const struct wanted *w)
{
	return w->max_age > old->max_age || (old->is_kids && !w->kids) ||
		(has(r, "pin") && old->pin_hash) || old->max_age > r->claims.age;
}

int
profile_change(struct req *r)
{
	struct secret old;
	struct wanted w = read_wanted(r);
	const char *pin = body_string(r, "pin");
	int status = look_up(r, &old);
	if (!status && takes_password(r, &old, &w))
		status = need_password(r);
	if (status)
		return status;
	const char *values[] = { r->values[V_ACCOUNT], r->values[V_PROFILE], old.version,
		body_string(r, "name"), body_string(r, "avatar"), w.kids ? "true" : "false",
		arena_printf(r->arena, "%d", w.max_age), body_string(r, "language"),
		has(r, "pin") ? "true" : "false", pin ? password_hash(r->arena, pin) : NULL };
	struct db_result changed = req_query(r, Q_PROFILE_CHANGE, 10, values);
	if (changed.status != DB_OK)
		return problem_db(r, &changed);
	if (!PQntuples(changed.rows))
		return problem(r, 409, "conflict", "The profile was changed by somebody else. Try again.");
	return rows_one(r, changed.rows);
}
