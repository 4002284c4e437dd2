/* Answers of routes with .cache, kept as files: TV_CACHE/<tag>/<generation>/<key>. A file is found
 * by the request's target, by what of the token changes the answer (the age), and by the minute, so
 * only targets in their one canonical spelling have one. The web server's Lua (conf/edge.lua) reads
 * the same files, and has lighttpd send the larger ones.
 *
 * The generation is the size of TV_CACHE/<tag>.generation; one more byte makes all answers of
 * before unreachable. It is read before the query: data from before a commit can only get into a
 * generation that is over. Besides, an answer lives to the end of its minute at most: what changes
 * by the clock alone (what is on now) changes on whole minutes, and openings of availability are
 * announced (cgi-bin/system-listen.c).
 *
 * Of several nodes each has a store of its own. Whoever was answered that a write is done reads
 * nothing of before it on any of them: the writer waits for the others (nodes.h), and a node that
 * does not hear of writes keeps and gives out nothing (lease.h). What others than administrators'
 * requests write (psql, commands) ends everywhere when NOTIFY comes, 3 s later at most. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "route.h"

struct buf;
struct req;

enum { STORE_MAX = 256 << 10 }; /* bytes of an answer; larger ones are not kept */

/* True: the answer is there, r->out, r->etag and r->headers are filled. False: it must be made;
 * store_keep() may keep it then. */
bool store_find(struct req *r);
/* After a 200: compresses the answer if the client takes it, and keeps it. */
void store_keep(struct req *r);

/* All answers of this tag are over. After the commit, before the writer's own answer. */
void store_changed(enum cache tag);
/* The generation of a tag that is read and written now; false without a store, and while this node
 * may give nothing out. */
bool store_state(enum cache tag, int64_t *generation);
/* Appends the directory of a tag's answers. */
void store_directory(struct buf *path, enum cache tag);

#endif
