#!/bin/sh
# Installs the Debian packages that are missing: "packages.sh run" what building and running takes,
# "packages.sh test" also what the tests take, "packages.sh search" what elasticsearch.sh takes,
# "packages.sh npm" what conf/npm.sh takes. Nothing is started by it; with nothing missing it only
# asks dpkg once.
set -eu

build='gcc libc6-dev make pkg-config libfcgi-dev libpq-dev libjson-c-dev libssl-dev
	libcurl4-openssl-dev libexpat1-dev zlib1g-dev liblzma-dev libcrypt-dev libxxhash-dev'
run='ca-certificates lighttpd lighttpd-modules-lua lighttpd-mod-deflate
	lighttpd-mod-openssl postgresql curl util-linux procps'
tests='perl pgtap libtap-parser-sourcehandler-pgtap-perl clang libclang-rt-14-dev valgrind jq xz-utils wrk libfaketime
	locales'
# an Elasticsearch of one's own (elasticsearch.sh)
search='openjdk-17-jre-headless maven'

# From wherever they come: Debian's do not stand beside those of others.
command -v npm > /dev/null && npm='' || npm='nodejs npm'
command -v java > /dev/null && command -v mvn > /dev/null && search=''
command -v chromium > /dev/null || tests="$tests chromium"

case ${1:-run} in
	run) wanted="$build $run" ;;
	test) wanted="$build $run $tests $search" ;;
	search) wanted=$search ;;
	npm) wanted=$npm ;;
	*)
		echo "usage: $0 [run|test|search|npm]" >&2
		exit 2
		;;
esac

missing_packages()
{
	# shellcheck disable=SC2086 # a list of words
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
		awk -v wanted="$wanted" '
			$1 == "installed" { have[$2] = 1 }
			END {
				n = split(wanted, name, /[ \t\n]+/)
				for (i = 1; i <= n; i++)
					if (name[i] != "" && !(name[i] in have))
						printf "%s ", name[i]
			}'
}

# Debian starts a service as soon as it is installed, and makes a first PostgreSQL cluster: neither
# is wanted here.
policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.conf

hold_services()
{
	if [ ! -e "$policy" ]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' > "$policy"
		chmod 755 "$policy"
	fi
	if [ ! -e "$cluster_conf" ]; then
		mkdir -p "${cluster_conf%/*}"
		echo 'create_main_cluster = false' > "$cluster_conf"
	fi
}

apt_install()
{
	# The options keep the file above.
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef \
		-o Dpkg::Options::=--force-confold $1
}

install_as_root()
{
	hold_services
	apt_install "$1" || {
		apt-get update -q -o DPkg::Lock::Timeout=300
		apt_install "$1"
	}
}

give_up()
{
	echo "These Debian packages are missing; as root: apt-get install $1" >&2
	exit 1
}

[ -n "$wanted" ] || exit 0
missing=$(missing_packages)
missing=${missing% }
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
	command -v apt-get > /dev/null || give_up "$missing"
	echo "Installing: $missing"
	install_as_root "$missing" || give_up "$missing"
elif command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
	sudo "$(readlink -f "$0")" "${1:-run}" || give_up "$missing"
else
	give_up "$missing"
fi

missing=$(missing_packages)
[ -z "$missing" ] || give_up "${missing% }"
