/* Bytes of a file one after another, with the number of the line they stand on. Never more than
 * one block in memory. It knows nothing of formats. */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>

enum { READER_BLOCK = 65536 };

struct reader {
	int fd; /* −1: data is all there is */
	const char *data;
	size_t at, end;
	size_t line; /* of the next byte, from 1 */
	int error; /* errno of the read that failed; 0: none */
	char block[READER_BLOCK];
};

/* Reads fd, which stays the caller's. */
void reader_open(struct reader *r, int fd);
/* Reads len bytes of memory that stay the caller's. */
void reader_memory(struct reader *r, const char *text, size_t len);

/* The next byte, or −1 at the end and when reading failed (then error is set). */
int reader_get(struct reader *r);
/* The same without taking it. */
int reader_peek(struct reader *r);
/* What lies ahead, up to the block's size, without taking it; to be called before the first byte
 * is taken. */
const char *reader_ahead(struct reader *r, size_t *len);

#endif
