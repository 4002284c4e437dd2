# shellcheck shell=bash
# The two log-ins of the demonstration, kept in TV_STATE/demo-logins as lines
# "role<tab>address<tab>password". Sourced by serve.sh.

kept_password()
{
	[ -f "$TV_STATE/demo-logins" ] || return 0
	awk -F '\t' -v email="$1" '$2 == email { print $3; exit }' "$TV_STATE/demo-logins"
}

# role, address, password to take (or empty: a random one)
make_account()
{
	local role=$1 email=$2 kept password said
	kept=$(kept_password "$email") password=$kept
	if [ -n "$password" ] && [ -n "$3" ] && [ "$password" != "$3" ]; then
		echo "$email exists already: its password stays as it is; TV_ADMIN_PASSWORD is not used"
	fi
	password=${password:-${3:-$(head -c 15 /dev/urandom | base64 -w 0 | tr '+/' '-_')}}
	[ "$role" != admin ] || set -- "$@" --admin
	said=$(printf '%s\n' "$password" | "$TV_BIN/users" create "$email" "${@:4}" 2>&1) ||
		die "the account $email could not be made: $said"
	if [ -z "$kept" ] && [[ $said == *'is there already'* ]]; then
		echo "$email was made by another one on this database: its password is not known here"
		return
	fi
	printf '%s\t%s\t%s\n' "$role" "$email" "$password" >> "$TV_STATE/demo-logins.new"
}

# Without the demonstration there is an administrator only when one is named.
make_accounts()
{
	: > "$TV_STATE/demo-logins.new"
	if [ "$TV_DEMO" != 0 ]; then
		make_account viewer viewer@example.org ''
		as_database "$TV_OWNER_URL" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -c "select demo.subscribe('viewer@example.org')" ||
			die 'the viewer got no subscription'
	fi
	if [ "$TV_DEMO" != 0 ] || [ -n "${TV_ADMIN_EMAIL-}" ]; then
		make_account admin "${TV_ADMIN_EMAIL:-admin@example.org}" "${TV_ADMIN_PASSWORD-}"
		mv "$TV_STATE/demo-logins.new" "$TV_STATE/demo-logins"
	fi
}

show_accounts()
{
	echo
	echo "Antenna runs at $address/"
	if [ -f "$TV_STATE/demo-logins" ]; then
		awk -F '\t' '{ printf "  %-7s %s  %s\n", $1, $2, $3 }' "$TV_STATE/demo-logins"
	fi
	echo "Logs: $TV_STATE/log    Ctrl-C stops."
}
