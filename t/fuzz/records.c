/* Any bytes as a file of records, from memory and from a descriptor: what is handed out must be as
 * lib/records.h says, both ways must tell the same, and reading must come to an end. */
#include "banned.h"

#include "arena.h"
#include "reader.h"
#include "records.h"
#include "url.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct count {
	size_t rows, usable, fields, bytes, last_line;
	enum records_status end;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static size_t
check_field(const struct field *f)
{
	bool has_text = f->type == FIELD_TEXT || f->type == FIELD_NUMBER || f->type == FIELD_BOOL;
	must(f->name && has_text == (f->text != NULL));
	must(f->type == FIELD_LIST || f->n_items == 0);
	size_t bytes = strlen(f->name) + (f->text ? strlen(f->text) : 0);
	for (size_t i = 0; i < f->n_items; i++)
		bytes += strlen(f->items[i]);
	must(!f->text || utf8_valid(f->text, strlen(f->text)));
	return bytes;
}

static void
take(struct count *n, const struct record *record)
{
	n->rows++;
	n->usable += !record->why;
	n->fields += record->n;
	must(record->line >= n->last_line && (!record->why || (*record->why && !record->n)));
	n->last_line = record->line;
	for (size_t i = 0; i < record->n; i++) {
		n->bytes += check_field(&record->fields[i]);
		must(record_field(record, record->fields[i].name) != NULL);
	}
}

static struct count
run(struct reader *in, size_t size)
{
	struct count n = { 0 };
	struct arena *a = arena_new(), *each = arena_new();
	struct records *r = records_open(a, in);
	struct record record;
	while ((n.end = records_next(r, each, &record)) == RECORDS_ROW) {
		take(&n, &record);
		must(n.rows <= size);
		arena_reset(each);
	}
	must((n.end == RECORDS_BROKEN) == (record.why != NULL));
	arena_free(each);
	arena_free(a);
	return n;
}

static bool
same(const struct count *x, const struct count *y)
{
	return x->rows == y->rows && x->usable == y->usable && x->fields == y->fields &&
		x->bytes == y->bytes && x->last_line == y->last_line && x->end == y->end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reader in;
	static int fd = -1;
	if (fd < 0 && (fd = memfd_create("records", 0)) < 0)
		abort();
	reader_memory(&in, (const char *)data, size);
	struct count memory = run(&in, size);
	must(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	must(lseek(fd, 0, SEEK_SET) == 0);
	reader_open(&in, fd);
	struct count file = run(&in, size);
	must(same(&memory, &file));
	return 0;
}
