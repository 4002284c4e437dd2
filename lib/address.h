/* Which addresses of the network are everybody's, so that whoever names an address for the service
 * to fetch from cannot reach what only the service's own machine can. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/* Globally reachable unicast by IANA's registries of special-purpose addresses (RFC 6890); an IPv4
 * address inside an IPv6 one (mapped, 6to4, NAT64) is judged by itself. What is neither IPv4 nor
 * IPv6 is not public. */
bool address_public(const struct sockaddr *address);

/* Whether the first bits of both are the same; network byte order. */
bool address_within(const unsigned char *address, const unsigned char *network, int bits);

#endif
