#!/bin/sh
# The part of lighttpd.conf that depends on optional settings, on standard output: lighttpd runs it
# by include_shell at each start and reload, and refuses its configuration when this fails.
set -eu

refuse()
{
	echo "options.sh: $1" >&2
	exit 1
}

# These go into a configuration file as text.
plain()
{
	case $2 in
		*[!A-Za-z0-9/._~@%+,:-]*) refuse "$1 has characters that it can not have" ;;
	esac
}

# Names that the service answers to; probes of the machine itself are always let in.
hosts()
{
	[ -n "${TV_HOSTS-}" ] || return 0
	case $TV_HOSTS in
		*[!A-Za-z0-9.,:_\ -]*) refuse 'TV_HOSTS is no list of names' ;;
	esac
	names=$(echo "$TV_HOSTS" | tr 'A-Z, ' 'a-z||' | sed 's/\./\\./g; s/||*/|/g; s/^|//; s/|$//')
	cat <<-END
		\$HTTP["host"] !~ "^($names|localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?\$" {
			magnet.attract-raw-url-to = ( env.TV_HOME + "/conf/host.lua" )
		}
	END
}

# One source of the policy below, which is one header: nothing else may get into it.
origin()
{
	case $2 in
		*[!A-Za-z0-9.:/*_-]*) ;;
		*) echo "$2" | grep -Eqx "$3" && return ;;
	esac
	refuse "$1: $2 is no origin like https://stream.example:8443"
}

# The policy of the pages: streams come from here, from where media are (TV_MEDIA_URL), and from
# TV_STREAM_ORIGINS.
policy()
{
	host='[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(:[0-9]{1,5})?'
	case ${TV_STREAM_ORIGINS-} in
		*[!A-Za-z0-9.:/*_,\ -]*) refuse 'TV_STREAM_ORIGINS is no list of origins' ;;
	esac
	sources=
	set -f
	for one in $(echo "${TV_STREAM_ORIGINS-}" | tr , ' '); do
		origin TV_STREAM_ORIGINS "$one" "https?:(//(\*\.)?$host)?"
		sources="$sources $one"
	done
	set +f
	if [ -n "${TV_MEDIA_URL-}" ]; then
		rest=${TV_MEDIA_URL#*://}
		one=${TV_MEDIA_URL%%://*}://${rest%%/*}
		origin TV_MEDIA_URL "$one" "https?://$host"
		sources="$sources $one"
	fi
	[ -z "$sources" ] || sources="$sources; connect-src 'self'$sources"
	echo "setenv.set-response-header += ( \"Content-Security-Policy\" => var.policy + \"$sources\" )"
}

# TLS 1.2 and 1.3, forward secret and authenticated ciphers only.
tls()
{
	plain TV_TLS_CERT "$TV_TLS_CERT"
	plain TV_TLS_KEY "${TV_TLS_KEY:-$TV_TLS_CERT}"
	cat <<-END
		server.modules += ( "mod_openssl" )
		ssl.engine  = "enable"
		ssl.pemfile = "$TV_TLS_CERT"
		ssl.privkey = "${TV_TLS_KEY:-$TV_TLS_CERT}"
		ssl.openssl.ssl-conf-cmd = (
			"MinProtocol"  => "TLSv1.2",
			"Options"      => "-ServerPreference,-SessionTicket,-Compression",
			"CipherString" => "ECDHE+AESGCM:ECDHE+CHACHA20",
			"Groups"       => "X25519:P-256:P-384"
		)
		\$HTTP["scheme"] == "https" {
			setenv.add-response-header = ( "Strict-Transport-Security" => "max-age=31536000" )
		}
	END
}

# Clear text: pages are sent to https; everything else is refused, as it may have shown a secret.
redirect()
{
	[ -n "${TV_REDIRECT_PORT-}" ] || return 0
	case $TV_REDIRECT_PORT in
		*[!0-9]* | ??????*) refuse 'TV_REDIRECT_PORT is no port' ;;
	esac
	port=
	[ "$TV_PORT" = 443 ] || port=:$TV_PORT
	listen=$TV_LISTEN
	case $listen in
		*:*) listen="[$listen]" ;;
	esac
	cat <<-END
		server.modules += ( "mod_redirect" )
		\$SERVER["socket"] == "$listen:$TV_REDIRECT_PORT" {
			ssl.engine = "disable"
			url.rewrite-once = ( )
			magnet.attract-raw-url-to = ( env.TV_HOME + "/conf/host.lua" )
			\$HTTP["request-method"] =~ "^(GET|HEAD)\$" {
				magnet.attract-raw-url-to = ( )
				\$HTTP["host"] =~ "^([A-Za-z0-9._-]+|\\[[0-9a-f:]+\\])(:[0-9]+)?\$" {
					url.redirect = ( "" => "https://%1$port\${url.path}\${qsa}" )
					url.redirect-code = 308
				}
			}
		}
	END
}

# The fixes for HTTP/2 rapid reset are later than 1.4.69: where that is a worry, TV_HTTP2=off.
http2=disable
if [ -n "${TV_TLS_CERT-}" ]; then
	tls
	redirect
	[ "${TV_HTTP2:-on}" = off ] || http2=enable
fi
echo "server.feature-flags += ( \"server.h2proto\" => \"$http2\" )"
hosts
policy
