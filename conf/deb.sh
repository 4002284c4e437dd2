#!/bin/bash
# make deb: a package of what make install installs, in the directory given. Upgrading migrates the
# database first (programs of before go on with a newer schema), then has the web server exchange
# the programs, which loses no request.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
build=$1
# A version that grows with each commit: its date, and its name.
version=$(git log -1 --format=%cd~%h --date=format:%Y%m%d.%H%M%S 2> /dev/null || date -u +%Y%m%d.%H%M%S)
version=${DEB_VERSION:-0.${version//\~/+}}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
make -s install DESTDIR="$root" PREFIX=/usr
chmod 755 "$root/etc/antenna"
mkdir "$root/DEBIAN"

# Libraries by the package that has them.
libraries()
{
	ldd "$root"/usr/lib/antenna/* 2> /dev/null | awk '$3 ~ /^\// { print $3 }' | sort -u |
		while read -r file; do
			dpkg -S "$(readlink -f "$file")" 2> /dev/null || dpkg -S "$file" 2> /dev/null || :
		done | sed 's/:.*//' | sort -u
}
direct='libc6 libfcgi0ldbl libpq5 libjson-c5 libssl3 libcurl4 libexpat1 zlib1g liblzma5 libcrypt1 libxxhash0'
depends=$(libraries | grep -xF -f <(tr ' ' '\n' <<< "$direct") | paste -sd, | sed 's/,/, /g')

cat > "$root/DEBIAN/control" <<END
Package: antenna
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: Antenna <dev@antenna.example>
Installed-Size: $(du -sk "$root" | cut -f 1)
Depends: $depends, lighttpd, lighttpd-modules-lua, lighttpd-mod-deflate, lighttpd-mod-openssl, postgresql-client, util-linux, procps, adduser
Recommends: cron, logrotate, postgresql
Section: web
Priority: optional
Description: TV-streaming backend
 Accounts and profiles, films and series, channels and their guide over a JSON API: FastCGI programs
 behind lighttpd, on PostgreSQL.
END
printf '%s\n' /etc/antenna/tv.env /etc/antenna/include.conf /etc/cron.d/antenna /etc/logrotate.d/antenna \
	> "$root/DEBIAN/conffiles"

cat > "$root/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
getent passwd antenna > /dev/null ||
	adduser --system --group --home /var/lib/antenna --no-create-home --quiet antenna
install -d -o antenna -g antenna -m 700 /var/lib/antenna /var/lib/antenna/log
chgrp antenna /etc/antenna/tv.env
chmod 640 /etc/antenna/tv.env
antenna keys
# 3: the database is newer, as when a package is taken back
[ ! -e /etc/antenna/owner.env ] || antenna migrate || [ $? -eq 3 ]
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl enable -q antenna.service
	! systemctl -q is-active antenna.service || systemctl reload antenna.service
elif [ -e /run/antenna/lighttpd.pid ]; then
	antenna reload
fi
[ -e /etc/antenna/owner.env ] || echo 'antenna: put the database into /etc/antenna/tv.env and owner.env, then: systemctl start antenna'
END

cat > "$root/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
if [ -d /run/systemd/system ]; then
	systemctl stop antenna.service
	systemctl disable -q antenna.service
elif [ -e /run/antenna/lighttpd.pid ]; then
	kill -INT "$(cat /run/antenna/lighttpd.pid)" || :
fi
END

# The database is the operator's, and stays.
cat > "$root/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
[ "$1" = purge ] || exit 0
rm -rf /etc/antenna /var/lib/antenna /run/antenna
! getent passwd antenna > /dev/null || deluser --quiet --system antenna || :
END
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"
mkdir -p "$build"
dpkg-deb --root-owner-group -Zxz -b "$root" "$build/antenna_${version}_$(dpkg --print-architecture).deb"
