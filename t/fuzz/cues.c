/* Any bytes as subtitles: what is answered must be WebVTT that reads the same again, or a fault in a
 * line of the file.
 *   clang -std=c17 -D_GNU_SOURCE -Ilib -g -O1 -fsanitize=fuzzer,address t/fuzz/cues.c lib/cues.c
 *   lib/arena.c lib/buf.c lib/url.c -lcrypto */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "cues.h"
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf once = buf_new(a), twice = buf_new(a);
	struct cues_fault fault;
	int n = cues_read((const char *)data, size, &once, &fault);
	if (n < 0 && (fault.line < 1 || fault.line > (int)size + 1 || !fault.why))
		abort();
	if (n >= 0 && (!utf8_valid(once.data, once.len) || once.len != strlen(once.data)))
		abort();
	if (n >= 0 && (cues_read(once.data, once.len, &twice, &fault) != n || strcmp(once.data, twice.data)))
		abort();
	arena_free(a);
	return 0;
}
