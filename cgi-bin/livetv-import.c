/* The imports of the command line behind HTTP. The body is read as it comes; nothing of it is kept.
 */
#include "livetv-import.h"
#include "livetv-guide.h"
#include "livetv-m3u.h"
#include "livetv.queries.h"

#include <errno.h>

enum { MAX_BODY = 256 << 20, MOST_SECONDS = 300, WAIT_SECONDS = 10 };

struct body {
	struct req *req;
	int64_t left;
};

static ssize_t
read_packed(void *context, char *to, size_t n)
{
	struct body *body = context;
	if ((int64_t)n > body->left)
		n = (size_t)body->left;
	size_t got = n ? body->req->read_body(body->req->stream, to, n) : 0;
	body->left -= (int64_t)got;
	if (n && !got) {
		errno = EPROTO; /* shorter than its Content-Length: cut off, not ended */
		return -1;
	}
	return (ssize_t)got;
}

static int
refuse(struct req *r, const struct guide_report *report)
{
	switch (report->status) {
	case GUIDE_REFUSED: return problem_value(r, "import_refused", "body", report->why);
	case GUIDE_BUSY: return problem(r, 409, "import_running", NULL);
	default:
		log_msg(LOG_ERROR, "import: %s", report->why);
		return problem(r, 503, "import_failed", NULL);
	}
}

static void
put(struct buf *b, const char *name, int64_t n)
{
	json_key(b, name);
	buf_int(b, n);
}

static void
put_lines(struct buf *b, char *text)
{
	json_key(b, "messages");
	buf_putc(b, '[');
	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		if (b->data[b->len - 1] != '[')
			buf_putc(b, ',');
		json_string(b, text, (size_t)(end - text));
	}
	buf_putc(b, ']');
}

void
import_report(struct buf *b, const struct guide_report *report, char *messages)
{
	buf_putc(b, '{');
	put(b, "read", report->read);
	put(b, "created", report->created);
	put(b, "changed", report->changed);
	put(b, "unchanged", report->unchanged);
	put(b, "rejected", report->rejected);
	put(b, "removed", report->removed);
	put(b, "channels_created", report->channels_created);
	put(b, "channels_matched", report->channels_matched);
	put(b, "channels_skipped", report->channels_skipped);
	put(b, "left", report->left);
	put(b, "channels_left", report->channels_left);
	put_lines(b, messages);
	buf_putc(b, '}');
}

static struct guide_report
run(struct req *r, PGconn *conn, struct body *body, struct buf *messages)
{
	static const struct guide_options options = { .history_days = GUIDE_HISTORY_DAYS,
		.wait = WAIT_SECONDS };
	struct unpack_source source = { read_packed, body };
	if (!strcmp(r->values[0], "m3u"))
		return m3u_import(conn, unpack_open(r->arena, source), &options, messages);
	return guide_import(conn, source, &options, messages);
}

/* The row of the record is written first: it is the guard, too. Its report follows. */
int
import_body(struct req *r)
{
	struct body body = { r, req_content_length(r) };
	if (body.left > MAX_BODY)
		return problem(r, 413, "body_too_large", "An import may have at most 256 MiB.");
	if (body.left <= 0)
		return problem(r, 400, "body_missing", "The body is the file to import.");
	struct db_result noted = req_query(r, Q_IMPORT_BEGUN, 1, r->values);
	if (noted.status != DB_OK)
		return problem_db(r, &noted);
	PGconn *conn = db_command_connection("livetv");
	if (!conn)
		return problem(r, 503, "database_away", NULL);
	req_takes(r, MOST_SECONDS);
	struct buf messages = buf_new(r->arena);
	struct guide_report report = run(r, conn, &body, &messages);
	PQfinish(conn);
	if (report.status != GUIDE_IMPORTED)
		return refuse(r, &report);
	import_report(&r->out, &report, messages.data);
	const char *values[] = { row_text(r->arena, noted.rows, 0, 0), r->out.data };
	struct db_result ended = req_query(r, Q_IMPORT_ENDED, 2, values);
	return ended.status == DB_OK ? 200 : problem_db(r, &ended);
}
