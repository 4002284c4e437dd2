/* One libcurl handle a process, made at its first call (so after the fork) and kept for its
 * connections. */
#include "banned.h"

#include "es.h"

#include "arena.h"
#include "breaker.h"
#include "buf.h"
#include "conf.h"
#include "db.h"
#include "json.h"
#include "log.h"
#include "shared.h"

#include <curl/curl.h>

enum { CONNECT_MS = 200, MAX_ANSWER = 32 << 20, DOWN_US = 5000000, LOOK_MS = 2000 };

struct transfer {
	struct buf answer;
	bool too_long;
};

bool
es_configured(void)
{
	const char *url = conf_text(CONF_ELASTICSEARCH_URL);
	return url && *url;
}

const char *
es_alias(void)
{
	return conf_text(CONF_ELASTICSEARCH_INDEX);
}

bool
es_available(void)
{
	return es_configured() && !breaker_open(&shared()->es);
}

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	if (t->answer.len + size * n > MAX_ANSWER) {
		t->too_long = true;
		return 0;
	}
	buf_add(&t->answer, data, size * n);
	return size * n;
}

static CURL *
handle(void)
{
	static CURL *kept;
	if (!kept)
		kept = curl_easy_init();
	if (!kept)
		abort();
	curl_easy_reset(kept); /* keeps connections */
	return kept;
}

/* A secret as text: files end with a line break, headers must not. NULL: not set. */
static const char *
secret_text(struct arena *a, enum conf_key key)
{
	size_t len;
	const char *bytes = conf_secret(key, &len);
	while (len && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
		len--;
	return len ? arena_strndup(a, bytes, len) : NULL;
}

static void
free_list(void *list)
{
	curl_slist_free_all(list);
}

static void
authenticate(CURL *c, struct arena *a, struct curl_slist **headers)
{
	const char *key = secret_text(a, CONF_ELASTICSEARCH_API_KEY);
	const char *user = conf_text(CONF_ELASTICSEARCH_USER);
	if (key) {
		*headers = curl_slist_append(*headers, arena_printf(a, "Authorization: ApiKey %s", key));
	} else if (user && *user) {
		const char *password = secret_text(a, CONF_ELASTICSEARCH_PASSWORD);
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(c, CURLOPT_USERNAME, user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, password ? password : "");
	}
}

static void
set_headers(CURL *c, struct arena *a, const struct es_call *call)
{
	/* without it libcurl waits for a 100 before larger bodies */
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	headers = curl_slist_append(headers,
		call->lines ? "Content-Type: application/x-ndjson" : "Content-Type: application/json");
	authenticate(c, a, &headers);
	arena_defer(a, free_list, headers);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
}

static void
set_limits(CURL *c, long timeout_ms)
{
	const char *ca = conf_text(CONF_ELASTICSEARCH_CA);
	curl_easy_setopt(
		c, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	if (ca && *ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca);
}

static void
set_request(CURL *c, const struct es_call *call, const char *url)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	if (!strcmp(call->method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else if (call->body) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body);
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
}

/* An answer is an answer only when its body is JSON: what stands between us and the node may speak
 * HTML. */
static struct es_answer
read_answer(struct arena *a, long status, const struct buf *text)
{
	struct es_answer none = { 0 }, answer = { .status = (int)status };
	if (!text->len)
		return answer;
	const char *why;
	answer.json = json_read(a, text->data, text->len, &why);
	return answer.json ? answer : none;
}

static void
prepare(CURL *c, struct arena *a, const struct es_call *call, const char *base, long timeout_ms,
	struct transfer *t)
{
	size_t len = strlen(base);
	while (len && base[len - 1] == '/')
		len--;
	t->answer = buf_new(a);
	set_request(c, call, arena_printf(a, "%.*s%s", (int)len, base, call->path));
	set_headers(c, a, call);
	set_limits(c, timeout_ms);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
}

static struct es_answer
collect(struct arena *a, CURL *c, CURLcode code, const struct transfer *t)
{
	long status = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		return read_answer(a, status, &t->answer);
	log_msg(LOG_DEBUG, "Elasticsearch: %s",
		t->too_long ? "the answer is too long" : curl_easy_strerror(code));
	return (struct es_answer){ 0 };
}

static struct es_answer
call_one(struct arena *a, const struct es_call *call, const char *base, long timeout_ms)
{
	CURL *c = handle();
	struct transfer t = { 0 };
	prepare(c, a, call, base, timeout_ms, &t);
	return collect(a, c, curl_easy_perform(c), &t);
}

static bool
failed(const struct es_answer *answer)
{
	return !answer->status || answer->status == 429 || answer->status >= 500;
}

/* The addresses of the setting; those that failed lately come last. */
static size_t
order_addresses(struct arena *a, const char **urls, int *places)
{
	int64_t now = now_us();
	size_t n = 0;
	for (int late = 0; late < 2; late++) {
		int place = 0;
		char *text = arena_strdup(a, conf_text(CONF_ELASTICSEARCH_URL)), *rest;
		for (char *url = strtok_r(text, ", ", &rest); url && place < SHARED_ES_ADDRESSES;
			 url = strtok_r(NULL, ", ", &rest), place++) {
			int64_t until = atomic_load(&shared()->es_down_until[place]);
			bool down = now < until && until - now <= DOWN_US;
			if (down == late) {
				urls[n] = url;
				places[n++] = place;
			}
		}
	}
	return n;
}

struct es_answer
es_call(struct arena *a, const struct es_call *call)
{
	const char *urls[SHARED_ES_ADDRESSES];
	int places[SHARED_ES_ADDRESSES];
	size_t n = order_addresses(a, urls, places);
	int64_t end = now_us() + (int64_t)call->timeout_ms * 1000;
	struct es_answer answer = { 0 };
	for (size_t i = 0; i < n; i++) {
		long left = (long)((end - now_us()) / 1000);
		if (left <= 0)
			break;
		/* a silent one must leave time for the others */
		answer = call_one(a, call, urls[i], i + 1 < n ? (left + 1) / 2 : left);
		if (!failed(&answer)) {
			atomic_store_explicit(&shared()->es_down_until[places[i]], 0, memory_order_relaxed);
			return answer;
		}
		atomic_store(&shared()->es_down_until[places[i]], now_us() + DOWN_US);
	}
	return answer;
}

static void
note_failure(const struct es_answer *answer)
{
	if (breaker_failure(&shared()->es, now_us()))
		log_msg(LOG_WARN, "Elasticsearch %s (%d): not asked but for a look each %d s",
			answer->status ? "refuses" : "does not answer", answer->status,
			BREAKER_PROBE_US / 1000000);
}

static void
note_success(void)
{
	if (breaker_success(&shared()->es))
		log_msg(LOG_INFO, "Elasticsearch answers again");
}

struct es_answer
es_try(struct arena *a, const struct es_call *call)
{
	if (!es_configured() || (!call->insist && breaker_open(&shared()->es)))
		return (struct es_answer){ 0 };
	struct es_answer answer = es_call(a, call);
	if (failed(&answer))
		note_failure(&answer);
	else
		note_success();
	return answer;
}

void
es_look(struct arena *a, const struct es_call *call)
{
	int64_t end = now_us() + LOOK_MS * 1000;
	if (!breaker_open(&shared()->es) || !breaker_allow(&shared()->es, now_us()))
		return;
	while (now_us() < end) {
		struct es_call patient = *call;
		patient.timeout_ms = LOOK_MS / 2;
		int64_t started = now_us();
		struct es_answer answer = es_call(a, &patient);
		if (failed(&answer))
			return note_failure(&answer);
		if (now_us() - started < call->timeout_ms * INT64_C(1000))
			return note_success();
	}
	breaker_again(&shared()->es, now_us());
}

/* --- calls that are under way together */

struct es_pending {
	CURL *c;
	struct transfer transfer;
	bool done;
	CURLcode code;
};

static CURLM *
together(void)
{
	static CURLM *kept;
	if (!kept)
		kept = curl_multi_init();
	if (!kept)
		abort();
	return kept;
}

static void
end_pending(void *pending)
{
	struct es_pending *p = pending;
	curl_multi_remove_handle(together(), p->c);
	curl_easy_cleanup(p->c);
}

/* What can be sent and received now, of all that are under way; waits a moment when that is
 * nothing. */
static void
move_on(void)
{
	enum { MOMENT_MS = 100 };
	int running, left;
	curl_multi_perform(together(), &running);
	for (CURLMsg *m; (m = curl_multi_info_read(together(), &left));) {
		struct es_pending *p = NULL;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&p);
		p->done = true;
		p->code = m->data.result;
	}
	if (running)
		curl_multi_poll(together(), NULL, 0, MOMENT_MS, NULL);
}

static bool
is_sent(const struct es_pending *p, const struct es_call *call)
{
	curl_off_t sent = 0;
	curl_easy_getinfo(p->c, CURLINFO_SIZE_UPLOAD_T, &sent);
	return p->done || sent >= (curl_off_t)call->len;
}

struct es_pending *
es_begin(struct arena *a, const struct es_call *call)
{
	const char *urls[SHARED_ES_ADDRESSES];
	int places[SHARED_ES_ADDRESSES];
	if (!order_addresses(a, urls, places))
		return NULL;
	struct es_pending *p = arena_alloc(a, sizeof *p);
	*p = (struct es_pending){ .c = curl_easy_init() };
	if (!p->c)
		abort();
	arena_defer(a, end_pending, p);
	prepare(p->c, a, call, urls[0], call->timeout_ms, &p->transfer);
	curl_easy_setopt(p->c, CURLOPT_PRIVATE, p);
	curl_multi_add_handle(together(), p->c);
	do
		move_on();
	while (!is_sent(p, call));
	return p;
}

struct es_answer
es_end(struct arena *a, struct es_pending *p)
{
	if (!p)
		return (struct es_answer){ 0 };
	while (!p->done)
		move_on();
	return collect(a, p->c, p->code, &p->transfer);
}
