#!/bin/bash
# The command "antenna" of an installation: everything that an operator runs, with the settings of
# tv.env (what the environment has already wins) and as the serving user.
set -eu
umask 027
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
etc=${TV_ETC:-@ETC@}

usage()
{
	cat >&2 <<-'END'
		usage: antenna COMMAND
		  PROGRAM …         a program's command: antenna users grant-admin ann@example.org
		  keys              makes the keys and directories that are missing
		  migrate           brings the database up to date (owner.env says as whom)
		  serve             everything in the foreground, with a PostgreSQL of its own unless one is set
		                    (--if-stopped, for cron: says nothing when it runs already)
		  web               the web server and the programs only, in the foreground
		  check | reload    looks at the web server's configuration | and exchanges everything without a loss
		  cron PERIOD       minute, hour, or day
		  backup DIR        (conf/backup.sh)
	END
	exit 2
}

# Lines NAME=value; the value is taken as it stands.
load_settings()
{
	local line
	[ -r "$1" ] || return 0
	while IFS= read -r line || [ -n "$line" ]; do
		if [[ $line =~ ^TV_[A-Z0-9_]+=. ]] && [ -z "$(printenv "${line%%=*}")" ]; then
			export "${line?}"
		fi
	done < "$1"
}

make_key()
{
	[ -s "$1" ] || { head -c 48 /dev/urandom | base64 -w 0 > "$1.new" && mv "$1.new" "$1"; }
}

make_keys()
{
	umask 077
	mkdir -p "$etc/keys"
	make_key "$etc/keys/jwt.key"
	make_key "$etc/keys/media.key"
	if [ "$(id -u)" -eq 0 ]; then
		chown -R "$(serving_user):" "$etc/keys"
	fi
}

make_directories()
{
	local directory
	for directory in "$TV_STATE" "$TV_RUN"; do
		[ -d "$directory" ] || install -d -m 700 -o "$(serving_user)" "$directory"
	done
}

# Where "antenna serve" with a PostgreSQL of its own has that, and its sockets.
find_own_postgres()
{
	[ -z "${TV_DATABASE_URL-}" ] && [ -d "$TV_STATE/pg" ] || return 0
	TV_RUN=$(cat "$TV_STATE/sockets" 2> /dev/null || echo "$TV_STATE/run")
	TV_DATABASE_URL=$(SOCKETS=$TV_RUN "$here/postgres.sh" url "$TV_STATE" tv_%p)
	TV_OWNER_URL=$(SOCKETS=$TV_RUN "$here/postgres.sh" url "$TV_STATE" tv_owner)
	export TV_DATABASE_URL TV_OWNER_URL
}

# Answers kept by an earlier start may be of before a write.
fresh_cache()
{
	mkdir -p "$TV_STATE/log" "$TV_STATE/cache" "$TV_STATE/run" "$TV_RUN"
	find "$TV_STATE/cache" -mindepth 1 -delete
	TV_CACHE=$(mktemp -d "$TV_STATE/cache/XXXXXXXX")
	export TV_CACHE
}

web()
{
	lock_state -w 5 || die "$(already_running)"
	fresh_cache
	exec env TZ=UTC lighttpd -D -f "$TV_HOME/conf/lighttpd.conf"
}

check()
{
	lighttpd -tt -f "$TV_HOME/conf/lighttpd.conf" || die 'the configuration is not valid: nothing is changed'
}

reload()
{
	local pid
	check
	pid=$(cat "$TV_RUN/lighttpd.pid" 2> /dev/null) || die 'it does not run'
	kill -USR1 "$pid"
}

command=${1-}
[ -n "$command" ] || usage
shift
load_settings "$etc/tv.env"
if [ "$command" = migrate ] || [ "$command" = backup ]; then
	load_settings "$etc/owner.env"
fi
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export TV_HOME=${here%/conf} TV_BIN=${TV_BIN:-@BIN@} TV_STATE=${TV_STATE:-@STATE@}
export TV_RUN=${TV_RUN:-@RUN@} TV_PORT=${TV_PORT:-8080} TV_LISTEN=${TV_LISTEN:-127.0.0.1}
export TV_DEMO=${TV_DEMO:-0} TV_EDGE=${TV_EDGE:-on} TV_LOG=${TV_LOG:-$TV_STATE/log/antenna.log}
make_directories
if [ "$command" = keys ]; then
	make_keys
	exit
fi
# The rest as the serving user; the settings are in the environment already.
if [ "$(id -u)" -eq 0 ] && [ "$(serving_user)" != root ]; then
	exec_server "$0" "$command" "$@"
fi
mkdir -p "$TV_STATE/log"
[ "$command" = serve ] || find_own_postgres
[ -n "${TV_JWT_KEY-}${TV_JWT_KEY_FILE-}" ] || export TV_JWT_KEY_FILE=$etc/keys/jwt.key
[ -n "${TV_MEDIA_KEY-}${TV_MEDIA_KEY_FILE-}" ] || export TV_MEDIA_KEY_FILE=$etc/keys/media.key
# Not where files are told: those are named from where the user is.
[ -x "$TV_BIN/$command" ] || [ "$command" = backup ] || cd "$TV_STATE" 2> /dev/null || cd /

case $command in
	serve) exec "$here/serve.sh" "$@" ;;
	web) web ;;
	check) check ;;
	reload) reload ;;
	migrate) exec "$TV_BIN/system" migrate "$TV_HOME/sql/schema" ;;
	cron) exec "$here/cron.sh" "$@" ;;
	backup) exec "$here/backup.sh" "$@" ;;
	*)
		[[ $command =~ ^[a-z]+$ ]] && [ -x "$TV_BIN/$command" ] || usage
		exec "$TV_BIN/$command" "$@"
		;;
esac
