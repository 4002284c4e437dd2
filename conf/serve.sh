#!/bin/bash
# Runs PostgreSQL (unless TV_DATABASE_URL names another), lighttpd with the programs, and the cron
# loop, all on one state directory and as one ordinary user, until a signal; then ends them. Started
# by run.sh, which sets TV_HOME, TV_STATE, TV_LISTEN, TV_PORT. Should it be killed itself, the
# parent-death signal ends the others.
set -eu
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=accounts.sh
. "$here/accounts.sh"
umask 077
postgres='' search='' lighttpd='' cron='' private_sockets=''
conf=$TV_HOME/conf/lighttpd.conf

# Socket paths end at 107 bytes, and lighttpd splits the paths of programs at blanks.
choose_sockets()
{
	local old
	if old=$(cat "$TV_STATE/sockets" 2> /dev/null); then
		rm -rf "$old" "$TV_STATE/sockets"
	fi
	TV_RUN=$TV_STATE/run
	if [ ${#TV_RUN} -gt 80 ] || [[ $TV_RUN =~ [[:space:]] ]]; then
		TV_RUN=$(mktemp -d /tmp/antenna.XXXXXX)
		private_sockets=$TV_RUN
		echo "$TV_RUN" > "$TV_STATE/sockets"
		echo "The state directory's path is too long for sockets or has blanks: they are in $TV_RUN"
	fi
	find "$TV_RUN" -type s ! -name '.s.PGSQL*' -delete
	ln -sfn "${TV_BIN:-$TV_HOME/build/bin}" "$TV_RUN/bin"
	export TV_RUN TV_BIN=$TV_RUN/bin
}

secret_file()
{
	[ -s "$1" ] || { head -c 48 /dev/urandom | base64 -w 0 > "$1.new" && mv "$1.new" "$1"; }
}

choose_keys()
{
	if [ -z "${TV_JWT_KEY-}${TV_JWT_KEY_FILE-}" ]; then
		secret_file "$TV_STATE/jwt.key"
		export TV_JWT_KEY_FILE=$TV_STATE/jwt.key
	fi
	if [ -z "${TV_MEDIA_KEY-}${TV_MEDIA_KEY_FILE-}" ]; then
		secret_file "$TV_STATE/media.key"
		export TV_MEDIA_KEY_FILE=$TV_STATE/media.key
	fi
	TV_MEDIA_DIR=$(readlink -m "${TV_MEDIA_DIR:-$TV_STATE/media}")
	mkdir -p "$TV_MEDIA_DIR"
	export TV_MEDIA_DIR TV_LOG=${TV_LOG:-$TV_STATE/log/antenna.log}
}

# Answers kept by an earlier start may be of before a write: this one has a directory of its own.
choose_cache()
{
	find "$TV_STATE/cache" -mindepth 1 -delete
	TV_CACHE=$(mktemp -d "$TV_STATE/cache/XXXXXXXX")
	export TV_CACHE TV_EDGE=${TV_EDGE:-on}
}

# Written anew by this start, and opened for appending as logrotate takes it for granted.
new_log()
{
	: > "$TV_STATE/log/$1.log"
	echo "$TV_STATE/log/$1.log"
}

# Children start in sessions of their own, so that Ctrl-C reaches only this script, which ends them
# in order.
child()
{
	setsid setpriv --pdeathsig="$1" "${@:2}" < /dev/null 9>&- &
}

postgres_settled()
{
	! kill -0 "$postgres" 2> /dev/null || "$here/postgres.sh" ready "$TV_STATE"
}

start_postgres()
{
	local name
	if [ -n "${TV_DATABASE_URL-}" ]; then
		export TV_OWNER_URL=${TV_OWNER_URL:-${TV_DATABASE_URL//%p/owner}}
		return
	fi
	for name in ${!PG*}; do
		unset "$name"
	done
	export SOCKETS=$TV_RUN
	"$here/postgres.sh" stop "$TV_STATE"
	child INT "$here/postgres.sh" run "$TV_STATE" >> "$(new_log postgres)" 2>&1
	postgres=$!
	wait_for 30 postgres_settled || :
	"$here/postgres.sh" ready "$TV_STATE" ||
		die "PostgreSQL does not start: $TV_STATE/log/postgres.log"
	TV_DATABASE_URL=$("$here/postgres.sh" url "$TV_STATE" tv_%p)
	TV_OWNER_URL=$("$here/postgres.sh" url "$TV_STATE" tv_owner)
	export TV_DATABASE_URL TV_OWNER_URL
}

# Whole or not at all; a directory that is there stays, but for pictures that it has not yet.
load_demo_media()
{
	local from to
	rm -rf "$TV_MEDIA_DIR"/.demo
	for from in "$TV_HOME"/sql/demo/media/*/; do
		to=$TV_MEDIA_DIR/$(basename "$from")
		[ ! -d "$to" ] || { from+=thumbnails to+=/thumbnails; }
		[ -d "$from" ] && [ ! -d "$to" ] || continue
		cp -r "$from" "$TV_MEDIA_DIR/.demo"
		mv "$TV_MEDIA_DIR/.demo" "$to"
	done
}

# Ended, or answering as itself: the port may be another node's, which was quicker.
node_settled()
{
	local log=$TV_STATE/log/elasticsearch.log name port
	kill -0 "$search" 2> /dev/null || return 0
	name=$(sed -n 's/^Cluster Name: *//p' "$log") port=$(sed -n 's/^HTTP Port: *//p' "$log")
	[ -n "$port" ] || return 1
	TV_ELASTICSEARCH_URL=http://127.0.0.1:$port
	[[ $(curl -fs -m 2 "$TV_ELASTICSEARCH_URL/_cluster/health?wait_for_status=yellow") == *"\"cluster_name\":\"$name\""* ]]
}

# PostgreSQL searches when the node ends: it is not watched.
start_search()
{
	[ "${SEARCH:-postgres}" != postgres ] && [ -z "${TV_ELASTICSEARCH_URL-}" ] || return 0
	child TERM "$here/elasticsearch.sh" run "$TV_STATE/elasticsearch" "$SEARCH" \
		>> "$(new_log elasticsearch)" 2>&1
	search=$!
	wait_for 120 node_settled && kill -0 "$search" 2> /dev/null ||
		die "$SEARCH does not start: $TV_STATE/log/elasticsearch.log"
	export TV_ELASTICSEARCH_URL
}

fill_index()
{
	[ -z "$search" ] || "$TV_BIN/search" drain >> "$TV_STATE/log/cron.log" 2>&1 ||
		echo "The index was not filled, see $TV_STATE/log/cron.log; PostgreSQL searches" >&2
}

# The demonstration is loaded again only when its files have changed.
load_demo()
{
	local file stamp
	[ "$TV_DEMO" != 0 ] || return 0
	compgen -G "$TV_HOME/sql/demo/*.sql" > /dev/null || return 0
	load_demo_media
	stamp=$({ echo "$TV_OWNER_URL"; cat "$TV_HOME"/sql/demo/*.sql; } | sha256sum)
	if [ "$stamp" = "$(cat "$TV_STATE/demo-loaded" 2> /dev/null)" ]; then
		"$here/cron.sh" hour
		return
	fi
	for file in "$TV_HOME"/sql/demo/*.sql; do
		PGOPTIONS='-c client_min_messages=warning' \
			as_database "$TV_OWNER_URL" psql -X -q -v ON_ERROR_STOP=1 -1 -f "$file" > /dev/null ||
			die "$file was not loaded"
	done
	echo "$stamp" > "$TV_STATE/demo-loaded"
}

own_address()
{
	local scheme=http host
	host=$(own_host)
	[ -z "${TV_TLS_CERT-}" ] || scheme=https
	[[ $host != *:* ]] || host="[$host]"
	echo "$scheme://$host:$TV_PORT"
}

start_lighttpd()
{
	lighttpd=''
	lighttpd -tt -f "$conf" || die 'lighttpd.conf is not valid'
	child TERM env TZ=UTC "$(command -v lighttpd)" -D -f "$conf" \
		>> "$(new_log lighttpd-start)" 2>&1
	lighttpd=$!
}

answers()
{
	# A web server that gave up is not waited for.
	kill -0 "$lighttpd" 2> /dev/null || return 2
	# The certificate has other names than this one.
	curl -kfs -m 2 -o /dev/null "$address/health/ready"
}

wait_until_ready()
{
	local i
	for ((i = 0; i < 300; i++)); do
		answers && return
		kill -0 "$lighttpd" 2> /dev/null || break
		sleep 0.1
	done
	(cd "$TV_STATE/log" && tail -n 5 lighttpd.log lighttpd-start.log stderr.log >&2) || :
	die "Antenna does not become ready; logs are in $TV_STATE/log"
}

end_child()
{
	[ -n "$1" ] || return 0
	kill "-$2" "$1" 2> /dev/null || :
	wait "$1" 2> /dev/null || :
}

stop_all()
{
	local status=$?
	trap '' INT TERM HUP
	trap - EXIT
	end_child "$cron" TERM
	end_child "$lighttpd" TERM
	end_child "$search" TERM
	end_child "$postgres" INT
	find "$TV_RUN" \( -type s -o -name lighttpd.pid -o -type l \) -delete
	[ -z "$private_sockets" ] || rm -rf "$private_sockets" "$TV_STATE/sockets"
	: > "$TV_STATE/lock"
	exit "$status"
}

# Each second; a restart takes some.
heal()
{
	if ! program_gone "$lighttpd"; then
		lost=0
	elif [ $((++lost)) -ge 2 ]; then
		echo 'antenna: a program is gone; restarting the programs' >&2
		kill -USR1 "$lighttpd"
		lost=-3
	fi
}

watch_children()
{
	local name lost=0 never
	# A pipe that nobody writes to: waiting needs no process of its own.
	exec {never}<> <(:)
	while :; do
		for name in postgres lighttpd cron; do
			[ -z "${!name}" ] || kill -0 "${!name}" 2> /dev/null ||
				die "$name ended unexpectedly; logs are in $TV_STATE/log"
		done
		heal
		read -r -t 1 -u "$never" || :
	done
}

mkdir -p "$TV_STATE/log" "$TV_STATE/cache" "$TV_STATE/run"
lock_state -n || {
	[ "${1-}" != --if-stopped ] || exit 0
	die "$(already_running)"
}
# Another's answers would look like ours.
wait_for 2 port_free || die "port $TV_PORT is in use: choose another TV_PORT"
choose_sockets
trap stop_all EXIT
trap 'exit 0' INT TERM HUP
choose_keys
choose_cache
start_postgres
# 3: of a newer version, by which this one serves as well
"$TV_BIN/system" migrate "$TV_HOME/sql/schema" || [ $? -eq 3 ] || die 'the schema could not be brought up to date'
load_demo
start_search
fill_index
make_accounts
start_lighttpd
address=$(own_address)
wait_until_ready
child TERM "$here/cron.sh" loop >> "$TV_STATE/log/cron.log" 2>&1
cron=$!
show_accounts
watch_children
