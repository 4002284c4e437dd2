# shellcheck shell=bash
# Functions that run.sh, serve.sh and postgres.sh share. Sourced by bash; no side effects.

die()
{
	echo "antenna: $*" >&2
	exit 1
}

# One instance a state directory: descriptor 9 has the lock for as long as the process lives.
# Takes options of flock, what to do when another one has it.
lock_state()
{
	exec 9>> "$TV_STATE/lock"
	flock "$@" 9 || return
	: > "$TV_STATE/lock"
	echo $$ >&9
}

already_running()
{
	echo "already running with $TV_STATE (process $(cat "$TV_STATE/lock"));" \
		"another one takes another TV_STATE and TV_PORT"
}

# Who serves: PostgreSQL refuses root, and a web server needs none of it.
serving_user()
{
	if [ "$(id -u)" -eq 0 ]; then
		echo "${TV_USER:-postgres}"
	else
		id -un
	fi
}

# Runs a command as the serving user.
as_server()
{
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="$(serving_user)" --regid="$(id -g "$(serving_user)")" --init-groups "$@"
	else
		"$@"
	fi
}

# The same in place of the shell; arguments may begin with options of setpriv (--pdeathsig).
exec_server()
{
	if [ "$(id -u)" -eq 0 ]; then
		exec setpriv --reuid="$(serving_user)" --regid="$(id -g "$(serving_user)")" --init-groups "$@"
	fi
	exec setpriv "$@"
}

# A path as a value inside a URL (RFC 3986).
url_encode()
{
	local LC_ALL=C text=$1 out='' c i
	for ((i = 0; i < ${#text}; i++)); do
		c=${text:i:1}
		case $c in
			[a-zA-Z0-9/._~-]) out+=$c ;;
			*) printf -v c '%%%02X' "'$c"; out+=$c ;;
		esac
	done
	printf '%s' "$out"
}

# Waits until a command succeeds: seconds, command…
wait_for()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Where this machine itself reaches the web server.
own_host()
{
	case $TV_LISTEN in
		0.0.0.0 | ::) echo 127.0.0.1 ;;
		*) echo "$TV_LISTEN" ;;
	esac
}

port_free()
{
	! (: < "/dev/tcp/$(own_host)/$TV_PORT") 2> /dev/null
}

# Debian keeps PostgreSQL's programs out of PATH.
postgres_programs()
{
	local dirs
	if command -v postgres > /dev/null && command -v initdb > /dev/null; then
		return
	fi
	dirs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	[ -x "$dirs/postgres" ] || die 'PostgreSQL is not installed (conf/packages.sh run)'
	PATH=$dirs:$PATH
}

# Takes the password of a URL out of it into the environment, because everybody on the machine sees
# the arguments of psql and pg_dump: "as_database URL COMMAND…" runs the command with "-d URL".
as_database()
{
	local url=$1 password
	shift
	if [[ $url =~ ^(postgres(ql)?://[^:/@]*):([^/@]*)(@.*)$ ]]; then
		password=${BASH_REMATCH[3]} url=${BASH_REMATCH[1]}${BASH_REMATCH[4]}
		PGPASSWORD=$(printf '%b' "${password//%/\\x}") "$@" -d "$url"
	else
		"$@" -d "$url"
	fi
}

# A program's master that is killed leaves workers for an instant; lighttpd (its pid) takes their
# socket for a program that somebody else runs, and never starts it again. A restart (USR1) does.
# Starts nothing and looks at no other process: it may be asked each second.
program_gone()
{
	local path name programs=() masters=()
	for path in "$TV_RUN"/*-0; do
		[ ! -S "$path" ] || programs+=("$path")
	done
	read -r name 2> /dev/null < "/proc/$1/comm" && [ "$name" = lighttpd ] || return 1
	# Its line has no end, which read calls a failure.
	read -r -a masters 2> /dev/null < "/proc/$1/task/$1/children" || :
	[ ${#masters[@]} -lt ${#programs[@]} ]
}
