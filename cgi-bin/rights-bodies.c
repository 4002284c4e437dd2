/* The bodies of the rights program, member by member. A PUT replaces: what is absent is as in a new
 * row. */
#include "rights.h"

#define KINDS "movie|series|season|episode|channel"
#define CONTENT_ID                           \
	{                                        \
		"content_id", P_ID, .nullable = true \
	}
#define GENRE                             \
	{                                     \
		"genre", P_SLUG, .nullable = true \
	}
#define KIND                                               \
	{                                                      \
		"kind", P_ENUM, .choices = KINDS, .nullable = true \
	}
#define QUALITY                                       \
	{                                                 \
		"max_quality", P_ENUM, .choices = "sd|hd|uhd" \
	}
#define FROM                                   \
	{                                          \
		"valid_from", P_TIME, .nullable = true \
	}
#define UNTIL                                   \
	{                                           \
		"valid_until", P_TIME, .nullable = true \
	}
#define TOKEN                                                                            \
	{                                                                                    \
		"payment_token", P_TEXT, .min = 1, .max = 200, .nullable = true,                 \
								 .doc = "the means of payment, as the provider names it" \
	}

static const struct param country_item[] = { { .type = P_COUNTRY }, { 0 } };

static const struct param price[] = {
	{ "amount", P_INT, .required = true, .min = 0, .max = 100000000, .doc = "minor units" },
	{ "currency", P_TEXT, .required = true, .min = 3, .max = 3, .doc = "ISO 4217" },
	{ 0 },
};

#define SHOWN                                          \
	{                                                  \
		"price", P_OBJECT, .of = price, .nullable = true \
	}

const struct param access_body[] = {
	{ "user_id", P_ID, .required = true },
	{ "content_id", P_ID, .required = true },
	{ "profile_id", P_ID, .nullable = true, .doc = "absent: the age of the oldest profile counts" },
	{ "at", P_TIME, .nullable = true, .doc = "absent: now" },
	{ "country", P_COUNTRY, .nullable = true, .doc = "absent: the account's" },
	{ 0 },
};

const struct param subscribe_body[] = {
	{ "plan_id", P_ID, .required = true },
	SHOWN,
	TOKEN,
	{ 0 },
};

const struct param purchase_body[] = { SHOWN, TOKEN, { 0 } };

const struct param plan_body[] = {
	{ "code", P_SLUG, .required = true },
	{ "name", P_TEXT, .required = true, .min = 1, .max = 100 },
	{ "price", P_OBJECT, .required = true, .of = price },
	{ "period", P_ENUM, .choices = "day|week|month|year" },
	{ "trial_days", P_INT, .min = 0, .max = 365 },
	{ "grace_days", P_INT, .min = 0, .max = 60 },
	{ "level", P_INT, .min = 0, .max = 1000 },
	{ "max_streams", P_INT, .min = 1, .max = 100 },
	{ "max_profiles", P_INT, .min = 1, .max = 50 },
	QUALITY,
	{ "state", P_ENUM, .choices = "active|retired" },
	{ 0 },
};

const struct param rule_body[] = {
	{ "type", P_ENUM, .required = true, .choices = "free|subscription|purchase|rental" },
	CONTENT_ID,
	GENRE,
	KIND,
	{ "plan_id", P_ID, .nullable = true },
	{ "price", P_OBJECT, .of = price, .nullable = true },
	FROM,
	UNTIL,
	{ "countries", P_LIST, .max = 250, .of = country_item, .nullable = true,
		.doc = "only there; null: everywhere" },
	{ "excluded_countries", P_LIST, .max = 250, .of = country_item },
	QUALITY,
	{ "start_within", P_INT, .min = 1, .max = 31536000, .nullable = true, .doc = "seconds" },
	{ "watch_within", P_INT, .min = 1, .max = 31536000, .nullable = true, .doc = "seconds" },
	{ "outlives_window", P_BOOL },
	{ "exclusive", P_BOOL },
	{ 0 },
};

const struct param grant_body[] = {
	{ "user_id", P_ID, .required = true },
	CONTENT_ID,
	GENRE,
	KIND,
	{ "everything", P_BOOL, .doc = "instead of content_id, genre and kind" },
	QUALITY,
	FROM,
	UNTIL,
	{ "note", P_TEXT, .max = 500 },
	{ 0 },
};
