/* Who is at the other end. */
#ifndef PEER_H
#define PEER_H

struct req;

/* The client's address: the connection's, or behind proxies of TV_TRUSTED_PROXIES (addresses or
 * networks with commas between) the last one in X-Forwarded-For that is none of them. What a client
 * writes there itself never counts. Never NULL. */
const char *peer_address(struct req *r);
/* The same as limits count it: IPv4 whole, IPv6 its /64 (a household has all of it). */
const char *peer_network(struct req *r);

#endif
