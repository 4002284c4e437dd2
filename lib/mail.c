/* libcurl speaks SMTP. The message (RFC 5322) is all of US-ASCII: subject and text are in base64
 * (RFC 2047, RFC 2045). */
#include "banned.h"

#include "mail.h"

#include "arena.h"
#include "buf.h"
#include "conf.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <strings.h>
#include <time.h>

enum { CONNECT_SECONDS = 10, LINE_BYTES = 57 /* 76 characters */, WORD_BYTES = 45 };

bool
mail_configured(void)
{
	const char *from = conf_text(CONF_MAIL_FROM), *at = strchr(from, '@');
	return *conf_text(CONF_SMTP_URL) && at && at > from && at[1] && !strpbrk(from, " <>\"\r\n");
}

static void
put_base64(struct buf *b, const char *text, size_t n)
{
	char *to = buf_reserve(b, n * 4 / 3 + 5);
	b->len += (size_t)EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)text, (int)n);
}

/* Encoded words: each is a text of its own, so none ends inside of a character. */
static void
put_words(struct buf *b, const char *text)
{
	for (size_t left = strlen(text), n; left; left -= n, text += n) {
		n = left < WORD_BYTES ? left : WORD_BYTES;
		while (n < left && n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		buf_puts(b, " =?UTF-8?B?");
		put_base64(b, text, n);
		buf_puts(b, "?=\r\n");
	}
}

/* Lines of one encoding, which is padded at its end only. */
static void
put_body(struct buf *b, const char *text)
{
	for (size_t left = strlen(text), n; left; left -= n, text += n) {
		n = left < LINE_BYTES ? left : LINE_BYTES;
		put_base64(b, text, n);
		buf_puts(b, "\r\n");
	}
}

static void
put_date(struct buf *b)
{
	char text[64];
	struct tm tm;
	time_t now = time(NULL);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&now, &tm));
	buf_printf(b, "Date: %s\r\n", text);
}

static void
put_id(struct buf *b)
{
	uint64_t random[2];
	if (RAND_bytes((unsigned char *)random, sizeof random) != 1)
		abort();
	buf_printf(b, "Message-ID: <%016llx%016llx%s>\r\n", (unsigned long long)random[0],
		(unsigned long long)random[1], strchr(conf_text(CONF_MAIL_FROM), '@'));
}

static struct buf
message_of(struct arena *a, const struct mail *m)
{
	struct buf b = buf_new(a);
	put_date(&b);
	buf_printf(&b, "From: Antenna <%s>\r\nTo: <%s>\r\n", conf_text(CONF_MAIL_FROM), m->to);
	put_id(&b);
	buf_puts(&b, "Subject:");
	put_words(&b, m->subject);
	buf_puts(&b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
				 "Content-Type: text/plain; charset=utf-8\r\n"
				 "Content-Transfer-Encoding: base64\r\n\r\n");
	put_body(&b, m->text);
	return b;
}

struct upload {
	const struct buf *message;
	size_t at;
};

static size_t
read_message(char *to, size_t size, size_t n, void *context)
{
	struct upload *u = context;
	size_t left = u->message->len - u->at;
	n = size * n < left ? size * n : left;
	memcpy(to, u->message->data + u->at, n);
	u->at += n;
	return n;
}

/* A server on this machine; others are spoken to by TLS only. */
static bool
is_near(struct arena *a, const char *url)
{
	char *host = NULL;
	CURLU *parts = curl_url();
	bool good = parts && !curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) &&
		!curl_url_get(parts, CURLUPART_HOST, &host, 0);
	const char *name = good ? arena_strdup(a, host) : "";
	curl_free(host);
	curl_url_cleanup(parts);
	return !strcmp(name, "127.0.0.1") || !strcmp(name, "[::1]") || !strcasecmp(name, "localhost");
}

static void
set_server(CURL *c, struct arena *a)
{
	size_t len;
	const char *url = conf_text(CONF_SMTP_URL), *user = conf_text(CONF_SMTP_USER);
	const char *password = conf_secret(CONF_SMTP_PASSWORD, &len);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	bool near = is_near(a, url);
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(near ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, near ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, near ? 0L : 2L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	if (*user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, arena_strndup(a, password, len));
	}
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)MAIL_SECONDS);
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)CONNECT_SECONDS);
}

/* 5xx to an address or to the message itself; 530 to 539 are about who we are. */
static enum mail_outcome
outcome_of(CURLcode code, long status)
{
	if (code == CURLE_OK)
		return MAIL_SENT;
	bool about_mail = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
	return about_mail && status >= 550 && status < 560 ? MAIL_REFUSED : MAIL_LATER;
}

enum mail_outcome
mail_send(struct arena *a, const struct mail *m, const char **why)
{
	struct buf message = message_of(a, m);
	struct upload upload = { &message, 0 };
	CURL *c = curl_easy_init();
	struct curl_slist *to = curl_slist_append(NULL, arena_printf(a, "<%s>", m->to));
	long status = 0;
	if (!c || !to)
		abort();
	set_server(c, a);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", conf_text(CONF_MAIL_FROM)));
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(c, CURLOPT_READDATA, &upload);
	CURLcode code = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(c);
	curl_slist_free_all(to);
	*why = arena_printf(a, "%s, the server's last word was %ld", curl_easy_strerror(code), status);
	return outcome_of(code, status);
}
