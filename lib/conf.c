/* The table of settings. The environment is read once; secrets may come from files (NAME_FILE),
 * byte for byte. */
#include "banned.h"

#include "conf.h"

#include "param.h"

#include <errno.h>
#include <stdbool.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { TEXT, INT, SECRET };

struct setting {
	const char *name;
	enum kind kind;
	const char *fallback;
	long min, max;
};

static const struct setting settings[CONF_COUNT] = {
	[CONF_STATE] = { "TV_STATE", TEXT, "build/run" },
	[CONF_RUN] = { "TV_RUN", TEXT, "build/run/run" },
	[CONF_CACHE] = { "TV_CACHE", TEXT, "" },
	[CONF_CACHE_MB] = { "TV_CACHE_MB", INT, "256", 1, 65536 },
	[CONF_DATABASE_URL] = { "TV_DATABASE_URL", TEXT, NULL },
	[CONF_OWNER_URL] = { "TV_OWNER_URL", TEXT, NULL },
	[CONF_DB_PREPARE] = { "TV_DB_PREPARE", TEXT, "on" },
	[CONF_JWT_KEY] = { "TV_JWT_KEY", SECRET, NULL },
	[CONF_JWT_KEY_PREVIOUS] = { "TV_JWT_KEY_PREVIOUS", SECRET, NULL },
	[CONF_MEDIA_KEY] = { "TV_MEDIA_KEY", SECRET, NULL },
	[CONF_MEDIA_KEY_PREVIOUS] = { "TV_MEDIA_KEY_PREVIOUS", SECRET, NULL },
	[CONF_MEDIA_URL] = { "TV_MEDIA_URL", TEXT, "" },
	[CONF_MEDIA_DIR] = { "TV_MEDIA_DIR", TEXT, "" },
	[CONF_BCRYPT_COST] = { "TV_BCRYPT_COST", INT, "12", 4, 16 },
	[CONF_WORKERS] = { "TV_WORKERS", INT, "4", 1, 256 },
	[CONF_LOG] = { "TV_LOG", TEXT, NULL },
	[CONF_LOG_LEVEL] = { "TV_LOG_LEVEL", TEXT, "info" },
	[CONF_PUBLIC_URL] = { "TV_PUBLIC_URL", TEXT, "" },
	[CONF_FEED_DIR] = { "TV_FEED_DIR", TEXT, NULL },
	[CONF_FEED_PRIVATE] = { "TV_FEED_PRIVATE", TEXT, "off" },
	[CONF_RATE_LOGIN] = { "TV_RATE_LOGIN", TEXT, "120/60:60" },
	[CONF_RATE_API] = { "TV_RATE_API", TEXT, "1200/60:300" },
	[CONF_RATE_WRITE] = { "TV_RATE_WRITE", TEXT, "300/60:100" },
	[CONF_RATE_PLAY] = { "TV_RATE_PLAY", TEXT, "300/60:100" },
	[CONF_RATE_SEARCH] = { "TV_RATE_SEARCH", TEXT, "600/60:100" },
	[CONF_RATE_IMPORT] = { "TV_RATE_IMPORT", TEXT, "30/60:10" },
	[CONF_TRUSTED_PROXIES] = { "TV_TRUSTED_PROXIES", TEXT, "" },
	[CONF_ELASTICSEARCH_URL] = { "TV_ELASTICSEARCH_URL", TEXT, NULL },
	[CONF_ELASTICSEARCH_INDEX] = { "TV_ELASTICSEARCH_INDEX", TEXT, "antenna" },
	[CONF_ELASTICSEARCH_TIMEOUT] = { "TV_ELASTICSEARCH_TIMEOUT", INT, "200", 50, 2000 },
	[CONF_ELASTICSEARCH_USER] = { "TV_ELASTICSEARCH_USER", TEXT, NULL },
	[CONF_ELASTICSEARCH_PASSWORD] = { "TV_ELASTICSEARCH_PASSWORD", SECRET, NULL },
	[CONF_ELASTICSEARCH_API_KEY] = { "TV_ELASTICSEARCH_API_KEY", SECRET, NULL },
	[CONF_ELASTICSEARCH_CA] = { "TV_ELASTICSEARCH_CA", TEXT, NULL },
	[CONF_SERVICE_TOKEN] = { "TV_SERVICE_TOKEN", SECRET, NULL },
	[CONF_PAY_PROVIDER] = { "TV_PAY_PROVIDER", TEXT, "sandbox" },
	[CONF_PAY_WEBHOOK_KEY] = { "TV_PAY_WEBHOOK_KEY", SECRET, NULL },
	[CONF_SMTP_URL] = { "TV_SMTP_URL", TEXT, "" },
	[CONF_SMTP_USER] = { "TV_SMTP_USER", TEXT, "" },
	[CONF_SMTP_PASSWORD] = { "TV_SMTP_PASSWORD", SECRET, NULL },
	[CONF_MAIL_FROM] = { "TV_MAIL_FROM", TEXT, "" },
	[CONF_UNRATED_AGE] = { "TV_UNRATED_AGE", INT, "18", 0, 18 },
};

enum { SECRET_MAX = 4096 };

/* The one thing of the process besides the program: filled by conf_load, read by everybody after
 * it. */
static struct {
	const char *text[CONF_COUNT]; /* of a secret, its file */
	long number[CONF_COUNT];
	char secret[CONF_COUNT][SECRET_MAX];
	size_t secret_len[CONF_COUNT];
} loaded;

static _Noreturn void
refuse(const char *name, const char *why)
{
	fprintf(stderr, "%s: %s\n", name, why);
	exit(2);
}

/* A secret's file that cannot be read leaves it unset: whoever needs it refuses then. */
static void
read_secret_file(enum conf_key key, const char *path, bool may_lack)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (may_lack && errno == ENOENT)
			return;
		fprintf(stderr, "%s_FILE: %s: %s\n", settings[key].name, path, strerror(errno));
		return;
	}
	ssize_t n = read(fd, loaded.secret[key], SECRET_MAX);
	close(fd);
	loaded.secret_len[key] = n > 0 && n < SECRET_MAX ? (size_t)n : 0;
}

/* Beside the key's own file, unless set. */
static const char *
previous_file(enum conf_key previous, enum conf_key key, char *path, size_t size)
{
	const char *given = conf_secret_file(previous), *current = conf_secret_file(key);
	if (given && *given)
		return given;
	if (!current || !*current)
		return NULL;
	snprintf(path, size, "%s.previous", current);
	return path;
}

const char *
conf_previous_key_file(void)
{
	static char path[4096];
	return previous_file(CONF_JWT_KEY_PREVIOUS, CONF_JWT_KEY, path, sizeof path);
}

static const char *
previous_media_key_file(void)
{
	static char path[4096];
	return previous_file(CONF_MEDIA_KEY_PREVIOUS, CONF_MEDIA_KEY, path, sizeof path);
}

static void
load_secret(enum conf_key key)
{
	const char *path = conf_secret_file(key);
	const char *value = getenv(settings[key].name);
	loaded.secret_len[key] = 0;
	if (value && *value) {
		size_t len = strlen(value);
		if (len >= SECRET_MAX)
			refuse(settings[key].name, "longer than 4095 bytes");
		memcpy(loaded.secret[key], value, len);
		loaded.secret_len[key] = len;
	} else if (path && *path) {
		read_secret_file(key, path, false);
	} else if (key == CONF_JWT_KEY_PREVIOUS && conf_previous_key_file()) {
		read_secret_file(key, conf_previous_key_file(), true);
	} else if (key == CONF_MEDIA_KEY_PREVIOUS && previous_media_key_file()) {
		read_secret_file(key, previous_media_key_file(), true);
	}
}

static void
load(enum conf_key key)
{
	const struct setting *s = &settings[key];
	if (s->kind == SECRET) {
		load_secret(key);
		return;
	}
	const char *value = getenv(s->name);
	if (!value || !*value)
		value = s->fallback;
	loaded.text[key] = value;
	int64_t number;
	if (s->kind == INT) {
		if (!parse_int(value, s->min, s->max, &number)) {
			fprintf(stderr, "%s: a whole number from %ld to %ld\n", s->name, s->min, s->max);
			exit(2);
		}
		loaded.number[key] = (long)number;
	}
}

/* The previous key's file depends on that of the key. */
static void
find_files(void)
{
	char name[64];
	for (enum conf_key key = 0; key < CONF_COUNT; key++)
		if (settings[key].kind == SECRET) {
			snprintf(name, sizeof name, "%s_FILE", settings[key].name);
			loaded.text[key] = getenv(name);
		}
}

void
conf_load(void)
{
	find_files();
	for (enum conf_key key = 0; key < CONF_COUNT; key++)
		load(key);
}

/* True: they were read. */
static bool
refresh(enum conf_key key, enum conf_key previous, struct stat *seen)
{
	struct stat now;
	const char *path = conf_secret_file(key);
	if (!path || stat(path, &now) < 0 ||
		(now.st_ino == seen->st_ino && now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
			now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec))
		return false;
	*seen = now;
	load_secret(previous);
	load_secret(key);
	return true;
}

unsigned
conf_refresh_keys(void)
{
	static struct stat jwt, media;
	static unsigned times;
	times += refresh(CONF_JWT_KEY, CONF_JWT_KEY_PREVIOUS, &jwt);
	times += refresh(CONF_MEDIA_KEY, CONF_MEDIA_KEY_PREVIOUS, &media);
	return times;
}

const char *
conf_text(enum conf_key key)
{
	return loaded.text[key];
}

long
conf_int(enum conf_key key)
{
	return loaded.number[key];
}

const void *
conf_secret(enum conf_key key, size_t *len)
{
	*len = loaded.secret_len[key];
	return loaded.secret[key];
}

const char *
conf_secret_file(enum conf_key key)
{
	return loaded.text[key];
}

const char *
conf_default(enum conf_key key)
{
	return settings[key].fallback;
}

const char *
conf_name(enum conf_key key)
{
	return settings[key].name;
}
