/* Refusals: problem+json (RFC 9457). The answer's text comes from here and from tables, never from
 * the database or a library. */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "conf.h"
#include "log.h"
#include "sqlstate.h"

static const char *
status_title(int status)
{
	switch (status) {
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 402: return "Payment Required";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 408: return "Request Timeout";
	case 409: return "Conflict";
	case 410: return "Gone";
	case 412: return "Precondition Failed";
	case 413: return "Content Too Large";
	case 415: return "Unsupported Media Type";
	case 422: return "Unprocessable Content";
	case 429: return "Too Many Requests";
	case 503: return "Service Unavailable";
	default: return "Internal Server Error";
	}
}

static void
begin(struct req *r, int status, const char *code, const char *detail)
{
	if (!detail)
		detail = code_detail(code);
	r->out.len = 0;
	r->content_type = "application/problem+json";
	r->etag = NULL;
	struct buf *b = &r->out;
	buf_putc(b, '{');
	json_member(b, "type",
		arena_printf(r->arena, "%s/docs/problems.html#%s", conf_text(CONF_PUBLIC_URL), code));
	json_member(b, "title", status_title(status));
	json_key(b, "status");
	buf_int(b, status);
	json_member(b, "detail", detail ? detail : status_title(status));
	json_member(b, "code", code);
	json_member(b, "request_id", r->request_id);
	if (status == 503)
		req_header(r, "Retry-After", "1");
}

int
problem(struct req *r, int status, const char *code, const char *detail)
{
	begin(r, status, code, detail);
	buf_putc(&r->out, '}');
	r->status = status;
	return status;
}

int
problem_members(struct req *r, const char *object)
{
	if (object && object[0] == '{' && object[1] != '}') {
		r->out.data[r->out.len - 1] = ',';
		buf_puts(&r->out, object + 1);
	}
	return r->status;
}

static int
unprocessable(struct req *r, const char *code, const char *detail, const struct body_errors *errors)
{
	begin(r, 422, code, detail);
	json_key(&r->out, "errors");
	buf_putc(&r->out, '[');
	for (size_t i = 0; i < errors->n; i++) {
		buf_puts(&r->out, i ? ",{" : "{");
		json_member(&r->out, "field", errors->list[i].field);
		json_member(&r->out, "code", errors->list[i].code);
		json_member(&r->out, "message", errors->list[i].message);
		buf_putc(&r->out, '}');
	}
	buf_puts(&r->out, "]}");
	return 422;
}

int
problem_fields(struct req *r, const struct body_errors *errors)
{
	return unprocessable(
		r, "invalid_body", "Some members of the body are not as they must be.", errors);
}

int
problem_value(struct req *r, const char *code, const char *field, const char *detail)
{
	struct body_errors errors = { .list = { { field, code, detail } }, .n = 1 };
	return unprocessable(r, code, detail, &errors);
}

int
problem_field(struct req *r, const char *field, const char *code, const char *message)
{
	struct body_errors errors = { .list = { { field, code, message } }, .n = 1 };
	return problem_fields(r, &errors);
}

int
problem_token(struct req *r, const char *code, const char *detail)
{
	req_header(r, "WWW-Authenticate", "Bearer realm=\"antenna\", error=\"invalid_token\"");
	return problem(r, 401, code, detail);
}

int
problem_db(struct req *r, const struct db_result *result)
{
	struct refusal why = sqlstate_refusal(result);
	if (result->status == DB_REFUSED && why.status >= 500)
		log_msg(LOG_ERROR, "PostgreSQL refused: %s %s %s", result->sqlstate, result->constraint,
			result->message);
	if (why.status == 401)
		return problem_token(r, why.code, why.detail);
	if (why.status == 422)
		return problem_value(r, why.code, why.field ? why.field : "body",
			why.detail ? why.detail : "A value is not allowed.");
	return problem(r, why.status, why.code, why.detail);
}
