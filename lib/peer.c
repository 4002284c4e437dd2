/* IPv4 counts as IPv6 here (::ffff:a.b.c.d), so there is one comparison. */
#include "banned.h"

#include "peer.h"

#include "address.h"
#include "arena.h"
#include "conf.h"
#include "req.h"

#include <arpa/inet.h>
#include <stdint.h>

static bool
read_address(const char *text, struct in6_addr *out)
{
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	struct in_addr four;
	if (inet_pton(AF_INET, text, &four) != 1)
		return false;
	*out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(out->s6_addr + 12, &four, sizeof four);
	return true;
}

/* entry: an address, or a network with its length. */
static bool
is_in(struct arena *a, const struct in6_addr *address, const char *entry, size_t n)
{
	char *network = arena_strndup(a, entry, n), *length = strchr(network, '/');
	struct in6_addr of;
	int64_t bits = 128;
	if (length)
		*length++ = 0;
	if (!read_address(network, &of))
		return false;
	bool four = !strchr(network, ':');
	if (length && !parse_int(length, 0, four ? 32 : 128, &bits))
		return false;
	return address_within(address->s6_addr, of.s6_addr, (int)(length && four ? bits + 96 : bits));
}

static bool
is_trusted(struct req *r, const char *text)
{
	struct in6_addr address;
	if (!read_address(text, &address))
		return false;
	for (const char *at = conf_text(CONF_TRUSTED_PROXIES); *at; at += *at == ',') {
		at += strspn(at, " ");
		size_t n = strcspn(at, ", ");
		if (n && is_in(r->arena, &address, at, n))
			return true;
		at += strcspn(at, ",");
	}
	return false;
}

const char *
peer_address(struct req *r)
{
	const char *address = req_env(r, "REMOTE_ADDR"), *list = req_env(r, "HTTP_X_FORWARDED_FOR");
	struct in6_addr any;
	if (!address)
		return "";
	size_t n = list ? strlen(list) : 0;
	while (n && is_trusted(r, address)) {
		size_t start = n;
		while (start && list[start - 1] != ',')
			start--;
		const char *from = list + start + strspn(list + start, " ");
		const char *before = arena_strndup(r->arena, from, strcspn(from, " ,"));
		if (!read_address(before, &any))
			break;
		address = before;
		n = start ? start - 1 : 0;
	}
	return address;
}

const char *
peer_network(struct req *r)
{
	struct in6_addr six;
	const char *address = peer_address(r);
	if (!read_address(address, &six) || !strchr(address, ':') || IN6_IS_ADDR_V4MAPPED(&six))
		return address;
	memset(six.s6_addr + 8, 0, 8);
	char *text = arena_alloc(r->arena, INET6_ADDRSTRLEN);
	inet_ntop(AF_INET6, &six, text, INET6_ADDRSTRLEN);
	return text;
}
