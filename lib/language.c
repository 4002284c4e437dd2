/* The languages of Europe, and of the most speakers elsewhere; what is not here keeps its code. */
#include "banned.h"

#include "language.h"

#include "arena.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct language {
	const char *tag, *codes[2], *name; /* codes: ISO 639-2, T and B where these differ */
} languages[] = {
	{ "ar", { "ara" }, "العربية" },
	{ "bg", { "bul" }, "Български" },
	{ "bn", { "ben" }, "বাংলা" },
	{ "bs", { "bos" }, "Bosanski" },
	{ "ca", { "cat" }, "Català" },
	{ "cs", { "ces", "cze" }, "Čeština" },
	{ "cy", { "cym", "wel" }, "Cymraeg" },
	{ "da", { "dan" }, "Dansk" },
	{ "de", { "deu", "ger" }, "Deutsch" },
	{ "el", { "ell", "gre" }, "Ελληνικά" },
	{ "en", { "eng" }, "English" },
	{ "es", { "spa" }, "Español" },
	{ "et", { "est" }, "Eesti" },
	{ "eu", { "eus", "baq" }, "Euskara" },
	{ "fa", { "fas", "per" }, "فارسی" },
	{ "fi", { "fin" }, "Suomi" },
	{ "fo", { "fao" }, "Føroyskt" },
	{ "fr", { "fra", "fre" }, "Français" },
	{ "ga", { "gle" }, "Gaeilge" },
	{ "gl", { "glg" }, "Galego" },
	{ "he", { "heb" }, "עברית" },
	{ "hi", { "hin" }, "हिन्दी" },
	{ "hr", { "hrv" }, "Hrvatski" },
	{ "hu", { "hun" }, "Magyar" },
	{ "hy", { "hye", "arm" }, "Հայերեն" },
	{ "id", { "ind" }, "Bahasa Indonesia" },
	{ "is", { "isl", "ice" }, "Íslenska" },
	{ "it", { "ita" }, "Italiano" },
	{ "ja", { "jpn" }, "日本語" },
	{ "ka", { "kat", "geo" }, "ქართული" },
	{ "kk", { "kaz" }, "Қазақша" },
	{ "ko", { "kor" }, "한국어" },
	{ "lb", { "ltz" }, "Lëtzebuergesch" },
	{ "lt", { "lit" }, "Lietuvių" },
	{ "lv", { "lav" }, "Latviešu" },
	{ "mk", { "mkd", "mac" }, "Македонски" },
	{ "ms", { "msa", "may" }, "Bahasa Melayu" },
	{ "mt", { "mlt" }, "Malti" },
	{ "nb", { "nob" }, "Norsk bokmål" },
	{ "nl", { "nld", "dut" }, "Nederlands" },
	{ "nn", { "nno" }, "Norsk nynorsk" },
	{ "no", { "nor" }, "Norsk" },
	{ "pl", { "pol" }, "Polski" },
	{ "pt", { "por" }, "Português" },
	{ "ro", { "ron", "rum" }, "Română" },
	{ "ru", { "rus" }, "Русский" },
	{ "se", { "sme" }, "Davvisámegiella" },
	{ "sk", { "slk", "slo" }, "Slovenčina" },
	{ "sl", { "slv" }, "Slovenščina" },
	{ "sq", { "sqi", "alb" }, "Shqip" },
	{ "sr", { "srp" }, "Српски" },
	{ "sv", { "swe" }, "Svenska" },
	{ "ta", { "tam" }, "தமிழ்" },
	{ "te", { "tel" }, "తెలుగు" },
	{ "th", { "tha" }, "ไทย" },
	{ "tr", { "tur" }, "Türkçe" },
	{ "uk", { "ukr" }, "Українська" },
	{ "ur", { "urd" }, "اردو" },
	{ "vi", { "vie" }, "Tiếng Việt" },
	{ "zh", { "zho", "chi" }, "中文" },
};

static bool
is(const char *code, const char *s, size_t len)
{
	return code && strncasecmp(code, s, len) == 0 && !code[len];
}

/* By the first len bytes of s, the code without what follows it. */
static const struct language *
find(const char *s, size_t len)
{
	for (const struct language *l = languages; l < languages + sizeof languages / sizeof *l; l++)
		if (is(l->tag, s, len) || is(l->codes[0], s, len) || is(l->codes[1], s, len))
			return l;
	return NULL;
}

static bool
says_nothing(const char *s, size_t len)
{
	return is("und", s, len) || is("mis", s, len) || is("mul", s, len) || is("zxx", s, len);
}

/* What follows the code: "-BR", "-Latn-RS"; parts of two to eight letters or digits, of which two
 * letters are a region, in capitals. */
static bool
add_rest(const char *rest, char *tag)
{
	size_t at = strlen(tag);
	while (*rest) {
		size_t n = 0;
		while (isalnum((unsigned char)rest[1 + n]))
			n++;
		char after = rest[1 + n];
		if (n < 2 || n > 8 || at + n + 2 > LANGUAGE_MAX || (after && after != '-' && after != '_'))
			return false;
		tag[at++] = '-';
		for (size_t i = 1; i <= n; i++)
			tag[at++] = n == 2 ? (char)toupper((unsigned char)rest[i]) : rest[i];
		tag[at] = 0;
		rest += 1 + n;
	}
	return true;
}

bool
language_tag(const char *code, char tag[LANGUAGE_MAX])
{
	size_t len = strcspn(code, "-_"), n = 0;
	if (len < 2 || len > 3 || says_nothing(code, len))
		return false;
	const struct language *l = find(code, len);
	for (const char *from = l ? l->tag : code; n < (l ? 2 : len); n++) {
		if (!isalpha((unsigned char)from[n]))
			return false;
		tag[n] = (char)tolower((unsigned char)from[n]);
	}
	tag[n] = 0;
	return add_rest(code + len, tag);
}

const char *
language_name(struct arena *a, const char *tag)
{
	size_t len = strcspn(tag, "-");
	const struct language *l = find(tag, len);
	if (!l)
		return tag;
	return tag[len] ? arena_printf(a, "%s (%s)", l->name, tag + len + 1) : l->name;
}

static bool
is_norwegian(const struct language *l)
{
	return l && (!strcmp(l->tag, "no") || !strcmp(l->tag, "nb") || !strcmp(l->tag, "nn"));
}

bool
language_same(const char *a, const char *b)
{
	size_t n = strcspn(a, "-_"), m = strcspn(b, "-_");
	const struct language *one = find(a, n), *other = find(b, m);
	if (!one || !other)
		return n == m && strncasecmp(a, b, n) == 0;
	return one == other || (is_norwegian(one) && is_norwegian(other));
}
