/* The one header that cgi-bin includes: everything libtv.a offers to a program. */
#ifndef TV_H
#define TV_H

#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "clean.h"
#include "command.h"
#include "conf.h"
#include "copy.h"
#include "db.h"
#include "digest.h"
#include "fetch.h"
#include "import.h"
#include "json.h"
#include "limit.h"
#include "log.h"
#include "m3u.h"
#include "metrics.h"
#include "param.h"
#include "peer.h"
#include "password.h"
#include "records.h"
#include "req.h"
#include "route.h"
#include "store.h"
#include "throttle.h"
#include "token.h"
#include "unpack.h"
#include "url.h"
#include "xmltv.h"

#endif
