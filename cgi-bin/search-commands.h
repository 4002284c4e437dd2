/* Commands that keep Elasticsearch and the database the same. Each answers the exit status. */
#ifndef SEARCH_COMMANDS_H
#define SEARCH_COMMANDS_H

/* Sends what is queued; makes the index when there is none, or when another version made it. */
int command_drain(int argc, char **argv);
/* Fills a new index and puts it behind the alias. */
int command_rebuild(int argc, char **argv);
/* Compares the index with the database and repairs it. */
int command_reconcile(int argc, char **argv);
int command_status(int argc, char **argv);

/* The same for an Elasticsearch that is configured: 0, or 1 after a message. */
int drain_queue(void);
int rebuild_index(void);
int reconcile_index(void);

#endif
