/* What the parts of the API's document share: members of route rows (--routes), and JSON made of
 * text. */
#ifndef SYSTEM_OPENAPI_PARTS_H
#define SYSTEM_OPENAPI_PARTS_H

#include <json-c/json.h>
#include <stdbool.h>

struct document {
	struct json_object *root, *components;
	/* what stands in no row: refusals, requests and examples, by "METHOD /path" */
	struct json_object *operations;
};

/* A member of an object; NULL without it. */
struct json_object *openapi_member(struct json_object *o, const char *name);
const char *openapi_text(struct json_object *o, const char *name);
bool openapi_flag(struct json_object *o, const char *name);
void openapi_set(struct json_object *o, const char *name, const char *value);
/* JSON of a format; what is filled in needs no escaping. The caller owns it. */
struct json_object *openapi_made(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the answers' file has of a route; NULL: nothing. */
struct json_object *openapi_operation(struct document *d, struct json_object *route);

/* The schema of one parameter or member, and of the members of a body. */
struct json_object *openapi_value(struct json_object *param);
struct json_object *openapi_members(struct json_object *members);

/* Every answer that an operation has, by its status. */
struct json_object *openapi_answers(struct document *d, struct json_object *route);

#endif
