/* Elements of a channel or a programme: which text is kept, and in which form. */
#include "banned.h"

#include "xmltv-parts.h"

#include "arena.h"
#include "clean.h"
#include "language.h"

/* --- texts */

/* Whether clean_text, which looks at each character, would leave it as it is. Eight bytes at a
 * time while none is special: what is less than a space or equal to & sets its high bit. */
static bool
is_plain(const char *s, size_t len)
{
	static const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	size_t i = 0;
	for (uint64_t w; i + sizeof w <= len; i += sizeof w) {
		memcpy(&w, s + i, sizeof w);
		if (((w - ones * ' ') | ((w ^ ones * '&') - ones) | ((w ^ ones * 0x7f) - ones) | w) & high)
			break;
	}
	for (; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < ' ' || c == '&' || c == 0x7f || (c == 0xc2 && (unsigned char)s[i + 1] <= 0xa0))
			return false;
	}
	return len && s[0] > ' ' && s[len - 1] > ' '; /* char is signed: ends are ASCII */
}

/* One space for several: a title that is broken into lines is indented. */
static void
squeeze(char *text)
{
	char *to = text;
	for (const char *at = text; *at; at++)
		if (*at != ' ' || at[1] != ' ')
			*to++ = *at;
	*to = 0;
}

/* Trimmed, at most max characters. */
static const char *
tidy(struct xmltv *x, const char *s, size_t max, bool lines)
{
	size_t len = strlen(s);
	char *text =
		is_plain(s, len) ? arena_strndup(x->element, s, len) : clean_text(x->element, s, lines);
	if (text && !lines && strstr(text, "  "))
		squeeze(text);
	if (len > max && text && clean_cut(text, max, len))
		x->programme.cut++;
	return text;
}

/* One that is as long as a text can be, at most. */
static const char *
attribute(const XML_Char **atts, const char *name)
{
	for (; *atts; atts += 2)
		if (strcmp(atts[0], name) == 0)
			return strnlen(atts[1], XMLTV_MAX_TEXT + 1) <= XMLTV_MAX_TEXT ? atts[1] : NULL;
	return NULL;
}

/* An https address, or NULL. */
static const char *
picture(struct xmltv *x, const XML_Char **atts, unsigned *left)
{
	const char *src = attribute(atts, "src");
	src = src ? tidy(x, src, XMLTV_MAX_TEXT, false) : NULL;
	const char *url =
		src && strncmp(src, "https://", 8) == 0 ? clean_address(x->element, src, P_URL) : NULL;
	*left += src && !url;
	return url;
}

static const char *
identity(struct xmltv *x, const char *id)
{
	id = id ? tidy(x, id, XMLTV_MAX_TEXT, false) : NULL;
	return id && strlen(id) <= XMLTV_MAX_ID ? id : NULL;
}

/* --- elements begin */

static const char *
programme_problem(struct xmltv *x, const XML_Char **atts)
{
	struct xmltv_programme *p = &x->programme;
	const char *start = attribute(atts, "start"), *stop = attribute(atts, "stop");
	p->channel = identity(x, attribute(atts, "channel"));
	if (!stop || !xmltv_time(stop, &p->stop))
		p->stop = XMLTV_NO_TIME;
	p->bad_stop = stop && p->stop == XMLTV_NO_TIME;
	if (!p->channel)
		return "there is no channel";
	if (!start)
		return "there is no start";
	if (!xmltv_time(start, &p->start))
		return arena_printf(x->element, "start: \"%.40s\" is no time",
			tidy(x, start, 40, false) ? tidy(x, start, 40, false) : "");
	return NULL;
}

static void
begin_programme(struct xmltv *x, const XML_Char **atts)
{
	arena_reset(x->element);
	x->elements = 0;
	x->part = P_PROGRAMME;
	x->by_number = false;
	memset(x->scores, 0, sizeof x->scores);
	memset(&x->programme, 0, sizeof x->programme);
	x->programme.line = XML_GetCurrentLineNumber(x->parser);
	x->programme.why = programme_problem(x, atts);
}

static void
begin_channel(struct xmltv *x, const XML_Char **atts)
{
	arena_reset(x->element);
	x->elements = 0;
	x->part = P_CHANNEL;
	memset(&x->channel, 0, sizeof x->channel);
	x->channel.line = XML_GetCurrentLineNumber(x->parser);
	x->channel.id = identity(x, attribute(atts, "id"));
}

static void
collect(struct xmltv *x, enum element e)
{
	x->collecting = e;
	x->collecting_depth = x->depth;
	x->len = 0;
	x->too_long = false;
}

static void
collect_in_language(struct xmltv *x, enum element e, const XML_Char **atts)
{
	const char *lang = attribute(atts, "lang");
	x->score = x->language && lang && language_same(x->language, lang) ? 2 : 1;
	if (x->score > x->scores[e])
		collect(x, e);
}

static void
begin_rating(struct xmltv *x, const XML_Char **atts)
{
	const char *scheme = attribute(atts, "system");
	x->part = P_IN_RATING;
	x->scheme = scheme ? arena_strdup(x->element, scheme) : NULL;
}

static void
begin_episode(struct xmltv *x, const XML_Char **atts)
{
	const char *scheme = attribute(atts, "system");
	x->scheme = scheme ? arena_strdup(x->element, scheme) : NULL;
	collect(x, E_EPISODE);
}

static void
in_programme(struct xmltv *x, const char *name, const XML_Char **atts)
{
	struct xmltv_programme *p = &x->programme;
	if (strcmp(name, "title") == 0)
		collect_in_language(x, E_TITLE, atts);
	else if (strcmp(name, "sub-title") == 0)
		collect_in_language(x, E_SUBTITLE, atts);
	else if (strcmp(name, "desc") == 0)
		collect_in_language(x, E_SYNOPSIS, atts);
	else if (strcmp(name, "category") == 0)
		collect(x, E_CATEGORY);
	else if (strcmp(name, "credits") == 0)
		x->part = P_IN_CREDITS;
	else if (strcmp(name, "episode-num") == 0)
		begin_episode(x, atts);
	else if (strcmp(name, "date") == 0)
		collect(x, E_DATE);
	else if (strcmp(name, "icon") == 0)
		p->icon = p->icon ? p->icon : picture(x, atts, &p->icons_left);
	else if (strcmp(name, "rating") == 0)
		begin_rating(x, atts);
	else if (strcmp(name, "previously-shown") == 0)
		p->is_repeat = true;
	else if (strcmp(name, "premiere") == 0)
		p->is_premiere = true;
	else if (strcmp(name, "new") == 0)
		p->is_new = true;
}

static void
in_credits(struct xmltv *x, const char *name, const XML_Char **atts)
{
	static const struct {
		const char *element, *role;
	} roles[] = {
		{ "actor", "actor" },
		{ "director", "director" },
		{ "writer", "writer" },
		{ "producer", "producer" },
		{ "composer", "composer" },
		{ "presenter", "host" },
		{ "guest", "guest" },
	};
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(name, roles[i].element) == 0) {
			const char *character = attribute(atts, "role");
			x->role = roles[i].role;
			x->character = character ? tidy(x, character, XMLTV_MAX_PERSON, false) : NULL;
			collect(x, E_CREDIT);
		}
}

static void
in_channel(struct xmltv *x, const char *name, const XML_Char **atts)
{
	if (strcmp(name, "display-name") == 0)
		collect(x, E_NAME);
	else if (strcmp(name, "icon") == 0 && !x->channel.icon)
		x->channel.icon = picture(x, atts, &x->channel.icons_left);
}

void
xmltv_begin(struct xmltv *x, const char *name, const XML_Char **atts)
{
	if (x->depth == 2 && strcmp(name, "programme") == 0)
		begin_programme(x, atts);
	else if (x->depth == 2 && strcmp(name, "channel") == 0)
		begin_channel(x, atts);
	else if (x->elements++ >= XMLTV_MAX_ELEMENTS)
		x->programme.cut += x->elements == XMLTV_MAX_ELEMENTS + 1;
	else if (x->depth == 3 && x->part == P_PROGRAMME)
		in_programme(x, name, atts);
	else if (x->depth == 3 && x->part == P_CHANNEL)
		in_channel(x, name, atts);
	else if (x->depth == 4 && x->part == P_IN_CREDITS)
		in_credits(x, name, atts);
	else if (x->depth == 4 && x->part == P_IN_RATING && strcmp(name, "value") == 0)
		collect(x, E_RATING);
}

/* --- elements end */

static void
take_in_language(struct xmltv *x, const char **to, size_t max)
{
	const char *text = tidy(x, x->text, max, x->collecting == E_SYNOPSIS);
	if (!text)
		return;
	*to = text;
	x->scores[x->collecting] = x->score;
}

static void
take_category(struct xmltv *x)
{
	struct xmltv_programme *p = &x->programme;
	const char *text = tidy(x, x->text, XMLTV_MAX_CATEGORY, false);
	if (!text)
		return;
	for (size_t i = 0; i < p->n_categories; i++)
		if (strcmp(p->categories[i], text) == 0)
			return;
	if (p->n_categories < XMLTV_MAX_CATEGORIES)
		p->categories[p->n_categories++] = text;
	else
		p->cut++;
}

static void
take_episode(struct xmltv *x)
{
	bool by_number = x->scheme && strcmp(x->scheme, "xmltv_ns") == 0;
	if (x->by_number && !by_number)
		return;
	xmltv_episode(x->scheme, x->text, &x->programme.season, &x->programme.episode);
	x->by_number |= by_number;
}

static void
take_rating(struct xmltv *x)
{
	struct xmltv_programme *p = &x->programme;
	const char *text = tidy(x, x->text, XMLTV_MAX_CATEGORY, false);
	if (text && p->n_ratings < XMLTV_MAX_RATINGS)
		p->ratings[p->n_ratings++] = (struct xmltv_rating){ x->scheme, text };
	else if (text)
		p->cut++;
}

static void
take_credit(struct xmltv *x)
{
	struct xmltv_programme *p = &x->programme;
	const char *name = tidy(x, x->text, XMLTV_MAX_PERSON, false);
	if (name && p->n_credits < XMLTV_MAX_CREDITS)
		p->credits[p->n_credits++] = (struct xmltv_credit){ x->role, name, x->character };
	else if (name)
		p->cut++;
}

static void
take_name(struct xmltv *x)
{
	struct xmltv_channel *c = &x->channel;
	const char *name = tidy(x, x->text, XMLTV_MAX_TITLE, false);
	if (name && c->n_names < XMLTV_MAX_NAMES)
		c->names[c->n_names++] = name;
}

static void
take_year(struct xmltv *x)
{
	int64_t day;
	char text[9] = "";
	snprintf(text, sizeof text, "%.4s0101", x->text + strspn(x->text, " \t\r\n"));
	if (xmltv_time(text, &day) || text[0] == '1' || text[0] == '2') {
		int year = (int)strtol(text, NULL, 10) / 10000;
		x->programme.year = year >= 1870 && year <= 2200 ? year : 0;
	}
}

void
xmltv_take(struct xmltv *x)
{
	struct xmltv_programme *p = &x->programme;
	x->text[x->len] = 0;
	p->cut += x->too_long;
	switch (x->collecting) {
	case E_TITLE: take_in_language(x, &p->title, XMLTV_MAX_TITLE); break;
	case E_SUBTITLE: take_in_language(x, &p->subtitle, XMLTV_MAX_TITLE); break;
	case E_SYNOPSIS: take_in_language(x, &p->synopsis, XMLTV_MAX_SYNOPSIS); break;
	case E_CATEGORY: take_category(x); break;
	case E_DATE: take_year(x); break;
	case E_EPISODE: take_episode(x); break;
	case E_RATING: take_rating(x); break;
	case E_CREDIT: take_credit(x); break;
	case E_NAME: take_name(x); break;
	case E_OTHER: break;
	}
}

void
xmltv_hand_out(struct xmltv *x)
{
	if (x->part == P_PROGRAMME) {
		struct xmltv_programme *p = &x->programme;
		if (!p->why && !p->title)
			p->why = "there is no title";
		x->events.programme(x->events.context, p);
	} else if (x->part == P_CHANNEL) {
		x->events.channel(x->events.context, &x->channel);
	}
	x->part = P_NOTHING;
}
