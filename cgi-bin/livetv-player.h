/* For players that know no sign-in: a playlist, a guide and streams by a key in the address. */
#ifndef LIVETV_PLAYER_H
#define LIVETV_PLAYER_H

struct req;

int player_key_make(struct req *r);
int player_playlist(struct req *r);
int player_guide(struct req *r);
int player_stream(struct req *r);

#endif
