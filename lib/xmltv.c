/* Expat's calls, made into channels and programmes. No document type is ever fetched; entities of
 * HTML are known, others are left out; expat itself stops those that multiply. */
#include "banned.h"

#define XML_DTD /* as Debian builds it: expat.h hides its limits without */
#include "xmltv-parts.h"

#include "arena.h"

enum { MAX_DEPTH = 64, MAX_ENTITY_TEXT = 1 << 20, MAX_TAG = 1 << 20 };

static void
refuse(struct xmltv *x, const char *why)
{
	if (!x->why)
		x->why = arena_printf(x->arena, "line %lu: %s", XML_GetCurrentLineNumber(x->parser), why);
	XML_StopParser(x->parser, XML_FALSE);
}

static void
on_text(void *context, const XML_Char *s, int len)
{
	struct xmltv *x = context;
	size_t n = (size_t)len;
	if (!x->collecting || x->too_long)
		return;
	if (n > XMLTV_MAX_TEXT - x->len) {
		x->too_long = true;
		for (n = XMLTV_MAX_TEXT - x->len; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
			n--;
	}
	memcpy(x->text + x->len, s, n);
	x->len += n;
}

static void
on_start(void *context, const XML_Char *name, const XML_Char **atts)
{
	struct xmltv *x = context;
	if (++x->depth > MAX_DEPTH)
		refuse(x, "elements are nested too deep");
	else if (x->depth == 1 && strcmp(name, "tv") != 0)
		refuse(x, "not XMLTV: the first element is not tv");
	if (x->collecting || x->why)
		return;
	x->root = true;
	xmltv_begin(x, name, atts);
	if (x->collecting)
		XML_SetCharacterDataHandler(x->parser, on_text);
}

static void
on_end(void *context, const XML_Char *name)
{
	struct xmltv *x = context;
	(void)name;
	if (x->collecting && x->depth == x->collecting_depth) {
		xmltv_take(x);
		x->collecting = E_OTHER;
		XML_SetCharacterDataHandler(x->parser, NULL); /* blanks between elements are most calls */
	}
	if (x->depth == 3 && (x->part == P_IN_RATING || x->part == P_IN_CREDITS))
		x->part = P_PROGRAMME;
	else if (x->depth == 2)
		xmltv_hand_out(x);
	x->depth--;
}

/* No external entity is fetched. The document type, whether the file names one or not, is the
 * entities of HTML; with one, expat leaves out what is not declared instead of stopping. */
static int
on_external(XML_Parser parser, const XML_Char *context, const XML_Char *base, const XML_Char *id,
	const XML_Char *public_id)
{
	(void)base, (void)id, (void)public_id;
	if (context)
		return XML_STATUS_OK;
	struct arena *a = arena_new();
	const char *dtd = html_entities(a);
	XML_Parser inner = XML_ExternalEntityParserCreate(parser, NULL, "UTF-8");
	if (!inner)
		abort();
	enum XML_Status status = XML_Parse(inner, dtd, (int)strlen(dtd), 1);
	XML_ParserFree(inner);
	arena_free(a);
	return (int)status;
}

/* --- the stream */

static void
end_parser(void *parser)
{
	XML_ParserFree(parser);
}

static void
end_arena(void *arena)
{
	arena_free(arena);
}

static const char *
begin(struct xmltv *x, const char *data, size_t len)
{
	const char *why = decoder_open(&x->decoder, data, len);
	if (why)
		return why;
	arena_defer(x->arena, decoder_end, &x->decoder);
	x->parser = XML_ParserCreate(x->decoder.as_is ? NULL : "UTF-8");
	if (!x->parser)
		abort();
	arena_defer(x->arena, end_parser, x->parser);
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetExternalEntityRefHandler(x->parser, on_external);
	XML_SetParamEntityParsing(x->parser, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE);
	XML_UseForeignDTD(x->parser, XML_TRUE);
	XML_SetBillionLaughsAttackProtectionActivationThreshold(x->parser, MAX_ENTITY_TEXT);
	return NULL;
}

static const char *
explain(struct xmltv *x)
{
	enum XML_Error error = XML_GetErrorCode(x->parser);
	unsigned long line = XML_GetCurrentLineNumber(x->parser);
	if (x->why)
		return x->why;
	if (error == XML_ERROR_NO_ELEMENTS && !x->root)
		return "the file holds no XML";
	if (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
		error == XML_ERROR_PARTIAL_CHAR || error == XML_ERROR_UNCLOSED_CDATA_SECTION)
		return arena_printf(x->arena, "line %lu: the file ends too early", line);
	if (!x->root)
		return "the file is not XML";
	if (error == XML_ERROR_TAG_MISMATCH)
		return arena_printf(x->arena, "line %lu: a tag is closed that is not open", line);
	if (error == XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
		return arena_printf(x->arena, "line %lu: something follows the end", line);
	if (error == XML_ERROR_AMPLIFICATION_LIMIT_BREACH)
		return arena_printf(x->arena, "line %lu: entities make far more text than there is", line);
	return arena_printf(x->arena, "line %lu: the XML is not well-formed (%d)", line, (int)error);
}

/* NULL, or why no more of the file is read. A tag or comment is kept whole, and looked at from its
 * beginning whenever more of it comes. */
static const char *
parse(struct xmltv *x, size_t len, bool last)
{
	if (XML_ParseBuffer(x->parser, (int)len, last) != XML_STATUS_OK)
		return explain(x);
	x->fed += (int64_t)len;
	int64_t at = XML_GetCurrentByteIndex(x->parser);
	if (at < 0 || x->fed - at <= MAX_TAG)
		return NULL;
	return arena_printf(x->arena, "line %lu: a tag or comment of more than 1 MiB",
		XML_GetCurrentLineNumber(x->parser));
}

const char *
xmltv_feed(struct xmltv *x, const char *data, size_t len, bool last)
{
	enum { ROOM = DECODE_BLOCK * DECODE_GROWTH + 8 * DECODE_HELD };
	if (!x->parser) {
		for (; len && strchr(" \t\r\n", *data) && *data; len--)
			data++;
		if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
			data += 3, len -= 3;
		x->why = begin(x, data, len);
	}
	while (!x->why) {
		size_t n = len < DECODE_BLOCK ? len : DECODE_BLOCK;
		bool end = last && n == len;
		char *out = XML_GetBuffer(x->parser, ROOM);
		size_t made = out ? decoder_run(&x->decoder, data, n, end, out) : 0;
		x->why = out ? parse(x, made, end) : explain(x);
		data += n;
		len -= n;
		if (!len)
			break;
	}
	return x->why;
}

struct xmltv *
xmltv_open(struct arena *a, struct xmltv_events events, const char *language)
{
	struct xmltv *x = arena_alloc(a, sizeof *x);
	x->arena = a;
	x->element = arena_new();
	arena_defer(a, end_arena, x->element);
	x->events = events;
	x->language = language;
	return x;
}
