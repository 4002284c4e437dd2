#!/bin/bash
# make run: installs, builds, chooses the state directory and the user, and becomes conf/serve.sh.
# Settings: conf/tv.env.example.
set -eu
umask 022
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
home=${here%/conf}
cd "$home"

export TV_PORT=${TV_PORT:-8080} TV_LISTEN=${TV_LISTEN:-127.0.0.1} TV_DEMO=${TV_DEMO:-1}
export TV_HOME=$home

check_port()
{
	case $TV_PORT in
		*[!0-9]* | '' | ??????*) die "TV_PORT is not a port: $TV_PORT" ;;
	esac
	# A web server whose make run was killed a moment ago may still be leaving.
	wait_for 2 port_free ||
		die "port $TV_PORT is in use; another one, with a state directory of its own:" \
			"TV_PORT=$((TV_PORT + 1)) TV_STATE=build/run2 make run"
}

# The serving user cannot enter every clone (one under /root): it then gets a copy under /var/lib.
readable_for_server()
{
	as_server sh -c 'cd "$1" 2> /dev/null &&
		test -z "$(find conf sql htdocs build/bin ! -readable 2>&1 | head -n 1)"' sh "$home"
}

stage_copy()
{
	local copy
	copy=/var/lib/antenna/$(printf '%s' "$home" | cksum | cut -d ' ' -f 1)
	mkdir -p "$copy/build"
	rm -rf "$copy/conf" "$copy/sql" "$copy/htdocs" "$copy/build/bin"
	cp -R conf sql htdocs "$copy/"
	cp -R build/bin "$copy/build/"
	chmod -R a+rX /var/lib/antenna
	TV_HOME=$copy
	echo "$home is not readable for $(serving_user): serving a copy in $copy"
}

is_state()
{
	[ -z "$(ls -A "$1")" ] || [ -e "$1/antenna-state" ]
}

# 0700 and the serving user's. A directory that holds anything else is left alone.
own_state()
{
	mkdir -p "$TV_STATE"
	TV_STATE=$(readlink -f "$TV_STATE")
	is_state "$TV_STATE" || die "TV_STATE=$TV_STATE holds other things: choose an empty directory"
	: >> "$TV_STATE/antenna-state"
	chmod 700 "$TV_STATE"
	if [ "$(id -u)" -eq 0 ] && [ "$(stat -c %U "$TV_STATE")" != "$(serving_user)" ]; then
		chown -R "$(serving_user):" "$TV_STATE"
	fi
	as_server test -w "$TV_STATE" ||
		die "user $(serving_user) cannot reach $TV_STATE: choose another TV_STATE"
}

# A node of Elasticsearch beside it: SEARCH=elasticsearch (or opensearch). The jars are fetched once.
fetch_node()
{
	case ${SEARCH:=postgres} in
		elasticsearch | opensearch) ;;
		postgres) return ;;
		*) die "SEARCH is postgres, elasticsearch or opensearch, not $SEARCH" ;;
	esac
	"$home/conf/packages.sh" search
	export TV_JARS=$TV_HOME/build/jars
	"$home/conf/elasticsearch.sh" fetch "$SEARCH" > /dev/null
}

check_port
conf/packages.sh run
conf/npm.sh run || echo 'antenna: the front end has no libraries (above); everything else runs' >&2
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j"$(nproc)" build
readable_for_server || stage_copy
fetch_node
if [ -z "${TV_STATE-}" ]; then
	TV_STATE=$TV_HOME/build/run
fi
own_state
export TV_STATE TV_HOME SEARCH
ulimit -n "$(ulimit -Hn)"
cd "$TV_STATE" 2> /dev/null || cd /
# Killed make takes the rest along; without make, the parent may be a shell that just leaves.
until_end=()
if [ -n "${MAKELEVEL-}" ]; then
	until_end=(--pdeathsig=TERM)
fi
exec_server "${until_end[@]}" env HOME="$TV_STATE" bash "$TV_HOME/conf/serve.sh"
