#!/bin/bash
# A private PostgreSQL: cluster in DIR/pg, database antenna, reached only through a socket in
# SOCKETS (default DIR/run).
#   create DIR                   makes the cluster when there is none
#   start DIR [SETTING=VALUE…]   creates and starts it, returns when it answers
#   run DIR [SETTING=VALUE…]     the same in the foreground; ends with its parent
#   ready DIR | stop DIR | url DIR ROLE
# Tests: start "$dir" fsync=off. As root it changes to the serving user, who must be able to enter
# DIR.
set -eu
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

command=${1:?command} dir=$(readlink -f "${2:?directory}") || die "no directory ${2-}"
shift 2
cluster=$dir/pg
sockets=${SOCKETS:-$dir/run}
postgres_programs
export LC_ALL=C.UTF-8

own_directory()
{
	if [ "$(id -u)" -eq 0 ]; then
		chown "$(serving_user):" "$dir"
	fi
	chmod 700 "$dir"
	as_server mkdir -p -m 700 "$sockets"
}

# trust is for who can enter the 0700 directory of the socket; there is no TCP.
create()
{
	[ ! -s "$cluster/PG_VERSION" ] || return 0
	rm -rf "$cluster.new"
	as_server initdb -D "$cluster.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
		--no-sync > /dev/null
	as_server postgres --single -D "$cluster.new" postgres > /dev/null <<-'SQL'
		create role tv_owner login createrole
		create database antenna owner tv_owner
	SQL
	mv "$cluster.new" "$cluster"
}

# A postmaster.pid of a killed server may carry a number that another process has by now.
remove_stale_pid()
{
	local pid
	[ -f "$cluster/postmaster.pid" ] || return 0
	pid=$(head -n 1 "$cluster/postmaster.pid")
	if [ "$(readlink "/proc/$pid/cwd")" != "$cluster" ]; then
		rm -f "$cluster/postmaster.pid"
	fi
}

# A quarter of the memory, as PostgreSQL's manual has it, up to what a catalogue and its customers fill.
shared_buffers()
{
	awk '/^MemTotal:/ { mib = int($2 / 4096); print (mib < 1024 ? mib : 1024) "MB" }' /proc/meminfo
}

# random_page_cost: what is read lies in memory or on flash, and a page of a list is walked in its order, not sorted.
arguments()
{
	local setting
	args=(-D "$cluster" -c listen_addresses= -c "unix_socket_directories=${sockets//,/\\,}"
		-c unix_socket_permissions=0700 -c max_connections=200
		-c log_error_verbosity=terse -c log_min_error_statement=panic
		-c "shared_buffers=$(shared_buffers)" -c random_page_cost=1.1)
	for setting; do
		args+=(-c "$setting")
	done
}

prepare()
{
	own_directory
	create
	remove_stale_pid
	arguments "$@"
}

ready()
{
	as_server pg_isready -q -h "$sockets" -U postgres -d antenna
}

start()
{
	prepare "$@"
	as_server setsid postgres "${args[@]}" < /dev/null >> "$dir/postgres.log" 2>&1 &
	wait_for 30 ready || die "PostgreSQL does not start: $dir/postgres.log"
}

stop()
{
	[ -f "$cluster/postmaster.pid" ] || return 0
	as_server pg_ctl -D "$cluster" -m fast -w -t 30 -s stop
}

case $command in
	create) own_directory && create ;;
	start) start "$@" ;;
	run) prepare "$@" && exec_server --pdeathsig=INT postgres "${args[@]}" ;;
	ready) ready ;;
	stop) stop ;;
	url) echo "postgresql://${1:?role}@/antenna?host=$(url_encode "$sockets")" ;;
	*) die "unknown command $command" ;;
esac
