#!/bin/bash
# How often a decision is made: POST /rights/check_access without any cache, 100,000 accounts, by wrk over 16 connections, and the
# CPU of a request in each part. Times of a shared machine are noisy; CPU is less so.
#   t/bench/rights.sh [SECONDS]
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-10}
state=$(mktemp -d) port=$((20000 + RANDOM))
token=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
chmod 755 "$state"
TV_STATE=$state TV_PORT=$port TV_DEMO=0 TV_WORKERS=${TV_WORKERS:-2} TV_SERVICE_TOKEN=$token TV_LOG_LEVEL=error TV_BCRYPT_COST=6 \
	setsid conf/run.sh > "$state.log" 2>&1 &
run=$!
trap 'kill "$run"; wait "$run" 2> /dev/null || :; rm -rf "$state" "$state.log" "$state.lua"' EXIT
for ((i = 0; i < 600; i++)); do
	curl -fs -m 2 -o /dev/null "http://127.0.0.1:$port/health/ready" && break
	sleep 0.2
done
psql -Xq -v ON_ERROR_STOP=1 -f t/bench/rights.sql "$(conf/postgres.sh url "$state" tv_owner)" 2>&1 | grep -v "^psql.*only superuser" || :
cat > "$state.lua" <<END
local n = 0
function setup(thread) thread:set("seed", math.random(1, 1000000)) end
function init() math.randomseed(seed) end
function request()
	local body = string.format('{"user_id":%d,"content_id":%d}', math.random(1, 100000), math.random(1, 15000))
	return wrk.format("POST", "/rights/check_access",
		{ ["Authorization"] = "Bearer $token", ["Content-Type"] = "application/json" }, body)
end
END
# user and system ticks (10 ms) of the processes of that name below run.sh
ticks()
{
	local pid total=0
	for pid in $(pgrep -f "$1"); do
		[ -r "/proc/$pid/stat" ] || continue
		grep -qz "$state\|$port" "/proc/$pid/environ" 2> /dev/null || [ "$1" = "$state/pg" ] || [[ $(tr '\0' ' ' < "/proc/$pid/cmdline") == *tv_rights* ]] || continue
		total=$((total + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')))
	done
	echo "$total"
}
parts='bin/rights lighttpd postgres:.tv_rights'
wrk -t1 -c16 -d2 -s "$state.lua" "http://127.0.0.1:$port" > /dev/null
declare -A before
for part in $parts; do before[$part]=$(ticks "${part/:./:.}"); done
wrk -t1 -c16 -d"$seconds" --latency -s "$state.lua" "http://127.0.0.1:$port" | tee "$state.log"
requests=$(awk '/requests in/ { print $1 }' "$state.log")
for part in $parts; do
	echo "$part: $(((($(ticks "${part/:./:.}") - before[$part]) * 10000) / requests)) us of CPU a request"
done
