#!/bin/bash
# JavaScript by npm's lock file (conf/npm): the libraries of the front end go to htdocs/vendor, just
# the files that are served; npm's own folder is build/npm. "npm.sh run" installs what the pages
# take, "npm.sh test" what their tests take as well, "npm.sh hash" prints the hash of the import map
# for the Content-Security-Policy. With nothing to do it starts no npm. Fails without npm or its
# registry: everything but the pages runs then.
set -eu
umask 022
here=$(dirname "$(readlink -f "$0")")
home=${here%/conf}
npm=$home/build/npm
vendor=$home/htdocs/vendor

# file of a package => name by which pages ask for it; the version stands between
files='vue/dist/vue.runtime.esm-browser.prod.js vue js
vue-router/dist/vue-router.esm-browser.prod.js vue-router js
htm/dist/htm.module.js htm js
lean-qr/index.mjs lean-qr js
hls.js/dist/hls.min.js hls js
hls.js/dist/hls.worker.js hls-worker js
swagger-ui-dist/swagger-ui-bundle.js swagger-ui js
swagger-ui-dist/swagger-ui.css swagger-ui css'

import_map_hash()
{
	perl -0777 -ne 'print $1 if /<script type="importmap">(.*?)<\/script>/s' "$home/htdocs/index.html" |
		openssl dgst -sha256 -binary | base64
}

version()
{
	node -p 'require(process.argv[1]).version' "$npm/node_modules/$1/package.json"
}

put_files()
{
	local path name ending
	rm -rf "$vendor.new"
	mkdir -p "$vendor.new"
	while read -r path name ending; do
		# without the note of a source map, which is not served
		sed 's/^\/\*# sourceMappingURL=.*\*\/$//; /^\/\/# sourceMappingURL=/d' "$npm/node_modules/$path" \
			> "$vendor.new/$name-$(version "${path%%/*}").$ending"
	done <<< "$files"
	rm -rf "$vendor"
	mv "$vendor.new" "$vendor"
}

install()
{
	local stamp omit=()
	[ "$1" = test ] || omit=(--omit=dev)
	stamp="$1 $(cat "$here/npm/package-lock.json" "$here/npm.sh" | cksum)"
	if [ -d "$vendor" ] && grep -qxF -e "$stamp" -e "test${stamp#run}" "$npm/installed" 2> /dev/null; then
		return
	fi
	"$here/packages.sh" npm
	mkdir -p "$npm"
	rm -f "$npm/installed"
	cp "$here/npm/package.json" "$here/npm/package-lock.json" "$npm/"
	echo 'Installing the JavaScript of conf/npm'
	(cd "$npm" && timeout 300 npm ci "${omit[@]}" --ignore-scripts --no-audit --no-fund --loglevel=error)
	put_files
	echo "$stamp" > "$npm/installed"
}

case ${1:-run} in
	run | test) install "${1:-run}" ;;
	hash) import_map_hash ;;
	*)
		echo "usage: $0 [run|test|hash]" >&2
		exit 2
		;;
esac
