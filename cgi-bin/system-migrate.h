/* The command that brings a database to this build's schema. */
#ifndef SYSTEM_MIGRATE_H
#define SYSTEM_MIGRATE_H

int migrate(int argc, char **argv);

#endif
