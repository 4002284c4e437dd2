/* Commands that keep the documents in the database. Each answers the exit status. */
#ifndef SEARCH_REINDEX_H
#define SEARCH_REINDEX_H

/* Makes all documents again; with --asked only when an administrator has asked for it. */
int command_reindex(int argc, char **argv);
/* Forgets what has been gone for a day, and titles that no programme has any more. */
int command_prune(int argc, char **argv);

#endif
