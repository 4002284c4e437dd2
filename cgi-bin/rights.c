/* What is sold and who may watch what. Every decision is rights.decide's; every amount of money is
 * a payment that rights.finish_payment settles. */
#include "rights.h"

#include "rights.queries.h"

#define ID         \
	{              \
		"id", P_ID \
	}
#define BODY(members)                   \
	{                                   \
		.type = P_BODY, .body = members \
	}

/* The five rows of what operators edit; lists differ in their filters. */
#define EDIT_ROUTES(path, name, QUERY, members)                                                   \
	{ POST, "/admin/rights/" path, ROLE_ADMIN, Q_ADMIN_##QUERY##_CREATE,                          \
		.reread = Q_ADMIN_##QUERY, .ok = 201, .answer = "admin_" name, .summary = "Make a " name, \
		.params = { BODY(members) } },                                                            \
		{ GET, "/admin/rights/" path "/{id}", ROLE_ADMIN, Q_ADMIN_##QUERY,                        \
			.answer = "admin_" name, .summary = "A " name, .params = { ID } },                    \
		{ PUT, "/admin/rights/" path "/{id}", ROLE_ADMIN, Q_ADMIN_##QUERY##_REPLACE,              \
			.reread = Q_ADMIN_##QUERY, .answer = "admin_" name, .summary = "Replace a " name,     \
			.params = { ID, IF_MATCH, BODY(members) } },                                          \
	{                                                                                             \
		DELETE, "/admin/rights/" path "/{id}", ROLE_ADMIN, Q_ADMIN_##QUERY##_DELETE,              \
			.ok = 204, .summary = "Delete a " name, .params = {                                   \
				ID,                                                                               \
				IF_MATCH                                                                          \
			}                                                                                     \
	}

static const struct route routes[] = {
	{ POST, "/rights/check_access", ROLE_SERVICE, Q_CHECK_ACCESS, .answer = "decision",
		.summary = "May this account watch that? For other services",
		.params = { { .type = P_MEMBERS, .body = access_body } } },
	{ GET, "/rights/access", ROLE_USER, Q_ACCESS_LIST, .list = true, .answer = "decision",
		.summary = "May the caller watch these?",
		.params = { ACCOUNT, PROFILE, AGE, { "ids", P_IDS, .required = true, .max = 50 } } },
	{ POST, "/rights/webhook/{provider}", ROLE_ANYONE, .handler = rights_webhook, .ok = 204,
		.summary = "What a payment provider tells, signed; one of your own has its own members",
		.params = { { "provider", P_SLUG },
			{ .type = P_BODY, .body = pay_message, .unchecked = true } } },

	{ GET, "/subscriptions", ROLE_USER, Q_SUBSCRIPTIONS, .answer = "subscriptions",
		.summary = "The caller's subscription, and what there is", .params = { ACCOUNT, AGE } },
	{ GET, "/subscriptions/plans", ROLE_USER, Q_PLANS_ON_SALE, .cache = CACHE_PLANS,
		.answer = "plan_on_sale", .list = true,
		.summary = "Plans that are sold, without looking at the caller's", .params = { AGE } },
	{ POST, "/subscriptions", ROLE_USER, .handler = rights_subscribe, .ok = 201,
		.answer = "subscription",
		.summary = "Subscribe, change the plan, or take a cancellation back",
		.params = { ACCOUNT, PROFILE, BODY(subscribe_body) } },
	{ DELETE, "/subscriptions/current", ROLE_USER, Q_SUBSCRIPTION_CANCEL, .answer = "subscription",
		.summary = "Cancel to the end of the paid period", .params = { ACCOUNT, PROFILE } },

	{ GET, "/users/purchases", ROLE_USER, Q_PURCHASE_LIST, .answer = "purchase",
		.summary = "What was bought, the latest first", .params = { ACCOUNT, AGE, PAGE(1) } },
	{ GET, "/users/rentals", ROLE_USER, Q_RENTAL_LIST, .answer = "rental",
		.summary = "What was rented, the latest first", .params = { ACCOUNT, AGE, PAGE(1) } },
	{ POST, "/ondemand/purchase/{id}", ROLE_USER, .handler = rights_buy, .ok = 201,
		.answer = "receipt", .summary = "Buy a title",
		.params = { ACCOUNT, PROFILE, AGE, ID,
			{ .type = P_BODY, .body = purchase_body, .nullable = true } } },
	{ POST, "/ondemand/rent/{id}", ROLE_USER, .handler = rights_rent, .ok = 201,
		.answer = "receipt", .summary = "Rent a title",
		.params = { ACCOUNT, PROFILE, AGE, ID,
			{ .type = P_BODY, .body = purchase_body, .nullable = true } } },

	{ GET, "/admin/rights/simulate", ROLE_ADMIN, Q_SIMULATE, .answer = "simulation",
		.summary = "A decision, with everything that was looked at",
		.params = { { "user_id", P_ID, .required = true }, { "profile_id", P_ID },
			{ "content_id", P_ID, .required = true }, { "country", P_COUNTRY },
			{ "at", P_TIME } } },
	EDIT_ROUTES("plans", "plan", PLAN, plan_body),
	{ GET, "/admin/rights/plans", ROLE_ADMIN, Q_ADMIN_PLAN_LIST, .answer = "admin_plan",
		.summary = "Plans, retired ones as well", .params = { PAGE(1) } },
	EDIT_ROUTES("rules", "rule", RULE, rule_body),
	{ GET, "/admin/rights/rules", ROLE_ADMIN, Q_ADMIN_RULE_LIST, .answer = "admin_rule",
		.summary = "Rules", .params = { { "content_id", P_ID }, { "plan_id", P_ID }, PAGE(1) } },
	EDIT_ROUTES("grants", "grant", GRANT, grant_body),
	{ GET, "/admin/rights/grants", ROLE_ADMIN, Q_ADMIN_GRANT_LIST, .answer = "admin_grant",
		.summary = "Grants", .params = { { "user_id", P_ID }, PAGE(1) } },
	{ GET, "/admin/rights/purchases", ROLE_ADMIN, Q_ADMIN_RECEIPT_LIST, .answer = "admin_receipt",
		.summary = "Receipts of purchases and rentals, the latest first",
		.params = { { "user_id", P_ID }, PAGE(1) } },
	{ GET, "/admin/rights/purchases/{id}", ROLE_ADMIN, Q_ADMIN_RECEIPT, .answer = "admin_receipt",
		.summary = "A receipt", .params = { ID } },
	{ POST, "/admin/rights/purchases/{id}/refund", ROLE_ADMIN, .handler = rights_refund,
		.answer = "admin_receipt", .summary = "Give the money back and end the right",
		.params = { ID } },
	{ GET, "/admin/rights/ledger", ROLE_ADMIN, Q_ADMIN_LEDGER, .answer = "ledger_entry",
		.summary = "Money that moved, the latest first",
		.params = { { "user_id", P_ID }, { "from", P_TIME }, { "to", P_TIME }, PAGE(2) } },
};

static int
prune(int argc, char **argv)
{
	(void)argc, (void)argv;
	return db_command("rights", rights_queries[Q_PRUNE].sql);
}

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "renew", "", rights_renew },
		{ "settle", "[SECONDS]", rights_settle },
		{ "prune", "", prune },
		{ 0 },
	};
	static const struct program program = {
		.name = "rights",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = rights_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.changes = 1u << CACHE_PLANS,
	};
	return program_main(&program, argc, argv);
}
