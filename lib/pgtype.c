/* Binary formats of PostgreSQL 15: what the *_send functions of its types write. */
#include "banned.h"

#include "pgtype.h"

#include "buf.h"
#include "json.h"

#include <arpa/inet.h>
#include <endian.h>

static const int64_t EPOCH_MICROS = 946684800000000, EPOCH_DAYS = 10957; /* 2000-01-01 */

int64_t
pgtype_int(const char *data, int len)
{
	const unsigned char *u = (const unsigned char *)data;
	uint64_t eight;
	uint32_t four;
	if (len == 4)
		return (int32_t)ntohl(*(uint32_t *)memcpy(&four, data, sizeof four));
	if (len == 8)
		return (int64_t)be64toh(*(uint64_t *)memcpy(&eight, data, sizeof eight));
	uint64_t n = len && u[0] & 0x80 ? UINT64_MAX : 0;
	for (int i = 0; i < len; i++)
		n = n << 8 | u[i];
	return (int64_t)n;
}

bool
pgtype_is_array(Oid type)
{
	switch (type) {
	case PG_BOOL_ARRAY:
	case PG_INT2_ARRAY:
	case PG_INT4_ARRAY:
	case PG_TEXT_ARRAY:
	case PG_VARCHAR_ARRAY:
	case PG_INT8_ARRAY:
	case PG_FLOAT8_ARRAY:
	case PG_DATE_ARRAY:
	case PG_TIMESTAMPTZ_ARRAY: return true;
	}
	return false;
}

bool
pgtype_known(Oid type)
{
	switch (type) {
	case PG_BOOL:
	case PG_BYTEA:
	case PG_NAME:
	case PG_INT8:
	case PG_INT2:
	case PG_INT4:
	case PG_TEXT:
	case PG_JSON:
	case PG_FLOAT4:
	case PG_FLOAT8:
	case PG_INET:
	case PG_VARCHAR:
	case PG_DATE:
	case PG_TIMESTAMPTZ:
	case PG_VOID:
	case PG_JSONB: return true;
	}
	return pgtype_is_array(type);
}

struct array_walk
pgtype_walk(struct cell array)
{
	struct array_walk w = { .left = 0 };
	if (array.len < 20 || pgtype_int(array.data, 4) != 1)
		return w; /* no dimension: empty */
	w.type = (Oid)pgtype_int(array.data + 8, 4);
	w.left = (int)pgtype_int(array.data + 12, 4);
	w.at = array.data + 20;
	return w;
}

bool
pgtype_next(struct array_walk *w, struct cell *element)
{
	if (w->left-- <= 0)
		return false;
	*element = (struct cell){ w->at + 4, (int)pgtype_int(w->at, 4), w->type };
	w->at += 4 + (element->len > 0 ? element->len : 0);
	return true;
}

static void
put_array(struct buf *b, struct cell cell)
{
	struct array_walk w = pgtype_walk(cell);
	struct cell element;
	buf_putc(b, '[');
	for (bool first = true; pgtype_next(&w, &element); first = false) {
		if (!first)
			buf_putc(b, ',');
		pgtype_json(b, element);
	}
	buf_putc(b, ']');
}

/* The shortest form that reads back the same. */
static void
put_float(struct buf *b, struct cell cell)
{
	union {
		uint64_t bits;
		double d;
	} eight = { .bits = (uint64_t)pgtype_int(cell.data, cell.len) };
	union {
		uint32_t bits;
		float f;
	} four = { .bits = (uint32_t)eight.bits };
	double value = cell.len == 4 ? (double)four.f : eight.d;
	char text[32];
	for (int digits = cell.len == 4 ? 6 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		double back = strtod(text, NULL);
		if (cell.len == 4 ? (float)back == four.f : back >= value && back <= value)
			break;
	}
	buf_puts(b, text);
}

static void
put_hex(struct buf *b, struct cell cell)
{
	buf_puts(b, "\\x");
	for (int i = 0; i < cell.len; i++)
		buf_printf(b, "%02x", (unsigned char)cell.data[i]);
}

/* inet_send: family, bits, is_cidr, bytes of the address, address. */
static void
put_inet(struct buf *b, struct cell cell)
{
	char text[INET6_ADDRSTRLEN] = "";
	if (cell.len == 8 || cell.len == 20)
		inet_ntop(cell.len == 8 ? AF_INET : AF_INET6, cell.data + 4, text, sizeof text);
	buf_puts(b, text);
}

static void
put_date(struct buf *b, struct cell cell)
{
	json_put_date(buf_reserve(b, 10), pgtype_int(cell.data, 4) + EPOCH_DAYS);
	b->len += 10;
	b->data[b->len] = 0;
}

static bool
put_time(struct buf *b, struct cell cell)
{
	int64_t micros = pgtype_int(cell.data, 8);
	if (micros == INT64_MAX || micros == INT64_MIN)
		return false; /* infinity */
	b->len += json_put_time(buf_reserve(b, 32), micros + EPOCH_MICROS);
	b->data[b->len] = 0;
	return true;
}

void
pgtype_text(struct buf *b, struct cell cell)
{
	switch (cell.type) {
	case PG_BOOL: buf_puts(b, cell.data[0] ? "true" : "false"); break;
	case PG_INT2:
	case PG_INT4:
	case PG_INT8: buf_int(b, pgtype_int(cell.data, cell.len)); break;
	case PG_FLOAT4:
	case PG_FLOAT8: put_float(b, cell); break;
	case PG_TIMESTAMPTZ:
		if (!put_time(b, cell))
			buf_puts(b, pgtype_int(cell.data, 8) > 0 ? "infinity" : "-infinity");
		break;
	case PG_DATE: put_date(b, cell); break;
	case PG_BYTEA: put_hex(b, cell); break;
	case PG_INET: put_inet(b, cell); break;
	default: buf_add(b, cell.data, (size_t)cell.len);
	}
}

static void
put_quoted(struct buf *b, struct cell cell)
{
	buf_putc(b, '"');
	pgtype_text(b, cell);
	buf_putc(b, '"');
}

void
pgtype_json(struct buf *b, struct cell cell)
{
	if (cell.len < 0) {
		buf_puts(b, "null");
		return;
	}
	switch (cell.type) {
	case PG_BOOL:
	case PG_INT2:
	case PG_INT4:
	case PG_INT8:
	case PG_FLOAT4:
	case PG_FLOAT8:
	case PG_JSON: pgtype_text(b, cell); break;
	/* a version byte first */
	case PG_JSONB: buf_add(b, cell.data + 1, (size_t)cell.len - 1); break;
	case PG_TIMESTAMPTZ:
		if (pgtype_int(cell.data, 8) == INT64_MAX || pgtype_int(cell.data, 8) == INT64_MIN)
			buf_puts(b, "null");
		else
			put_quoted(b, cell);
		break;
	case PG_DATE:
	case PG_INET:
	case PG_BYTEA: put_quoted(b, cell); break;
	case PG_VOID: buf_puts(b, "null"); break;
	default:
		if (pgtype_is_array(cell.type))
			put_array(b, cell);
		else
			json_string(b, cell.data, (size_t)cell.len);
	}
}
