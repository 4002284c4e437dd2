/* libcrypt silently falls back to DES when it does not know a setting: the answer's form is checked
 * each time. */
#include "banned.h"

#include "password.h"

#include "arena.h"
#include "behind.h"
#include "conf.h"

#include <crypt.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

/* A hash of nothing anybody knows, at the cost that is set: what an unknown address costs. */
static const char *
dummy_hash(void)
{
	static char hash[61];
	if (!*hash)
		snprintf(hash, sizeof hash,
			"$2b$%02ld$abcdefghijklmnopqrstuu5LXuqzPSSt0q.GKBdTQHQYvPd7nGAwe",
			conf_int(CONF_BCRYPT_COST));
	return hash;
}

/* Hashing leaves one core to everybody else: as many hash at once as there are cores besides, the
 * others wait. Locks of files, because they end with a killed process. -1: no locks to be had. */
static int
take_core(void)
{
	static int fds[64], n;
	if (!n) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);
		n = cores > 64 ? 64 : cores > 2 ? (int)cores - 1 : 1;
		for (int i = 0; i < n; i++) {
			char path[4096];
			snprintf(path, sizeof path, "%s/run/hash-%d", conf_text(CONF_STATE), i);
			fds[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		}
	}
	for (int i = 0; i < n; i++)
		if (fds[i] >= 0 && flock(fds[i], LOCK_EX | LOCK_NB) == 0)
			return fds[i];
	int any = fds[(size_t)getpid() % (size_t)n];
	return any >= 0 && flock(any, LOCK_EX) == 0 ? any : -1;
}

static char *
hash_on_a_core(const char *password, const char *setting, struct crypt_data *data)
{
	int core = take_core();
	behind_begin();
	char *hash = crypt_r(password, setting, data);
	behind_end();
	if (core >= 0)
		flock(core, LOCK_UN);
	return hash;
}

static bool
well_formed(const char *hash)
{
	return hash && !strncmp(hash, "$2b$", 4) && strlen(hash) == 60;
}

char *
password_hash(struct arena *a, const char *password)
{
	struct crypt_data *data = arena_alloc(a, sizeof *data);
	char salt[16], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	if (RAND_bytes((unsigned char *)salt, sizeof salt) != 1 ||
		!crypt_gensalt_rn("$2b$", (unsigned long)conf_int(CONF_BCRYPT_COST), salt, sizeof salt,
			setting, sizeof setting))
		abort();
	char *hash = hash_on_a_core(password, setting, data);
	if (!well_formed(hash))
		abort();
	char *copy = arena_strdup(a, hash);
	OPENSSL_cleanse(data, sizeof *data);
	return copy;
}

bool
password_verify(const char *password, const char *hash)
{
	static struct crypt_data data;
	/* bcrypt would not see what comes after the 72nd byte */
	bool known = well_formed(hash) && strlen(password) <= 72;
	const char *setting = known ? hash : dummy_hash();
	const char *made = hash_on_a_core(password, setting, &data);
	bool right = well_formed(made) && CRYPTO_memcmp(made, setting, 60) == 0;
	OPENSSL_cleanse(&data, sizeof data);
	return right && known;
}

bool
password_outdated(const char *hash)
{
	return well_formed(hash) && (hash[4] - '0') * 10 + (hash[5] - '0') < conf_int(CONF_BCRYPT_COST);
}

/* The head of every published list of leaked passwords, as far as they have 8 characters. */
static const char *const common[] = {
	"12345678",
	"123456789",
	"1234567890",
	"password",
	"password1",
	"password12",
	"password123",
	"passw0rd",
	"p@ssw0rd",
	"p@ssword",
	"qwerty123",
	"qwertyuiop",
	"qwerty12",
	"1q2w3e4r",
	"1q2w3e4r5t",
	"1qaz2wsx",
	"iloveyou",
	"iloveyou1",
	"sunshine",
	"princess",
	"football",
	"baseball",
	"superman",
	"batman123",
	"trustno1",
	"welcome1",
	"welcome123",
	"letmein1",
	"letmein123",
	"admin123",
	"administrator",
	"changeme",
	"abc12345",
	"abcd1234",
	"a1b2c3d4",
	"asdfghjkl",
	"asdf1234",
	"zxcvbnm1",
	"11111111",
	"00000000",
	"88888888",
	"87654321",
	"987654321",
	"12341234",
	"11223344",
	"123123123",
	"123321123",
	"147258369",
	"computer",
	"internet",
	"whatever",
	"starwars",
	"michael1",
	"jennifer",
	"jordan23",
	"liverpool",
	"chocolate",
	"butterfly",
	"mustang1",
	"corvette",
	"midnight",
	"dragon123",
	"monkey123",
	"shadow123",
	"master123",
	"charlie1",
	"samantha",
	"elizabeth",
	"pokemon1",
	"naruto123",
	"minecraft",
	"qwer1234",
	"q1w2e3r4",
	"test1234",
	"testtest",
	"secret123",
	"hello123",
	"freedom1",
	"football1",
	"princess1",
};

bool
password_common(const char *password)
{
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		if (!strcasecmp(common[i], password))
			return true;
	return false;
}
