/* Tags for the codes that files have, names, and which codes are of one language. */
#include "banned.h"

#include "arena.h"
#include "language.h"
#include "tap.h"

static const char *
tag_of(const char *code)
{
	static char tag[LANGUAGE_MAX];
	return language_tag(code, tag) ? tag : NULL;
}

static void
test_tags(void)
{
	static const char *const cases[][2] = { { "ger", "de" }, { "deu", "de" }, { "de", "de" }, { "GER", "de" },
		{ "fre", "fr" }, { "eng", "en" }, { "en-gb", "en-GB" }, { "por_BR", "pt-BR" }, { "sr-Latn-RS", "sr-Latn-RS" },
		{ "tlh", "tlh" }, { "es-419", "es-419" }, { "nob", "nb" } };
	static const char *const none[] = { "", "und", "UND", "mul", "zxx", "mis", "d", "german", "e1", "en-", "en-x", "en--GB", "en GB",
		"en-\"x", "en-GB-", "en-toolongpart", "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(tag_of(cases[i][0]), cases[i][1], cases[i][0]);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		ok(!tag_of(none[i]), none[i]);
}

static void
test_names(struct arena *a)
{
	is(language_name(a, "fr"), "Français", "as its speakers call it");
	is(language_name(a, "pt-BR"), "Português (BR)", "with its region");
	is(language_name(a, "tlh"), "tlh", "what is not known here");
}

static void
test_same(void)
{
	ok(language_same("nor", "nb"), "a language of several codes");
	ok(language_same("nno", "no-NO"), "with a region");
	ok(language_same("FRE", "fr_CA"), "in capitals");
	ok(language_same("tlh", "tlh"), "one that is not known");
	ok(!language_same("de", "da") && !language_same("tlh", "th"), "two languages");
	ok(!language_same("sv", "sve"), "a code that begins like another");
}

int
main(void)
{
	struct arena *a = arena_new();
	test_tags();
	test_names(a);
	test_same();
	arena_free(a);
	return done();
}
