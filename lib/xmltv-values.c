/* Times and episode numbers of XMLTV, and the names of HTML's characters. */
#include "banned.h"

#include "xmltv.h"

#include "buf.h"
#include "xmltv-parts.h"

enum { MAX_NUMBER = 99999 };

/* n digits; −1: something else. */
static int
digits(const char *s, int n)
{
	int value = 0;
	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* Days since 1970 of the Gregorian calendar (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t
days_of(int year, int month, int day)
{
	year -= month <= 2;
	int era = year / 400, of_era = year - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097LL + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

/* Seconds east of UTC. */
static bool
offset(const char *s, int *out)
{
	*out = 0;
	while (*s == ' ')
		s++;
	if (!*s || strcasecmp(s, "z") == 0 || strcasecmp(s, "utc") == 0 || strcasecmp(s, "gmt") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	int hours = digits(s + 1, 2);
	if (hours < 0 || hours > 15)
		return false;
	const char *rest = s + 3 + (s[3] == ':');
	int minutes = *rest ? digits(rest, 2) : 0;
	if (minutes < 0 || minutes > 59 || (*rest && rest[2 + strspn(rest + 2, " ")]))
		return false;
	*out = (hours * 3600 + minutes * 60) * (*s == '-' ? -1 : 1);
	return true;
}

bool
xmltv_time(const char *s, int64_t *out)
{
	size_t n = 0;
	while (*s && (unsigned char)*s <= ' ')
		s++;
	while (s[n] >= '0' && s[n] <= '9')
		n++;
	if (n != 8 && n != 10 && n != 12 && n != 14)
		return false;
	int year = digits(s, 4), month = digits(s + 4, 2), day = digits(s + 6, 2);
	int hour = n > 8 ? digits(s + 8, 2) : 0, minute = n > 10 ? digits(s + 10, 2) : 0;
	int second = n > 12 ? digits(s + 12, 2) : 0, east;
	if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 ||
		day > days_in(year, month) || hour > 24 || minute > 59 || second > 60 ||
		(hour == 24 && (minute || second)) || !offset(s + n, &east))
		return false;
	*out = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
	return true;
}

/* The number at s, which it moves behind it; −1: none. */
static int
number(const char **s)
{
	size_t n = strspn(*s, "0123456789");
	int value = n && n <= 5 ? digits(*s, (int)n) : -1;
	*s += n;
	return value;
}

/* "season . episode . part", each from 0 and perhaps with "/total". */
static void
xmltv_ns(const char *s, int *season, int *episode)
{
	for (int field = 0; field < 2; field++) {
		s += strspn(s, " \t\r\n");
		int value = number(&s);
		if (value >= 0 && value < MAX_NUMBER)
			*(field ? episode : season) = value + 1;
		s += strcspn(s, ".");
		if (!*s++)
			return;
	}
}

/* A word's letter (s, e) or "ep", and the number behind it. */
static int
lettered(const char **s, char letter)
{
	const char *at = *s;
	if ((*at | 0x20) != letter)
		return -1;
	at++;
	if (letter == 'e' && (*at | 0x20) == 'p')
		at++;
	at += strspn(at, " .:");
	int value = number(&at);
	if (value >= 0)
		*s = at;
	return value;
}

/* "S01E05", "s1 e5", "1x05", "Ep. 5", "5". */
static void
onscreen(const char *s, int *season, int *episode)
{
	s += strspn(s, " \t\r\n");
	int first = lettered(&s, 's');
	if (first >= 0) {
		*season = first;
	} else if (*s >= '0' && *s <= '9') {
		first = number(&s);
		if ((*s | 0x20) != 'x')
			return;
		s++;
		int second = number(&s);
		if (first >= 0 && second > 0)
			*season = first, *episode = second;
		return;
	}
	s += strspn(s, " \t\r\n.,:-");
	int second = lettered(&s, 'e');
	if (second > 0)
		*episode = second;
}

void
xmltv_episode(const char *scheme, const char *s, int *season, int *episode)
{
	if (scheme && strcmp(scheme, "xmltv_ns") == 0)
		xmltv_ns(s, season, episode);
	else if (!scheme || strcasecmp(scheme, "onscreen") == 0 || strcmp(scheme, "SxxExx") == 0)
		onscreen(s, season, episode);
}

struct entity {
	const char *name, *text;
};

/* Those that stand in guides. */
static const struct entity entities[] = {
	{ "AElig", "Æ" },
	{ "Aacute", "Á" },
	{ "Acirc", "Â" },
	{ "Agrave", "À" },
	{ "Aring", "Å" },
	{ "Atilde", "Ã" },
	{ "Auml", "Ä" },
	{ "Ccedil", "Ç" },
	{ "ETH", "Ð" },
	{ "Eacute", "É" },
	{ "Ecirc", "Ê" },
	{ "Egrave", "È" },
	{ "Euml", "Ë" },
	{ "Iacute", "Í" },
	{ "Icirc", "Î" },
	{ "Igrave", "Ì" },
	{ "Iuml", "Ï" },
	{ "Ntilde", "Ñ" },
	{ "OElig", "Œ" },
	{ "Oacute", "Ó" },
	{ "Ocirc", "Ô" },
	{ "Ograve", "Ò" },
	{ "Oslash", "Ø" },
	{ "Otilde", "Õ" },
	{ "Ouml", "Ö" },
	{ "Scaron", "Š" },
	{ "THORN", "Þ" },
	{ "Uacute", "Ú" },
	{ "Ucirc", "Û" },
	{ "Ugrave", "Ù" },
	{ "Uuml", "Ü" },
	{ "Yacute", "Ý" },
	{ "aacute", "á" },
	{ "acirc", "â" },
	{ "acute", "´" },
	{ "aelig", "æ" },
	{ "agrave", "à" },
	{ "aring", "å" },
	{ "atilde", "ã" },
	{ "auml", "ä" },
	{ "bdquo", "„" },
	{ "brvbar", "¦" },
	{ "bull", "•" },
	{ "ccedil", "ç" },
	{ "cedil", "¸" },
	{ "cent", "¢" },
	{ "copy", "©" },
	{ "deg", "°" },
	{ "divide", "÷" },
	{ "eacute", "é" },
	{ "ecirc", "ê" },
	{ "egrave", "è" },
	{ "eth", "ð" },
	{ "euml", "ë" },
	{ "euro", "€" },
	{ "frac12", "½" },
	{ "frac14", "¼" },
	{ "frac34", "¾" },
	{ "hellip", "…" },
	{ "iacute", "í" },
	{ "icirc", "î" },
	{ "iexcl", "¡" },
	{ "igrave", "ì" },
	{ "iquest", "¿" },
	{ "iuml", "ï" },
	{ "laquo", "«" },
	{ "ldquo", "“" },
	{ "lsaquo", "‹" },
	{ "lsquo", "‘" },
	{ "mdash", "—" },
	{ "middot", "·" },
	{ "nbsp", "\u00a0" },
	{ "ndash", "–" },
	{ "ntilde", "ñ" },
	{ "oacute", "ó" },
	{ "ocirc", "ô" },
	{ "oelig", "œ" },
	{ "ograve", "ò" },
	{ "ordf", "ª" },
	{ "ordm", "º" },
	{ "oslash", "ø" },
	{ "otilde", "õ" },
	{ "ouml", "ö" },
	{ "para", "¶" },
	{ "plusmn", "±" },
	{ "pound", "£" },
	{ "raquo", "»" },
	{ "rdquo", "”" },
	{ "reg", "®" },
	{ "rsaquo", "›" },
	{ "rsquo", "’" },
	{ "sbquo", "‚" },
	{ "scaron", "š" },
	{ "sect", "§" },
	{ "shy", "" },
	{ "sup2", "²" },
	{ "sup3", "³" },
	{ "szlig", "ß" },
	{ "thorn", "þ" },
	{ "times", "×" },
	{ "trade", "™" },
	{ "uacute", "ú" },
	{ "ucirc", "û" },
	{ "ugrave", "ù" },
	{ "uuml", "ü" },
	{ "yacute", "ý" },
	{ "yen", "¥" },
	{ "yuml", "ÿ" },
};

const char *
html_entities(struct arena *a)
{
	struct buf dtd = buf_new(a);
	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		buf_printf(&dtd, "<!ENTITY %s \"%s\">\n", entities[i].name, entities[i].text);
	return dtd.data;
}
