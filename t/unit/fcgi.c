/* What a request says, however it is cut into records and pieces, and what is none; and what the web server reads back of an
 * answer of any length: its bytes in records, then its end. */
#include "tap.h"

#include "arena.h"
#include "buf.h"
#include "fcgi.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ID = 258, STEP = 4096 };

struct writer {
	int fd;
	pid_t pid;
};

static void
ignored(int signal)
{
	(void)signal;
}

/* A signal before each step: of a write that waits for its reader, only a part is done then. */
static bool
read_all(const struct writer *from, void *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		kill(from->pid, SIGUSR1);
		ssize_t got = read(from->fd, (char *)to + at, n - at < STEP ? n - at : STEP);
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* Reads one answer: its length in *len. False when a record is not well formed or the end is missing. */
static bool
read_answer(const struct writer *from, char *to, size_t *len)
{
	unsigned char h[8], end[8];
	bool closed = false;
	*len = 0;
	while (read_all(from, h, 8)) {
		size_t n = (size_t)(h[4] << 8 | h[5]);
		if (h[0] != 1 || (h[2] << 8 | h[3]) != ID || h[6] || h[7])
			return false;
		if (h[1] == 3)
			return closed && n == 8 && read_all(from, end, 8) && !memcmp(end, "\0\0\0\0\0\0\0\0", 8);
		if (h[1] != 6 || closed || !read_all(from, to + *len, n))
			return false;
		closed = !n;
		*len += n;
	}
	return false;
}

enum way { WHOLE, PARTS, CALLS };

static bool
send_by(enum way way, int fd, char *data, size_t n)
{
	size_t first = way == WHOLE ? n : n / 2;
	struct iovec parts[] = { { data, first }, { data + first, n - first } };
	const struct fcgi f = { .fd = fd, .id = ID };
	if (way != CALLS)
		return fcgi_send(&f, parts, 2, true);
	return fcgi_send(&f, parts, 1, false) && fcgi_send(&f, parts + 1, 1, true);
}

/* Sends n bytes from a process of its own: a full socket waits for its reader. */
static bool
comes_back(size_t n, enum way way)
{
	int fds[2];
	char *data = malloc(n + 1), *back = calloc(1, n + 65536);
	if (!data || !back || socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return false;
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 31 % 251);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		_exit(send_by(way, fds[1], data, n) ? 0 : 1);
	}
	close(fds[1]);
	size_t len;
	int status = 1;
	bool good = read_answer(&(struct writer){ fds[0], pid }, back, &len) && len == n && !memcmp(back, data, n);
	close(fds[0]);
	waitpid(pid, &status, 0);
	free(data);
	free(back);
	return good && status == 0;
}

/* ---- requests */

static void
put_record(struct buf *b, int type, const char *content, size_t n, size_t padding)
{
	const char header[] = { 1, (char)type, ID >> 8, (char)(ID & 255), (char)(n >> 8), (char)n, (char)padding, 0 };
	buf_add(b, header, sizeof header);
	buf_add(b, content, n);
	for (; padding; padding--)
		buf_putc(b, '?');
}

static void
put_length(struct buf *b, size_t n)
{
	const char four[] = { (char)(n >> 24 | 0x80), (char)(n >> 16), (char)(n >> 8), (char)n };
	if (n < 128)
		buf_putc(b, (char)n);
	else
		buf_add(b, four, sizeof four);
}

static void
put_pair(struct buf *b, const char *name, const char *value)
{
	put_length(b, strlen(name));
	put_length(b, strlen(value));
	buf_puts(b, name);
	buf_puts(b, value);
}

static const char begin[8] = { 0, 1 };

/* Variables in records of `cut` bytes, then the body likewise. */
static struct buf
make_request(struct arena *a, const struct buf *pairs, const char *body, size_t n, size_t cut, size_t padding)
{
	struct buf b = buf_new(a);
	put_record(&b, 1, begin, sizeof begin, padding);
	for (size_t at = 0; at < pairs->len; at += cut)
		put_record(&b, 4, pairs->data + at, pairs->len - at < cut ? pairs->len - at : cut, padding);
	put_record(&b, 4, "", 0, padding);
	for (size_t at = 0; at < n; at += cut)
		put_record(&b, 5, body + at, n - at < cut ? n - at : cut, padding);
	put_record(&b, 5, "", 0, padding);
	return b;
}

/* The end of a connection on whose other end another process writes the bytes, `step` at a time, and then closes it. */
static int
sent(const char *data, size_t n, size_t step)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	if (fork() == 0) {
		close(fds[0]);
		for (size_t at = 0; at < n; at += step) {
			size_t some = n - at < step ? n - at : step;
			if (write(fds[1], data + at, some) != (ssize_t)some)
				_exit(1);
		}
		_exit(0);
	}
	close(fds[1]);
	return fds[0];
}

static bool
reads(struct arena *a, const struct buf *pairs, size_t body, size_t cut, size_t padding, size_t step)
{
	char *text = arena_alloc(a, body + 1), *back = arena_alloc(a, body + 1);
	for (size_t i = 0; i < body; i++)
		text[i] = (char)(i * 31 % 251);
	struct buf request = make_request(a, pairs, text, body, cut, padding);
	int fd = sent(request.data, request.len, step);
	struct fcgi *f = fcgi_receive(a, fd);
	bool good = f && f->id == ID && f->env[0] && !strcmp(f->env[0], "REQUEST_METHOD=POST") && f->env[1] &&
		!strncmp(f->env[1], "LONG=xxx", 8) && strlen(f->env[1]) == 5 + 300 && f->env[2] && !strcmp(f->env[2], "EMPTY=") && !f->env[3];
	size_t first = f ? fcgi_body(f, back, body / 3) : 0, rest = f ? fcgi_body(f, back + first, body + 1 - first) : 0;
	close(fd);
	return good && first == body / 3 && first + rest == body && !memcmp(text, back, body);
}

static struct buf
some_pairs(struct arena *a)
{
	char longer[301] = "";
	memset(longer, 'x', 300);
	struct buf pairs = buf_new(a);
	put_pair(&pairs, "REQUEST_METHOD", "POST");
	put_pair(&pairs, "LONG", longer);
	put_pair(&pairs, "EMPTY", "");
	return pairs;
}

static bool
refused(struct arena *a, const struct buf *bytes)
{
	int fd = sent(bytes->data, bytes->len, bytes->len);
	bool none = !fcgi_receive(a, fd);
	close(fd);
	return none;
}

static bool
refuses_changed(struct arena *a, size_t at, char byte)
{
	struct buf pairs = some_pairs(a), request = make_request(a, &pairs, "", 0, 65535, 0);
	request.data[at] = byte;
	return refused(a, &request);
}

static void
test_requests(struct arena *a)
{
	struct buf pairs = some_pairs(a), cut, pair = buf_new(a);
	ok(reads(a, &pairs, 0, 65535, 0, 1 << 20), "a request without a body");
	ok(reads(a, &pairs, 0, 7, 0, 1 << 20), "variables over many records");
	ok(reads(a, &pairs, 200000, 65535, 0, 1 << 20), "a body of several records");
	ok(reads(a, &pairs, 200000, 1000, 7, 1 << 20), "and with padding");
	ok(reads(a, &pairs, 1000, 100, 3, 1), "all of it byte by byte");
	ok(refuses_changed(a, 0, 2), "another version is refused");
	ok(refuses_changed(a, 1, 4), "what does not begin");
	ok(refuses_changed(a, 9, 2), "another role");
	ok(refuses_changed(a, 16 + 1, 5), "another record than variables");
	ok(refuses_changed(a, 16 + 3, 7), "a record of another request");
	ok(refuses_changed(a, 24, 127), "a variable that is longer than its record");
	cut = make_request(a, &pairs, "", 0, 65535, 0);
	cut.len -= 12;
	ok(refused(a, &cut), "a request that is cut off");
	buf_puts(&pair, "\x80");
	cut = make_request(a, &pair, "", 0, 65535, 0);
	ok(refused(a, &cut), "a length that is cut off");
	struct buf many = buf_new(a);
	char longer[301] = "";
	memset(longer, 'x', 300);
	for (int i = 0; i < 500; i++)
		put_pair(&many, "LONG", longer);
	cut = make_request(a, &many, "", 0, 65535, 0);
	ok(refused(a, &cut), "more variables than a request has");
}

/* The answer arrives although a part of the request is never taken. */
static bool
answers_unread(struct arena *a, size_t body)
{
	int fds[2];
	char answer[65536];
	struct buf pairs = some_pairs(a), request = make_request(a, &pairs, arena_alloc(a, body), body, 65535, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		struct fcgi *f = fcgi_receive(a, fds[1]);
		if (!f || !fcgi_send(f, &(struct iovec){ (char[]){ "refused" }, 7 }, 1, true))
			_exit(1);
		fcgi_close(f);
		_exit(0);
	}
	close(fds[1]);
	size_t len = 0;
	int status = 1;
	bool good = write(fds[0], request.data, request.len) == (ssize_t)request.len &&
		read_answer(&(struct writer){ fds[0], pid }, answer, &len) && len == 7;
	close(fds[0]);
	waitpid(pid, &status, 0);
	return good && status == 0;
}

int
main(void)
{
	struct arena *a = arena_new();
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = ignored }, NULL); /* without SA_RESTART */
	static const size_t sizes[] = { 0, 1, 7, 8, 65527, 65528, 65529, 131056, 131057, 1 << 20 };
	plan(3 * (int)(sizeof sizes / sizeof sizes[0]) + 17);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "%zu bytes", sizes[i]);
		ok(comes_back(sizes[i], WHOLE), name);
		ok(comes_back(sizes[i], PARTS), "the same in two parts");
		ok(comes_back(sizes[i], CALLS), "and from two calls");
	}
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	ok(!fcgi_send(&(struct fcgi){ .fd = fds[1], .id = ID }, &(struct iovec){ (char[]){ 'x' }, 1 }, 1, true), "a reader that is gone is noticed");
	test_requests(a);
	ok(answers_unread(a, 0), "an answer to all of a request");
	ok(answers_unread(a, 100000), "and to one whose body is not read");
	arena_free(a);
	return done();
}
