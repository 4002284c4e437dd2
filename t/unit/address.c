/* Addresses: which ones anybody may have fetched from. */
#include "address.h"
#include "tap.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

static bool
is_public(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_public((const struct sockaddr *)&in);
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		diag("%s is no address", text);
	return address_public((const struct sockaddr *)&in6);
}

static const char *const open_to_all[] = {
	"1.1.1.1",
	"9.255.255.255",
	"11.0.0.0",
	"100.63.255.255",
	"100.128.0.0",
	"126.255.255.255",
	"128.0.0.1",
	"169.253.255.255",
	"169.255.0.0",
	"172.15.255.255",
	"172.32.0.0",
	"192.0.1.1",
	"192.167.255.255",
	"192.169.0.0",
	"198.17.255.255",
	"198.20.0.0",
	"223.255.255.255",
	"2606:4700:4700::1111",
	"2a00:1450:400f::200e",
	"2001:200::1",
	"::ffff:8.8.8.8",
	"64:ff9b::808:808",
	"2002:808:808::1",
};

static const char *const closed[] = {
	"0.0.0.0",
	"0.1.2.3",
	"10.0.0.1",
	"10.255.255.255",
	"100.64.0.1",
	"100.127.255.255",
	"127.0.0.1",
	"127.255.255.254",
	"169.254.169.254",
	"172.16.0.1",
	"172.31.255.255",
	"192.0.0.8",
	"192.0.2.1",
	"192.88.99.1",
	"192.168.1.1",
	"198.18.0.1",
	"198.19.255.255",
	"198.51.100.7",
	"203.0.113.7",
	"224.0.0.1",
	"239.255.255.255",
	"240.0.0.1",
	"255.255.255.255",
	"::",
	"::1",
	"::7f00:1",
	"::ffff:127.0.0.1",
	"::ffff:10.1.2.3",
	"::ffff:169.254.169.254",
	"64:ff9b::7f00:1",
	"64:ff9b:1::808:808",
	"100::1",
	"2001::1",
	"2001:db8::1",
	"2002:7f00:1::1",
	"2002:c0a8:101::1",
	"3fff::1",
	"4000::1",
	"fc00::1",
	"fd12:3456::1",
	"fe80::1",
	"fec0::1",
	"ff02::1",
};

int
main(void)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/run/x" };
	for (size_t i = 0; i < sizeof open_to_all / sizeof open_to_all[0]; i++)
		ok(is_public(open_to_all[i]), open_to_all[i]);
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
		ok(!is_public(closed[i]), closed[i]);
	ok(!address_public((const struct sockaddr *)&local), "a socket of this machine");
	return done();
}
