/* A tree with a node for each member: a value, or what it groups. A list of a hundred rows asks no
 * name twice. */
#include "banned.h"

#include "layout.h"

#include "arena.h"
#include "buf.h"
#include "json.h"
#include "pgtype.h"

/* OBJECT: {…}; ZIP: a list by the elements of arrays; FOLD: a list by rows; PIECES: a list of which
 * rows have pieces. */
enum shape { VALUE, OBJECT, ZIP, FOLD, PIECES };

struct layout_node {
	struct layout_node *next;
	struct layout_node *members;
	const char *key; /* ,"name": with the comma, which the first member leaves out */
	size_t key_len;
	int column, n; /* the columns that it stands for */
	enum shape shape;
};

struct layout_word {
	struct layout_word *next;
	const char *name;
	size_t len;
	int column;
};

static const char null_text[] = "null";

static void
write_members(struct buf *b, const struct layout *l, const struct layout_node *node,
	const struct cell *cells, int from, int to);

static void
fill_cells(const struct layout *l, int row, int column, int n)
{
	for (int i = column; i < column + n; i++) {
		struct cell *c = &l->cells[i];
		c->data = PQgetvalue(l->rows, row, i);
		c->len = PQgetlength(l->rows, row, i);
		if (!c->len && PQgetisnull(l->rows, row, i))
			c->len = -1;
	}
}

static bool
all_null(const struct cell *cells, const struct layout_node *node)
{
	for (int i = node->column; i < node->column + node->n; i++)
		if (cells[i].len >= 0)
			return false;
	return true;
}

static void
write_object(struct buf *b, const struct layout *l, const struct layout_node *node,
	const struct cell *cells, int from, int to)
{
	buf_putc(b, '{');
	write_members(b, l, node->members, cells, from, to);
	buf_putc(b, '}');
}

/* Element i of each array makes one object; a shorter array has nulls at its end. */
static void
write_zip(struct buf *b, const struct layout *l, const struct layout_node *node,
	const struct cell *arrays, int row)
{
	struct array_walk walks[LAYOUT_MAX_COLUMNS];
	struct cell cells[LAYOUT_MAX_COLUMNS];
	int column = node->column, end = column + node->n;
	for (int i = column; i < end; i++)
		walks[i] = pgtype_walk(arrays[i]);
	for (bool first = true;; first = false) {
		for (int i = column; i < end; i++)
			if (!pgtype_next(&walks[i], &cells[i])) {
				if (i == column)
					return;
				cells[i] = (struct cell){ NULL, -1, 0 };
			}
		if (!first)
			buf_putc(b, ',');
		write_object(b, l, node, cells, row, row + 1);
	}
}

/* Each of the rows makes one object; a row of nulls (an outer join that found nothing) makes none.
 */
static void
write_fold(
	struct buf *b, const struct layout *l, const struct layout_node *node, int from, int to)
{
	bool first = true;
	for (int row = from; row < to; row++) {
		fill_cells(l, row, node->column, node->n);
		if (all_null(l->cells, node))
			continue;
		if (!first)
			buf_putc(b, ',');
		write_object(b, l, node, l->cells, row, row + 1);
		first = false;
	}
}

/* What each of the rows has, as it is; without the last comma. */
static void
write_pieces(
	struct buf *b, const struct layout *l, const struct layout_node *node, int from, int to)
{
	size_t before = b->len;
	for (int row = from; row < to; row++)
		buf_add(b, PQgetvalue(l->rows, row, node->column),
			(size_t)PQgetlength(l->rows, row, node->column));
	if (b->len > before)
		b->len--;
}

static void
write_node(struct buf *b, const struct layout *l, const struct layout_node *node,
	const struct cell *cells, int from, int to)
{
	switch (node->shape) {
	case VALUE: pgtype_json(b, cells[node->column]); break;
	case OBJECT:
		if (all_null(cells, node))
			buf_add(b, null_text, sizeof null_text - 1);
		else
			write_object(b, l, node, cells, from, to);
		break;
	case ZIP:
	case FOLD:
	case PIECES:
		buf_putc(b, '[');
		if (node->shape == ZIP)
			write_zip(b, l, node, cells, from);
		else if (node->shape == PIECES)
			write_pieces(b, l, node, from, to);
		else
			write_fold(b, l, node, from, to);
		buf_putc(b, ']');
	}
}

static void
write_members(struct buf *b, const struct layout *l, const struct layout_node *node,
	const struct cell *cells, int from, int to)
{
	for (size_t first = 1; node; node = node->next, first = 0) {
		buf_add(b, node->key + first, node->key_len - first);
		write_node(b, l, node, cells, from, to);
	}
}

void
layout_write(struct buf *b, const struct layout *l, int from, int to)
{
	fill_cells(l, from, 0, l->n);
	buf_putc(b, '{');
	write_members(b, l, l->members, l->cells, from, to);
	buf_putc(b, '}');
}

/* ---- the tree */

/* Names of columns need no escapes: --check says so. */
static struct layout_node *
node_new(struct arena *a, const char *name, size_t len)
{
	struct layout_node *node = arena_alloc(a, sizeof *node);
	char *key = arena_space(a, len + 4);
	memcpy(key, ",\"", 2);
	memcpy(key + 2, name, len);
	memcpy(key + 2 + len, "\":", 2);
	node->key = key;
	node->key_len = len + 4;
	return node;
}

/* How many of the names begin with the same prefix (of len bytes, the dot included). */
static int
group_size(const char *const *names, int n, size_t len)
{
	int same = 1;
	while (same < n && !strncmp(names[same], names[0], len))
		same++;
	return same;
}

/* The node of names[0] and those that it groups with; names are those of the columns from `column`
 * on, without what their group is called. */
static struct layout_node *
node_of(struct arena *a, const PGresult *rows, const char **names, int n, int column);

static struct layout_node *
members_of(struct arena *a, const PGresult *rows, const char **names, int n, int column)
{
	struct layout_node *first = NULL, **end = &first;
	for (int i = 0; i < n;) {
		if (names[i][0] == '_') {
			i++;
			continue;
		}
		*end = node_of(a, rows, names + i, n - i, column + i);
		i += (*end)->n;
		end = &(*end)->next;
	}
	return first;
}

static struct layout_node *
node_of(struct arena *a, const PGresult *rows, const char **names, int n, int column)
{
	size_t len = strcspn(names[0], ". ");
	bool grouped = names[0][len] == '.', list = len > 2 && names[0][len - 1] == ']';
	struct layout_node *node = node_new(a, names[0], len - (list ? 2 : 0));
	node->column = column;
	node->n = grouped ? group_size(names, n, len + 1) : 1;
	if (!grouped) {
		node->shape = list ? PIECES : VALUE;
		return node;
	}
	for (int i = 0; i < node->n; i++)
		names[i] += len + 1;
	node->shape = !list ? OBJECT : pgtype_is_array(PQftype(rows, column)) ? ZIP : FOLD;
	node->members = members_of(a, rows, names, node->n, column);
	return node;
}

static void
note_words(struct arena *a, struct layout *l, const char *name, int column)
{
	while (name) {
		const char *end = strchr(name, ' ');
		if (name[0] == '_') {
			struct layout_word *word = arena_space(a, sizeof *word);
			*word = (struct layout_word){ l->words, name, end ? (size_t)(end - name) : strlen(name),
				column };
			l->words = word;
		}
		name = end ? end + 1 : NULL;
	}
}

struct layout
layout_of(struct arena *a, const PGresult *rows)
{
	const char *names[LAYOUT_MAX_COLUMNS];
	struct layout l = { .rows = rows, .n = PQnfields(rows) };
	if (l.n > LAYOUT_MAX_COLUMNS)
		abort(); /* --check refuses such a query */
	l.cells = arena_alloc(a, (size_t)l.n * sizeof *l.cells);
	for (int i = 0; i < l.n; i++) {
		names[i] = PQfname(rows, i);
		note_words(a, &l, names[i], i);
		l.cells[i].type = PQftype(rows, i);
	}
	l.members = members_of(a, rows, names, l.n, 0);
	return l;
}

int
layout_column(const struct layout *l, const char *name)
{
	for (const struct layout_word *w = l->words; w; w = w->next)
		if (!strncmp(w->name, name, w->len) && !name[w->len])
			return w->column;
	return -1;
}
