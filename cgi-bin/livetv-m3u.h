/* Playlists: channels and where their streams come from. */
#ifndef LIVETV_M3U_H
#define LIVETV_M3U_H

#include "livetv-guide.h"

/* Of the options only wait and dry_run count, of the report only the numbers of programmes, which
 * are of channels here. Otherwise as guide_import_unpacked. */
struct guide_report m3u_import(
	PGconn *conn, struct unpack *file, const struct guide_options *options, struct buf *messages);
/* Whether these first bytes are those of a playlist. */
bool m3u_is(const char *text, size_t len);

/* livetv import-m3u [--wait SECONDS] [--dry-run] FILE… */
int livetv_import_m3u(int argc, char **argv);

#endif
