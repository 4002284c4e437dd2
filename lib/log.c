/* Lines are built in a fixed buffer and written by one write(), so that lines of several processes
 * never mix. */
#include "banned.h"

#include "log.h"

#include "arena.h"
#include "conf.h"
#include "json.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

static struct {
	const char *service;
	const char *request_id;
	int fd;
	enum log_level least;
	struct arena *arena; /* of the line being made */
} out = { "antenna", NULL, 2, LOG_INFO, NULL };

void
log_open(const char *service)
{
	out.service = service;
	out.arena = arena_new();
	for (enum log_level l = LOG_DEBUG; l <= LOG_ERROR; l++)
		if (!strcmp(conf_text(CONF_LOG_LEVEL), level_names[l]))
			out.least = l;
	const char *path = conf_text(CONF_LOG);
	if (!path)
		return;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		log_msg(LOG_ERROR, "cannot open the log %s, going on with stderr", path);
	else
		out.fd = fd;
}

void
log_request_id(const char *id)
{
	out.request_id = id;
}

static void
member(struct buf *b, const char *name, const char *value)
{
	json_key(b, name);
	json_cstring(b, value);
}

static void
number(struct buf *b, const char *name, int64_t value)
{
	json_key(b, name);
	buf_int(b, value);
}

static struct buf
begin(enum log_level level)
{
	if (!out.arena)
		out.arena = arena_new();
	struct buf b = buf_new(out.arena);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	buf_putc(&b, '{');
	json_key(&b, "time");
	json_time(&b, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	member(&b, "level", level_names[level]);
	member(&b, "service", out.service);
	number(&b, "pid", getpid());
	if (out.request_id)
		member(&b, "request_id", out.request_id);
	return b;
}

/* A log that cannot be written has nobody to be told. */
static void
end(struct buf *b)
{
	buf_puts(b, "}\n");
	ssize_t n = write(out.fd, b->data, b->len);
	(void)n;
	arena_reset(out.arena);
}

void
log_msg(enum log_level level, const char *format, ...)
{
	if (level < out.least)
		return;
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	struct buf b = begin(level);
	member(&b, "message", text);
	end(&b);
}

void
log_access(const struct log_access *entry)
{
	enum log_level level = entry->status >= 500 ? LOG_ERROR : LOG_INFO;
	if (level < out.least)
		return;
	struct buf b = begin(level);
	member(&b, "method", entry->method);
	member(&b, "route", entry->route);
	number(&b, "status", entry->status);
	number(&b, "duration_us", entry->duration_us);
	number(&b, "bytes", entry->bytes);
	if (entry->account)
		number(&b, "account_id", entry->account);
	end(&b);
}
