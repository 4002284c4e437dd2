/* HMAC-SHA256 over a line for the use, the subject and the expiry; conf/media.lua does the same. */
#include "banned.h"

#include "media.h"

#include "arena.h"
#include "conf.h"
#include "param.h"
#include "req.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { HEX = 64 };

static char *
signature(struct arena *a, enum conf_key which, enum media_use use, const char *subject,
	const char *expiry)
{
	static const char *const uses[] = { [MEDIA_FILES] = "media", [MEDIA_LIVE] = "live" };
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len;
	size_t len;
	const void *key = conf_secret(which, &len);
	if (len < MEDIA_MIN_KEY)
		return NULL;
	const char *text = arena_printf(a, "antenna/%s\n%s\n%s", uses[use], subject, expiry);
	if (!HMAC(
			EVP_sha256(), key, (int)len, (const unsigned char *)text, strlen(text), mac, &mac_len))
		abort();
	char *hex = arena_alloc(a, HEX + 1);
	for (unsigned i = 0; i < HEX / 2; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", mac[i]);
	return hex;
}

char *
media_sign(struct arena *a, enum media_use use, const char *subject, int64_t expires_at)
{
	conf_refresh_keys();
	const char *expiry = arena_printf(a, "%lld", (long long)expires_at);
	const char *hex = signature(a, CONF_MEDIA_KEY, use, subject, expiry);
	return hex ? arena_printf(a, "%s-%s", expiry, hex) : NULL;
}

static bool
holds(struct arena *a, enum conf_key which, enum media_use use, const char *subject,
	const char *expiry, const char *given)
{
	const char *right = signature(a, which, use, subject, expiry);
	return right && CRYPTO_memcmp(right, given, HEX) == 0;
}

enum media_token
media_verify(struct arena *a, enum media_use use, const char *subject, const char *token,
	int64_t now, int64_t *expires_at)
{
	size_t digits = strspn(token, "0123456789"), len;
	if (!digits || token[digits] != '-' || strlen(token + digits + 1) != HEX)
		return MEDIA_TOKEN_WRONG;
	conf_refresh_keys();
	conf_secret(CONF_MEDIA_KEY, &len);
	if (len < MEDIA_MIN_KEY)
		return MEDIA_NO_KEY;
	const char *expiry = arena_strndup(a, token, digits), *given = token + digits + 1;
	if (!parse_int(expiry, 1, INT64_MAX / 1000000, expires_at))
		return MEDIA_TOKEN_WRONG;
	if (!holds(a, CONF_MEDIA_KEY, use, subject, expiry, given) &&
		!holds(a, CONF_MEDIA_KEY_PREVIOUS, use, subject, expiry, given))
		return MEDIA_TOKEN_WRONG;
	return *expires_at > now ? MEDIA_TOKEN_OK : MEDIA_TOKEN_EXPIRED;
}

int
media_height(const char *quality)
{
	if (quality && !strcmp(quality, "sd"))
		return 576;
	return quality && !strcmp(quality, "hd") ? 1080 : INT_MAX;
}

char *
media_path(struct arena *a, int64_t id, const char *directory, const char *quality,
	int64_t expires_at)
{
	const char *own = arena_printf(a, "%lld", (long long)id), *subject = own;
	if (!directory)
		directory = own;
	if (media_height(quality) < INT_MAX)
		subject = arena_printf(a, "%s.%s.%s", own, directory, quality);
	else if (strcmp(directory, own))
		subject = arena_printf(a, "%s.%s", own, directory);
	const char *token = media_sign(a, MEDIA_FILES, subject, expires_at);
	return token ? arena_printf(a, "%s/media/%s/%s", conf_text(CONF_MEDIA_URL), subject, token)
				 : NULL;
}

char *
media_url(struct req *r, int64_t id, const char *directory, const char *quality, const char *file,
	int64_t expires_at)
{
	const char *base = *conf_text(CONF_MEDIA_URL) ? "" : req_base_url(r);
	const char *path = media_path(r->arena, id, directory, quality, expires_at);
	return path ? arena_printf(r->arena, "%s%s/%s", base, path, file) : NULL;
}

char *
media_live_url(struct req *r, int64_t channel, const char *from, const char *quality,
	int64_t expires_at)
{
	if (media_height(quality) < INT_MAX)
		from = arena_printf(r->arena, "%s.%s", from, quality);
	const char *subject = arena_printf(r->arena, "%lld/%s", (long long)channel, from);
	const char *token = media_sign(r->arena, MEDIA_LIVE, subject, expires_at);
	return token ? arena_printf(r->arena, "%s/play/hls/%lld/%s/%s/master.m3u8", req_base_url(r),
					   (long long)channel, token, from)
				 : NULL;
}

bool
media_directory_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n && n <= 60 && !name[n] && name[0] != '-';
}
