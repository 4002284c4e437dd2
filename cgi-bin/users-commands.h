/* users create, users grant-admin. */
#ifndef USERS_COMMANDS_H
#define USERS_COMMANDS_H

int command_create(int argc, char **argv);
int command_grant_admin(int argc, char **argv);

#endif
