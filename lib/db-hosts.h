/* Several servers in one address (host=a,b target_session_attrs=read-write): libpq tries them in
 * order, and waits for the first as long as there is time; with PQconnectPoll there is no limit a
 * server. Here a connection is made to one of them, all processes of the node begin with the one
 * that was good last, and who finds it gone moves all on to the next. */
#ifndef DB_HOSTS_H
#define DB_HOSTS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/* How many servers the address has: 1 or more. */
int db_hosts_count(const char *url);
/* A connection to the current one, whose number is kept in *tried; NULL when there was none up to
 * the deadline (CLOCK_MONOTONIC microseconds): then the next one is current. Aborts without
 * memory. */
PGconn *db_hosts_connect(const char *url, int64_t deadline, int *tried);
/* That one was not to be had: the next one is current, unless somebody moved on already. */
void db_hosts_next(int tried);
/* That one serves. */
void db_hosts_good(int tried);
/* False when another one was found to serve since: of several only one does, and a machine that
 * vanished says nothing. */
bool db_hosts_current(const char *url, int *tried);

#endif
