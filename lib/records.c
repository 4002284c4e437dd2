/* Detection looks at the first block of the file. Each format is a function that gives the next
 * record; broken() ends a file for good, a record with a why does not. */
#include "banned.h"

#include "records.h"

#include "arena.h"
#include "buf.h"
#include "csv.h"
#include "json.h"
#include "json-cut.h"
#include "reader.h"
#include "url.h"

struct records {
	struct arena *arena;
	struct reader *in;
	enum records_status (*next)(struct records *r, struct arena *a, struct record *out);
	const char **columns; /* CSV */
	size_t n_columns;
	bool inside; /* JSON: between the brackets of an array */
	bool later; /* JSON: something stands before, so a comma comes next */
	bool in_object; /* JSON: arrays are members of an object, and its name is read */
};

static enum records_status
broken(struct records *r, struct arena *a, struct record *out, const char *why)
{
	if (r->in->error)
		why = arena_printf(a, "reading failed: %s", strerror(r->in->error));
	*out = (struct record){ .line = out->line, .why = why };
	return RECORDS_BROKEN;
}

static enum records_status
cut_off(struct records *r, struct arena *a, struct record *out)
{
	return broken(r, a, out, "the file ends in the middle of a record");
}

/* --- CSV */

static enum records_status
next_csv(struct records *r, struct arena *a, struct record *out)
{
	struct csv_row row;
	enum csv_status status = csv_next(r->in, a, &row);
	*out = (struct record){ .line = row.line, .why = row.why };
	bool too_short = !row.why && row.n < r->n_columns;
	if (status == CSV_CUT || r->in->error || (status == CSV_LAST && too_short))
		return cut_off(r, a, out);
	if (status == CSV_END)
		return RECORDS_END;
	if (!row.why && row.n != r->n_columns)
		out->why = arena_printf(a, "%zu fields where the header has %zu", row.n, r->n_columns);
	if (out->why)
		return RECORDS_ROW;
	struct field *fields = arena_alloc(a, row.n * sizeof *fields);
	for (size_t i = 0; i < row.n; i++)
		fields[i] = (struct field){ r->columns[i], FIELD_TEXT, .text = row.fields[i] };
	out->fields = fields;
	out->n = row.n;
	return RECORDS_ROW;
}

static const char *
trim(struct arena *a, const char *s)
{
	size_t len = strlen(s);
	while (len && (*s == ' ' || *s == '\t'))
		s++, len--;
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	return arena_strndup(a, s, len);
}

/* A name that stands twice, or NULL; unnamed columns are never asked for. */
static const char *
repeated(const struct records *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		for (size_t j = 0; *r->columns[i] && j < i; j++)
			if (strcmp(r->columns[i], r->columns[j]) == 0)
				return r->columns[i];
	return NULL;
}

static enum records_status
read_header(struct records *r, struct arena *a, struct record *out)
{
	struct csv_row row;
	enum csv_status status = csv_next(r->in, a, &row);
	*out = (struct record){ .line = row.line };
	if (status == CSV_CUT || r->in->error)
		return cut_off(r, a, out);
	if (status == CSV_END)
		return broken(r, a, out, "the file is empty");
	if (row.why)
		return broken(r, a, out, arena_printf(a, "in the header: %s", row.why));
	r->n_columns = row.n;
	r->columns = arena_alloc(r->arena, row.n * sizeof *r->columns);
	for (size_t i = 0; i < row.n; i++)
		r->columns[i] = trim(r->arena, row.fields[i]);
	if (row.n == 1 && strpbrk(r->columns[0], ";\t"))
		return broken(r, a, out, "in the header: fields are parted by commas, not by others");
	const char *twice = repeated(r);
	if (twice)
		return broken(r, a, out, arena_printf(a, "the header names the column %s twice", twice));
	r->next = next_csv;
	return next_csv(r, a, out);
}

/* --- JSON */

static bool
read_list(struct arena *a, struct json_object *value, struct field *field)
{
	size_t n = json_object_array_length(value);
	const char **items = arena_alloc(a, (n + 1) * sizeof *items);
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(value, i);
		if (!json_object_is_type(item, json_type_string))
			return false;
		items[i] = json_object_get_string(item);
	}
	field->items = items;
	field->n_items = n;
	return true;
}

static struct field
read_field(struct arena *a, const char *name, struct json_object *value)
{
	struct field field = { .name = name };
	switch (json_object_get_type(value)) {
	case json_type_null: return field;
	case json_type_string: field.type = FIELD_TEXT; break;
	case json_type_boolean: field.type = FIELD_BOOL; break;
	case json_type_int:
	case json_type_double: field.type = FIELD_NUMBER; break;
	case json_type_array:
		field.type = read_list(a, value, &field) ? FIELD_LIST : FIELD_OTHER;
		return field;
	default: field.type = FIELD_OTHER; return field;
	}
	field.text = json_object_get_string(value);
	return field;
}

static void
read_object(struct arena *a, const char *text, size_t len, struct record *out)
{
	struct json_object *object = json_read(a, text, len, &out->why);
	if (!object)
		return;
	if (!json_object_is_type(object, json_type_object)) {
		out->why = "not an object";
		return;
	}
	size_t n = (size_t)json_object_object_length(object) + 1;
	struct field *fields = arena_alloc(a, n * sizeof *fields);
	n = 0;
	json_object_object_foreach(object, name, value) fields[n++] = read_field(a, name, value);
	out->fields = fields;
	out->n = n;
}

static enum records_status
next_line(struct records *r, struct arena *a, struct record *out)
{
	if (json_cut_space(r->in) < 0)
		return r->in->error ? broken(r, a, out, NULL) : RECORDS_END;
	*out = (struct record){ .line = r->in->line };
	struct buf text = buf_new(a);
	size_t total = 0;
	int c;
	for (; (c = reader_get(r->in)) >= 0 && c != '\n'; total++)
		if (total < RECORD_MAX_BYTES)
			buf_putc(&text, (char)c);
	if (r->in->error)
		return broken(r, a, out, NULL);
	if (total > RECORD_MAX_BYTES)
		out->why = "longer than 65536 bytes";
	else
		read_object(a, text.data, text.len, out);
	return c < 0 && out->why ? cut_off(r, a, out) : RECORDS_ROW;
}

static enum records_status
after_end(struct records *r, struct arena *a, struct record *out)
{
	int c = json_cut_space(r->in);
	out->line = r->in->line;
	if (c < 0 && !r->in->error)
		return RECORDS_END;
	return broken(r, a, out, "something stands after the end");
}

static enum records_status
next_element(struct records *r, struct arena *a, struct record *out)
{
	*out = (struct record){ .line = r->in->line };
	if (json_cut_space(r->in) < 0)
		return cut_off(r, a, out);
	*out = (struct record){ .line = r->in->line };
	struct buf text = buf_new(a);
	switch (json_cut(r->in, &text, RECORD_MAX_BYTES)) {
	case JSON_CUT_END: return cut_off(r, a, out);
	case JSON_CUT_LONG: out->why = "longer than 65536 bytes"; break;
	case JSON_CUT_VALUE: read_object(a, text.data, text.len, out);
	}
	r->later = true;
	return RECORDS_ROW;
}

/* Takes a comma where one is due; false: it is the closing bracket instead, and that is taken. */
static bool
another(struct records *r, int close, const char **why)
{
	int c = json_cut_space(r->in);
	*why = NULL;
	if (c == close) {
		reader_get(r->in);
		return false;
	}
	if (!r->later)
		return true;
	if (c != ',') {
		*why = c < 0 ? "the file ends before its last bracket"
					 : "a comma or a closing bracket is missing";
		return false;
	}
	reader_get(r->in);
	c = json_cut_space(r->in);
	if (c == close || c == ',')
		*why = "a comma without a record after it";
	return !*why;
}

/* "name": [ of the next member. */
static const char *
open_member(struct records *r, struct arena *a)
{
	struct buf name = buf_new(a);
	if (json_cut_space(r->in) != '"' || json_cut(r->in, &name, RECORD_MAX_BYTES) != JSON_CUT_VALUE)
		return "a member's name is missing";
	if (json_cut_space(r->in) != ':')
		return "a member without a value";
	reader_get(r->in);
	if (json_cut_space(r->in) != '[')
		return "a member that is not a list of records";
	reader_get(r->in);
	r->inside = true;
	r->later = false;
	return NULL;
}

static enum records_status
next_json(struct records *r, struct arena *a, struct record *out)
{
	const char *why = NULL;
	*out = (struct record){ .line = r->in->line };
	for (;;) {
		if (r->inside && another(r, ']', &why))
			return next_element(r, a, out);
		if (!why && !r->in_object)
			return after_end(r, a, out);
		r->later = r->later || r->inside;
		r->inside = false;
		if (!why && !another(r, '}', &why) && !why)
			return after_end(r, a, out);
		if (!why)
			why = open_member(r, a);
		out->line = r->in->line;
		if (why)
			return broken(r, a, out, why);
	}
}

/* --- which of them */

static bool
space_then(struct reader *in, int wanted)
{
	if (json_cut_space(in) != wanted)
		return false;
	reader_get(in);
	return true;
}

/* Whether text, which begins with a brace, is an object of lists of records: its first member is
 * one, and it is not followed by a second object as a line of JSON lines is. */
static bool
is_groups(struct arena *a, const char *text, size_t len)
{
	struct reader *in = arena_alloc(a, sizeof *in);
	struct buf ignored = buf_new(a);
	reader_memory(in, text, len);
	if (!space_then(in, '{') || json_cut_space(in) != '"' ||
		json_cut(in, &ignored, 0) == JSON_CUT_END || !space_then(in, ':') || !space_then(in, '['))
		return false;
	int c = json_cut_space(in);
	if (c != '{' && c != ']')
		return false;
	reader_memory(in, text, len);
	json_cut_space(in);
	return json_cut(in, &ignored, 0) == JSON_CUT_END || json_cut_space(in) != '{';
}

/* What else the file is, by its first bytes; NULL: it may be one of ours. */
static const char *
other_format(const char *text, size_t len)
{
	static const struct {
		const char *begin, *why;
	} others[] = {
		{ "\x1f\x8b", "packed by gzip; only plain CSV and JSON are read" },
		{ "\xfd\x37zXZ", "packed by xz; only plain CSV and JSON are read" },
		{ "PK\x03\x04", "packed by zip; only plain CSV and JSON are read" },
		{ "\x28\xb5\x2f\xfd", "packed by zstd; only plain CSV and JSON are read" },
		{ "BZh", "packed by bzip2; only plain CSV and JSON are read" },
		{ "#EXTM3U", "a playlist; only CSV and JSON are read" },
		{ "<", "XML or HTML; only CSV and JSON are read" },
	};
	if (utf16_begins(text, len))
		return "UTF-16; only UTF-8 is read";
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t n = strlen(others[i].begin);
		if (len >= n && memcmp(text, others[i].begin, n) == 0)
			return others[i].why;
	}
	return NULL;
}

static enum records_status
detect(struct records *r, struct arena *a, struct record *out)
{
	size_t len, i = 0;
	const char *text = reader_ahead(r->in, &len);
	out->line = 1;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		for (; i < 3; i++)
			reader_get(r->in);
	while (i < len && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	const char *other = other_format(text + i, len - i);
	if (other)
		return broken(r, a, out, other);
	if (i < len && text[i] == '[')
		r->next = next_json;
	else if (i < len && text[i] == '{')
		r->next = is_groups(a, text + i, len - i) ? next_json : next_line;
	else
		r->next = read_header;
	if (r->next == next_json) {
		r->in_object = text[i] == '{';
		r->inside = !r->in_object;
		json_cut_space(r->in);
		reader_get(r->in);
	}
	return r->next(r, a, out);
}

struct records *
records_open(struct arena *a, struct reader *in)
{
	struct records *r = arena_alloc(a, sizeof *r);
	*r = (struct records){ .arena = a, .in = in, .next = detect };
	return r;
}

enum records_status
records_next(struct records *r, struct arena *a, struct record *out)
{
	*out = (struct record){ 0 };
	return r->next(r, a, out);
}

const struct field *
record_field(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++)
		if (strcasecmp(record->fields[i].name, name) == 0)
			return &record->fields[i];
	return NULL;
}
