/* The answer as the web server gets it: CGI headers (RFC 3875, 6.2), then the body. */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "digest.h"
#include "req-parts.h"

void
reply_tag(struct req *r)
{
	if (!r->etag)
		r->etag = digest_etag(r->arena, r->out.data, r->out.len);
}

/* If-None-Match compares weakly (RFC 9110, 13.1.2). */
static bool
none_match_names(const char *list, const char *etag)
{
	if (!strcmp(list, "*"))
		return true;
	size_t n = strlen(etag);
	for (const char *at = list; (at = strstr(at, etag)); at += n)
		if (at[n] == 0 || at[n] == ',' || at[n] == ' ')
			return true;
	return false;
}

bool
reply_unchanged(const struct req *r)
{
	const char *list = req_env(r, "HTTP_IF_NONE_MATCH");
	return list && none_match_names(list, r->etag);
}

static bool
not_modified(struct req *r)
{
	if (r->method != GET || r->status != 200)
		return false;
	reply_tag(r);
	return reply_unchanged(r);
}

void
reply_begin(struct req *r, int status)
{
	struct buf b = buf_new(r->arena);
	buf_printf(&b, "Status: %d\r\nContent-Type: %s\r\nCache-Control: no-store\r\n", status,
		r->content_type);
	if (r->etag)
		buf_printf(&b, "ETag: %s\r\n", r->etag);
	buf_printf(&b, "X-Request-Id: %s\r\n%s\r\n", r->request_id, r->headers.data);
	r->begun = true;
	r->sent = (int64_t)b.len;
	r->write(r->sink, b.data, b.len);
}

bool
reply_part(struct req *r, const struct buf *part)
{
	if (r->head)
		return false;
	r->sent += (int64_t)part->len;
	return !part->len || r->write(r->sink, part->data, part->len);
}

static void
put_text(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, name);
	buf_puts(b, value);
	buf_puts(b, "\r\n");
}

static void
put_number(struct buf *b, const char *name, int64_t value)
{
	buf_puts(b, name);
	buf_int(b, value);
}

/* draft-ietf-httpapi-ratelimit-headers: what is allowed, and what of it is left. */
static void
put_rate(const struct req *r, struct buf *head)
{
	const struct limit *l = r->rate;
	if (!l || !l->name)
		return;
	buf_puts(head, "RateLimit-Policy: \"");
	buf_puts(head, l->name);
	put_number(head, "\";q=", l->rate);
	put_number(head, ";w=", l->seconds);
	buf_puts(head, "\r\nRateLimit: \"");
	buf_puts(head, l->name);
	put_number(head, "\";r=", r->rate_answer.left);
	put_number(head, ";t=", (r->rate_answer.full_us + 999999) / 1000000);
	buf_puts(head, "\r\n");
}

void
reply(struct req *r, struct buf *head)
{
	if (r->begun) {
		r->out.len = 0;
		return;
	}
	if (not_modified(r))
		r->status = 304;
	bool common = r->route && (r->route->cache || r->route->common) &&
		(r->status == 200 || r->status == 304);
	bool bodied = r->status != 204 && r->status != 304 && r->status != 302;
	buf_reserve(head, r->headers.len + 512);
	put_number(head, "Status: ", r->status);
	if (bodied)
		put_number(head, "\r\nContent-Length: ", (int64_t)r->out.len);
	put_text(head, "\r\nCache-Control: ", common ? "private, no-cache" : "no-store");
	put_text(head, "X-Request-Id: ", r->request_id);
	if (bodied)
		put_text(head, "Content-Type: ", r->content_type);
	if (r->etag && (r->status == 200 || r->status == 201 || r->status == 304))
		put_text(head, "ETag: ", r->etag);
	if (common)
		buf_puts(head, "Vary: Accept-Encoding\r\n");
	if (bodied && r->gzipped)
		buf_puts(head, "Content-Encoding: gzip\r\n");
	put_rate(r, head);
	buf_add(head, r->headers.data, r->headers.len);
	buf_puts(head, "\r\n");
	if (!bodied || r->head)
		r->out.len = 0;
}
