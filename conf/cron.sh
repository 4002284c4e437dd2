#!/bin/bash
# Work that comes round: "cron.sh minute", "cron.sh hour", "cron.sh day" from any cron, or "cron.sh
# loop" beside make run. A row is a period and a command; a command that fails is reported and tried
# again at the next round.
set -u
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
looping=''

jobs_of()
{
	while read -r period job; do
		[ "$period" != "$1" ] || echo "$job"
	done <<-'ROWS'
		minute heal
		minute fetch_feeds
		minute reap_plays
		minute refresh_search
		minute reindex_search
		minute drain_search
		minute settle
		minute renew
		hour demo_guide
		hour count_genres
		day prune_guide
		day prune_sessions
		day prune_search
		day reconcile_search
		day prune_rights
	ROWS
}

# Where lighttpd runs by itself; serve.sh looks each second.
heal()
{
	local pid
	[ -z "$looping" ] && pid=$(cat "$TV_RUN/lighttpd.pid" 2> /dev/null) || return 0
	program_gone "$pid" && sleep 2 && program_gone "$pid" || return 0
	echo "$(date -u +%FT%TZ) a program is gone; restarting the programs" >&2
	kill -USR1 "$pid"
}

count_genres() { "$TV_BIN/ondemand" count-genres; }

# In the loop a slow feed holds nothing up, and ends with it; several rounds take different feeds.
fetch_feeds()
{
	if [ -n "$looping" ]; then
		setpriv --pdeathsig=TERM "$TV_BIN/livetv" fetch-feeds > /dev/null &
	else
		"$TV_BIN/livetv" fetch-feeds > /dev/null
	fi
}

reap_plays() { "$TV_BIN/play" reap > /dev/null; }
prune_guide() { "$TV_BIN/livetv" prune > /dev/null; }
prune_sessions() { "$TV_BIN/auth" prune > /dev/null; }
prune_search() { "$TV_BIN/search" prune > /dev/null; }
# documents of bulk writes, if nobody is there who listens
refresh_search() { "$TV_BIN/search" refresh; }
# when an administrator has asked for it
reindex_search() { "$TV_BIN/search" reindex --asked; }
# Elasticsearch: what writers could not send, and nightly everything compared
drain_search() { "$TV_BIN/search" drain > /dev/null; }
reconcile_search() { [ -z "${TV_ELASTICSEARCH_URL-}" ] || "$TV_BIN/search" reconcile > /dev/null; }

settle() { "$TV_BIN/rights" settle; }
renew() { "$TV_BIN/rights" renew; }
prune_rights() { "$TV_BIN/rights" prune; }

# The demonstration's guide is always about now; there is none where the demonstration was not
# loaded.
demo_guide()
{
	[ "${TV_DEMO:-1}" != 0 ] || return 0
	PGCONNECT_TIMEOUT=5 as_database "$TV_OWNER_URL" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null <<-'SQL'
		select to_regprocedure('live.demo_guide()') is not null as loaded \gset
		\if :loaded
		select live.demo_guide();
		\endif
	SQL
}

round()
{
	local job
	for job in $(jobs_of "$1"); do
		"$job" || echo "$(date -u +%FT%TZ) $job failed" >&2
	done
}

loop()
{
	local minute=0 never
	looping=yes
	# A pipe that nobody writes to: waiting needs no process of its own.
	exec {never}<> <(:)
	while :; do
		read -r -t 60 -u "$never" || :
		minute=$((minute + 1))
		round minute
		[ $((minute % 60)) -ne 0 ] || round hour
		[ $((minute % 1440)) -ne 0 ] || round day
	done
}

case ${1-} in
	minute | hour | day) round "$1" ;;
	loop) loop ;;
	*)
		echo "usage: $0 minute|hour|day|loop" >&2
		exit 2
		;;
esac
