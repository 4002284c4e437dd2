#!/bin/bash
# "backup.sh DIR [KEEP]" (antenna backup DIR): the database as a file of pg_dump's own format, and the
# newest KEEP of them (14). The keys are not in it: the directory of keys is a backup of its own, kept
# elsewhere; without jwt.key everybody signs in anew, and nothing else is lost.
# Which nodes there are (the one table that is not logged) is not in it.
# Back: README, "Backup, and back"; t/http/backup.t does it.
set -eu
umask 077
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

directory=${1-} keep=${2:-14}
if [ -z "$directory" ] || [[ ! $keep =~ ^[1-9][0-9]{0,3}$ ]]; then
	echo "usage: backup.sh DIR [KEEP], with TV_OWNER_URL" >&2
	exit 2
fi
[ -n "${TV_OWNER_URL-}" ] || die 'TV_OWNER_URL must name the database, as the role that owns it'
[ -d "$directory" ] || die "no directory $directory"

# Written beside, checked, and renamed: a file with that name is whole. Two at once do not mix.
exec 9>> "$directory/antenna.lock"
flock -n 9 || die "another backup into $directory is running"
file=$directory/antenna-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.new"' EXIT
as_database "$TV_OWNER_URL" pg_dump -Fc --no-password --no-unlogged-table-data -f "$file.new" || die 'pg_dump failed: no backup was made'
pg_restore -l "$file.new" > /dev/null || die 'the dump cannot be read: no backup was made'
sync "$file.new"
mv "$file.new" "$file"
echo "$file: $(stat -c %s "$file") bytes"

# Names sort by time.
find "$directory" -maxdepth 1 -name 'antenna-*T*Z.dump' | sort -r | tail -n "+$((keep + 1))" |
	while read -r old; do
		rm -f "$old"
	done
