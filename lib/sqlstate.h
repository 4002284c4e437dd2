/* What PostgreSQL's refusals mean over HTTP: SQLSTATE → status, constraint name → code. */
#ifndef SQLSTATE_H
#define SQLSTATE_H

struct db_result;

struct refusal {
	int status;
	const char *code;
	const char *detail;
	const char *field; /* of the body that a 422 is about; NULL: not known */
};

/* Never NULL fields but detail; an unknown error is 500 internal_error. */
struct refusal sqlstate_refusal(const struct db_result *result);
/* What a problem's code says to people; NULL when it has no sentence. */
const char *code_detail(const char *code);

#endif
