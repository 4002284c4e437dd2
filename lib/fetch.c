/* libcurl does it. An address is checked when its socket is opened: that is the one that is really
 * connected to, whatever a name resolved to before. Proxies of the environment are not used, since
 * they would connect in our place. */
#include "banned.h"

#include "fetch.h"

#include "address.h"
#include "arena.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_BYTES = 100, SLOW_SECONDS = 60, MAX_RETRY_AFTER = 86400 };

struct transfer {
	const struct fetch *fetch;
	int64_t written;
	int disk; /* errno of writing */
	bool refused; /* an address that is not public */
};

static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = context;
	(void)purpose;
	if (!t->fetch->anywhere && !address_public(&address->addr)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
write_body(char *data, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	n *= size;
	t->written += (int64_t)n;
	if (t->written > t->fetch->max_bytes)
		return CURL_WRITEFUNC_ERROR;
	for (size_t done = 0; done < n;) {
		ssize_t put = write(t->fetch->fd, data + done, n - done);
		if (put < 0 && errno != EINTR) {
			t->disk = errno;
			return CURL_WRITEFUNC_ERROR;
		}
		done += put > 0 ? (size_t)put : 0;
	}
	return n;
}

static void
add_header(struct curl_slist **list, struct arena *a, const char *name, const char *value)
{
	if (value)
		*list = curl_slist_append(*list, arena_printf(a, "%s: %s", name, value));
	if (value && !*list)
		abort();
}

static void
end_curl(void *curl)
{
	curl_easy_cleanup(curl);
}

static void
end_headers(void *list)
{
	curl_slist_free_all(list);
}

/* Whoever asks for https is not led to http. */
static void
set_limits(CURL *curl, const struct fetch *f)
{
	bool tls = strncasecmp(f->url, "https:", 6) == 0;
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)FETCH_MAX_REDIRECTS);
	curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)f->seconds);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->max_bytes);
}

static CURL *
prepare(struct arena *a, struct transfer *t)
{
	const struct fetch *f = t->fetch;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	if (!curl)
		abort();
	arena_defer(a, end_curl, curl);
	add_header(&headers, a, "If-None-Match", f->etag);
	add_header(&headers, a, "If-Modified-Since", f->modified);
	arena_defer(a, end_headers, headers);
	set_limits(curl, f);
	curl_easy_setopt(curl, CURLOPT_URL, f->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "Antenna");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	return curl;
}

/* libcurl's own sentences are fixed ones, without the address. */
static const char *
explain(struct arena *a, const struct transfer *t, CURLcode code, long status)
{
	const struct fetch *f = t->fetch;
	if (t->disk)
		return arena_printf(a, "no room for what was fetched: %s", strerror(t->disk));
	if (t->written > f->max_bytes || code == CURLE_FILESIZE_EXCEEDED)
		return arena_printf(a, "larger than %lld bytes", (long long)f->max_bytes);
	if (t->refused && code == CURLE_COULDNT_CONNECT)
		return "the address is not a public one, and TV_FEED_PRIVATE is not on";
	switch (code) {
	case CURLE_HTTP_RETURNED_ERROR: return arena_printf(a, "the server answered %ld", status);
	case CURLE_OPERATION_TIMEDOUT:
		return arena_printf(
			a, "too slow: %d s for the connection, %d s in all", FETCH_CONNECT_SECONDS, f->seconds);
	case CURLE_TOO_MANY_REDIRECTS:
		return arena_printf(a, "more than %d redirects", FETCH_MAX_REDIRECTS);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "it leads to an address that is not http or https, or from https to http";
	default: return arena_printf(a, "fetching failed: %s", curl_easy_strerror(code));
	}
}

static const char *
header(struct arena *a, CURL *curl, const char *name)
{
	struct curl_header *h;
	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	size_t n = strlen(h->value);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)h->value[i] < ' ' || (unsigned char)h->value[i] > '~')
			return NULL;
	return n && n <= FETCH_MAX_VALIDATOR ? arena_strdup(a, h->value) : NULL;
}

struct fetched
fetch_url(struct arena *a, const struct fetch *f)
{
	struct transfer t = { .fetch = f };
	struct fetched out = { 0 };
	curl_off_t wait = 0;
	CURL *curl = prepare(a, &t);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
	out.retry_after = wait < MAX_RETRY_AFTER ? wait : MAX_RETRY_AFTER;
	if (code != CURLE_OK) {
		out.why = explain(a, &t, code, out.status);
		return out;
	}
	bool conditional = f->etag || f->modified;
	if (out.status != 200 && !(out.status == 304 && conditional))
		out.why = arena_printf(a, "the server answered %ld", out.status);
	out.etag = header(a, curl, "ETag");
	out.modified = header(a, curl, "Last-Modified");
	return out;
}
