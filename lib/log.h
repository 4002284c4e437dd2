/* Log lines: one JSON object a line, one write each, to TV_LOG (a file opened for appending) or
 * stderr. Never a secret, a token, a password, or the text of a query. */
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Opens the log; service is the program's name in each line. */
void log_open(const char *service);
/* {"time","level","service","pid","request_id"?,"message"}; request_id is that of the request being
 * served. */
void log_msg(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The request that following messages belong to; NULL for none. */
void log_request_id(const char *id);

struct log_access {
	const char *method;
	const char *route; /* pattern, never the raw path */
	int status;
	int64_t duration_us;
	int64_t account; /* 0: nobody */
	int64_t bytes;
};

void log_access(const struct log_access *entry);

#endif
