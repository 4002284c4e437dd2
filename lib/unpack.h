/* Bytes of a stream, unpacked when they are gzip or xz, which is found out from the content. Never
 * more than a few blocks in memory, and the window of the packer: up to 64 MiB for xz -9. */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* At most this much comes out of a stream, and at most UNPACK_MAX_RATIO times what went in. */
#define UNPACK_MAX_BYTES ((uint64_t)4 << 30)
enum { UNPACK_MAX_RATIO = 250 };

/* Where packed bytes come from: like read(2), −1 with errno on failure. */
struct unpack_source {
	ssize_t (*read)(void *context, char *to, size_t n);
	void *context;
};

struct unpack;

/* The arena ends it. */
struct unpack *unpack_open(struct arena *a, struct unpack_source source);
/* The same of a descriptor, which stays the caller's. */
struct unpack *unpack_open_fd(struct arena *a, int fd);
/* Up to n unpacked bytes; 0 at the end, −1 when it is broken, then unpack_why says why. */
ssize_t unpack_read(struct unpack *u, char *to, size_t n);
const char *unpack_why(const struct unpack *u);

#endif
