#!/bin/bash
# make sbom: what Antenna is made with and runs on, as a CycloneDX 1.5 document on standard output: the
# Debian packages of packages.sh with their versions and licences, and JavaScript from its lock file.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
packages=$(sed -n "/^\(build\|run\)='/,/'/p" conf/packages.sh | tr -d "'" | sed 's/^\(build\|run\)=//')

# The short names that a machine-readable copyright file has (DEP-5); none for the others.
licences()
{
	local file=/usr/share/doc/$1/copyright
	[ -r "$file" ] && sed -n 's/^License: *//p' "$file" | sed 's/ *$//' | grep -v '^$' | sort -u || :
}

debian()
{
	local name version
	# shellcheck disable=SC2086 # a list of words
	dpkg-query -W -f '${Package}\t${Version}\n' $packages 2> /dev/null | sort -u |
		while IFS=$'\t' read -r name version; do
			licences "$name" | jq -R . | jq -s -c --arg name "$name" --arg version "$version" \
				'{type: "library", name: $name, version: $version,
				  purl: ("pkg:deb/debian/" + $name + "@" + ($version | @uri) + "?distro=debian-12"),
				  licenses: [.[] | {license: {name: .}}]}'
		done
}

npm()
{
	local lock
	for lock in conf/npm/package-lock.json package-lock.json; do
		[ -e "$lock" ] || continue
		jq -c '.packages | to_entries[] | select(.key != "") | .value as $p | (.key | sub(".*node_modules/"; "")) as $name |
			{type: "library", name: $name, version: $p.version, purl: ("pkg:npm/" + ($name | @uri) + "@" + $p.version),
			 licenses: (if $p.license then [{license: {name: $p.license}}] else [] end)}' "$lock"
	done
}

{ debian; npm; } | jq -s --arg time "$(date -u +%FT%TZ)" --arg commit "$(git rev-parse HEAD 2> /dev/null || echo unknown)" \
	'{bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
	  metadata: {timestamp: $time, component: {type: "application", name: "antenna", version: $commit}},
	  components: unique_by(.purl)}'
