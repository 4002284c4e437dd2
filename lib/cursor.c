/* base64url of the list's tag and the sort keys, with U+001F between them. */
#include "banned.h"

#include "cursor.h"

#include "arena.h"
#include "buf.h"
#include "digest.h"
#include "layout.h"
#include "req-parts.h"
#include "req.h"

enum { TAG_DIGITS = 6 };

/* Of the path and of what was given to choose and to sort: in the route's order, whatever theirs
 * was. */
static const char *
list_tag(struct req *r)
{
	struct buf b = buf_new(r->arena);
	buf_puts(&b, r->path);
	for (const struct param *p = r->route->params; p->type != P_END; p++) {
		const char *value =
			p->name && p->type != P_LIMIT && p->type != P_CURSOR ? query_value(r, p->name) : NULL;
		if (value) {
			buf_putc(&b, '\n');
			buf_puts(&b, p->name);
			buf_putc(&b, '=');
			buf_puts(&b, value);
		}
	}
	return arena_strndup(r->arena, digest_hex(r->arena, b.data, b.len), TAG_DIGITS);
}

const char *
cursor_make(struct req *r, const struct layout *l, int row)
{
	struct buf b = buf_new(r->arena);
	buf_puts(&b, list_tag(r));
	for (int i = 1;; i++) {
		int column = layout_column(l, (char[]){ '_', (char)('0' + i), 0 });
		if (column < 0)
			break;
		buf_putc(&b, '\x1f');
		buf_puts(&b, row_text(r->arena, l->rows, row, column));
	}
	return base64url_encode(r->arena, b.data, b.len);
}

bool
cursor_read(struct req *r, const char *text, const char **keys, int n)
{
	size_t len;
	char *at = (char *)base64url_decode(r->arena, text, strlen(text), &len);
	if (!at || !utf8_valid(at, len) || strncmp(at, list_tag(r), TAG_DIGITS))
		return false;
	at += TAG_DIGITS;
	for (int i = 0; i < n; i++) {
		if (*at != '\x1f')
			return false;
		*at++ = 0;
		keys[i] = at;
		at += strcspn(at, "\x1f");
	}
	return !*at;
}
