/* What the parts of the rights program share. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include "tv.h"

/* rights-bodies.c: what may be sent; each ends with P_END. */
extern const struct param access_body[], subscribe_body[], purchase_body[];
extern const struct param plan_body[], rule_body[], grant_body[];

/* rights-pay.c: what costs money, from the request to the receipt. */
int rights_buy(struct req *r);
int rights_rent(struct req *r);
int rights_subscribe(struct req *r);
int rights_refund(struct req *r);
int rights_webhook(struct req *r);

/* rights-commands.c: recurring work. */
int rights_settle(int argc, char **argv);
int rights_renew(int argc, char **argv);

/* Columns of the checkout queries (ABANDONED: recurring work's), and of finish_payment. */
enum {
	STATE,
	PAYMENT,
	AMOUNT,
	CURRENCY,
	METHOD,
	PROVIDER_REF,
	CHECKOUT_STATUS,
	ANSWER,
	PROVIDER,
	ABANDONED,
};
enum { FINISHED_STATE, FINISHED_STATUS, FINISHED_ANSWER };

#endif
