/* Tables of prefixes. IPv6 is closed but for 2000::/3, so what is not yet given out is not public
 * either. */
#include "banned.h"

#include "address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct prefix {
	unsigned char bytes[16];
	int bits;
};

static const struct prefix closed4[] = {
	{ { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, /* behind a carrier's NAT */
	{ { 127 }, 8 }, { { 169, 254 }, 16 }, { { 172, 16 }, 12 }, { { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 }, { { 192, 168 }, 16 }, { { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 }, { { 203, 0, 113 }, 24 },
	{ { 224 }, 3 }, /* multicast, reserved, broadcast */
};

static const struct prefix open6 = { { 0x20 }, 3 };

static const struct prefix closed6[] = {
	{ { 0x20, 0x01 }, 23 }, /* protocols, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x3f, 0xff }, 20 },
};

/* Where an IPv4 address stands in an IPv6 one. */
static const struct {
	struct prefix prefix;
	size_t at;
} embedded[] = {
	{ { { [10] = 0xff, [11] = 0xff }, 96 }, 12 }, /* mapped */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64 */
	{ { { 0x20, 0x02 }, 16 }, 2 }, /* 6to4 */
};

bool
address_within(const unsigned char *address, const unsigned char *network, int bits)
{
	int whole = bits / 8, rest = bits % 8;
	if (memcmp(address, network, (size_t)whole) != 0)
		return false;
	return !rest || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

static bool
within(const unsigned char *address, const struct prefix *p)
{
	return address_within(address, p->bytes, p->bits);
}

static bool
within_any(const unsigned char *address, const struct prefix *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (within(address, &list[i]))
			return true;
	return false;
}

static bool
public4(const unsigned char *address)
{
	return !within_any(address, closed4, sizeof closed4 / sizeof closed4[0]);
}

static bool
public6(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof embedded / sizeof embedded[0]; i++)
		if (within(address, &embedded[i].prefix))
			return public4(address + embedded[i].at);
	return within(address, &open6) &&
		!within_any(address, closed6, sizeof closed6 / sizeof closed6[0]);
}

bool
address_public(const struct sockaddr *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof in);
		return public4((const unsigned char *)&in.sin_addr);
	case AF_INET6:
		memcpy(&in6, address, sizeof in6);
		return public6((const unsigned char *)&in6.sin6_addr);
	default: return false;
	}
}
