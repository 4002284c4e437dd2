/* A body against its declared members. Everything wrong is reported at once, with the path of the
 * member. */
#include "banned.h"

#include "json.h"

#include "arena.h"
#include "param.h"
#include "url.h"

struct check {
	struct arena *arena;
	struct body_errors *errors;
};

static bool check_members(
	struct check *c, struct json_object *o, const struct param *members, const char *path);
static bool
check_value(struct check *c, struct json_object *v, const struct param *p, const char *path);

static bool
refuse(struct check *c, const char *field, const char *code, const char *message)
{
	if (c->errors->n < BODY_MAX_ERRORS)
		c->errors->list[c->errors->n++] = (struct body_error){ field, code, message };
	return false;
}

static const char *
join(struct check *c, const char *path, const char *name)
{
	return *path ? arena_printf(c->arena, "%s.%s", path, name) : name;
}

static bool
check_int(struct check *c, struct json_object *v, const struct param *p, const char *path)
{
	if (!json_object_is_type(v, json_type_int))
		return refuse(c, path, "wrong_type", "must be a whole number");
	int64_t n = json_object_get_int64(v);
	int64_t min = p->type == P_ID ? 1 : p->min;
	int64_t max = p->type == P_ID ? (int64_t)1 << 53 : p->max;
	if (n < min || n > max)
		return refuse(c, path, "out_of_range",
			arena_printf(c->arena, "must be from %lld to %lld", (long long)min, (long long)max));
	return true;
}

static bool
check_text(struct check *c, struct json_object *v, const struct param *p, const char *path)
{
	if (!json_object_is_type(v, json_type_string))
		return refuse(c, path, "wrong_type", "must be a string");
	const char *text = json_object_get_string(v);
	size_t n = utf8_length(text), min = p->min > 0 ? (size_t)p->min : 0;
	if (p->type == P_TEXT || p->type == P_LONGTEXT) {
		if (n < min)
			return refuse(c, path, n ? "too_short" : "required",
				arena_printf(c->arena, "must have at least %zu characters", min));
		if (p->max && n > (size_t)p->max)
			return refuse(c, path, "too_long",
				arena_printf(c->arena, "must have at most %lld characters", (long long)p->max));
	}
	const char *out;
	const char *wrong = param_check(c->arena, p, text, &out);
	if (!wrong)
		return true;
	if (p->type == P_PASSWORD)
		return refuse(c, path, strlen(text) > 72 ? "too_long" : "too_short", wrong);
	return refuse(c, path, p->type == P_ENUM ? "not_a_choice" : "invalid", wrong);
}

static bool
check_list(struct check *c, struct json_object *v, const struct param *p, const char *path)
{
	if (!json_object_is_type(v, json_type_array))
		return refuse(c, path, "wrong_type", "must be an array");
	size_t n = json_object_array_length(v);
	if (p->max && n > (size_t)p->max)
		return refuse(c, path, "too_long",
			arena_printf(c->arena, "must have at most %lld items", (long long)p->max));
	bool good = true;
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(v, i);
		const char *item_path = arena_printf(c->arena, "%s.%zu", path, i);
		good &= p->of[0].name ? check_members(c, item, p->of, item_path)
							  : check_value(c, item, p->of, item_path);
	}
	return good;
}

static bool
check_value(struct check *c, struct json_object *v, const struct param *p, const char *path)
{
	if (!v)
		return p->nullable ? true : refuse(c, path, "wrong_type", "must not be null");
	switch (p->type) {
	case P_ID:
	case P_INT: return check_int(c, v, p, path);
	case P_BOOL:
		return json_object_is_type(v, json_type_boolean)
			? true
			: refuse(c, path, "wrong_type", "must be true or false");
	case P_LIST: return check_list(c, v, p, path);
	case P_OBJECT: return check_members(c, v, p->of, path);
	default: return check_text(c, v, p, path);
	}
}

static const struct param *
find(const struct param *members, const char *name)
{
	for (; members->type != P_END; members++)
		if (!strcmp(members->name, name))
			return members;
	return NULL;
}

static bool
check_members(struct check *c, struct json_object *o, const struct param *members, const char *path)
{
	if (!json_object_is_type(o, json_type_object))
		return refuse(c, *path ? path : "body", "wrong_type", "must be an object");
	bool good = true;
	json_object_object_foreach(o, name, value)
	{
		const struct param *p = find(members, name);
		const char *at = join(c, path, name);
		good &= p ? check_value(c, value, p, at) : refuse(c, at, "unknown", "is not a member here");
	}
	for (const struct param *p = members; p->type != P_END; p++)
		if (p->required && !json_object_object_get_ex(o, p->name, NULL))
			good = refuse(c, join(c, path, p->name), "required", "is missing");
	return good;
}

bool
json_check(struct arena *a, struct json_object *object, const struct param *members,
	struct body_errors *errors)
{
	struct check c = { a, errors };
	errors->n = 0;
	return check_members(&c, object, members, "");
}
