/* Settings, from the environment only. The one table is in conf.c; conf/tv.env.example documents
 * each of them. */
#ifndef CONF_H
#define CONF_H

#include <stddef.h>

enum conf_key {
	CONF_STATE,
	CONF_RUN,
	CONF_CACHE,
	CONF_CACHE_MB,
	CONF_DATABASE_URL,
	CONF_OWNER_URL,
	CONF_DB_PREPARE,
	CONF_JWT_KEY,
	CONF_JWT_KEY_PREVIOUS,
	CONF_MEDIA_KEY,
	CONF_MEDIA_KEY_PREVIOUS,
	CONF_MEDIA_URL,
	CONF_MEDIA_DIR,
	CONF_BCRYPT_COST,
	CONF_WORKERS,
	CONF_LOG,
	CONF_LOG_LEVEL,
	CONF_PUBLIC_URL,
	CONF_UNRATED_AGE,
	CONF_RATE_LOGIN,
	CONF_FEED_DIR,
	CONF_FEED_PRIVATE,
	CONF_RATE_API,
	CONF_RATE_WRITE,
	CONF_RATE_PLAY,
	CONF_RATE_SEARCH,
	CONF_RATE_IMPORT,
	CONF_TRUSTED_PROXIES,
	CONF_ELASTICSEARCH_URL,
	CONF_ELASTICSEARCH_INDEX,
	CONF_ELASTICSEARCH_TIMEOUT,
	CONF_ELASTICSEARCH_USER,
	CONF_ELASTICSEARCH_PASSWORD,
	CONF_ELASTICSEARCH_API_KEY,
	CONF_ELASTICSEARCH_CA,
	CONF_SERVICE_TOKEN,
	CONF_PAY_PROVIDER,
	CONF_PAY_WEBHOOK_KEY,
	CONF_SMTP_URL,
	CONF_SMTP_USER,
	CONF_SMTP_PASSWORD,
	CONF_MAIL_FROM,
	CONF_COUNT,
};

/* Reads the environment once; a value that is not of its kind ends the program with a message on
 * stderr. */
void conf_load(void);
/* Text of a setting, or its default; NULL when it has neither. */
const char *conf_text(enum conf_key key);
long conf_int(enum conf_key key);
/* Bytes of a secret: the value, or the content of the file that NAME_FILE names, byte for byte.
 * *len is 0 when unset. */
const void *conf_secret(enum conf_key key, size_t *len);
/* Reads keys again when their files are others than at the last look: a rotation needs no restart.
 * Answers how often it has read any. */
unsigned conf_refresh_keys(void);
/* Where a secret is read from; NULL when not from a file. */
const char *conf_secret_file(enum conf_key key);
/* Where the signing key of before the last rotation is: beside the current one unless set; NULL
 * without key files. */
const char *conf_previous_key_file(void);
const char *conf_default(enum conf_key key);
/* For the check that each setting is documented. */
const char *conf_name(enum conf_key key);

#endif
