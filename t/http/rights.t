# Plans, rules, grants; decisions over HTTP; buying, renting, subscribing, refunding, with the sandbox's every outcome; messages of
# a provider; keys of requests.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
my ($service, $webhook) = ('service-' . 'x' x 40, 'webhook-' . 'y' x 40);
my $tv = keyed_server($database, TV_SERVICE_TOKEN => $service, TV_PAY_WEBHOOK_KEY => $webhook);
my $admin = admin($tv);
my $json = JSON::PP->new->canonical;

sub edit { my ($method, $path, $body, %more) = @_; return $tv->request($method, "/admin/rights/$path", token => $admin->{token}, $body ? (body => $body) : (), %more) }
sub made { my ($path, %body) = @_; my $r = edit('POST', $path, \%body); is($r->{status}, 201, "$path made") or diag($r->{content}); return $r->{json} }
sub check { my (%body) = @_; return $tv->post('/rights/check_access', \%body, $service) }
sub buy { my ($what, $id, $who, %more) = @_; my $h = delete $more{headers}; return $tv->request('POST', "/ondemand/$what/$id", token => $who->{token}, $h ? (headers => $h) : (), %more ? (body => \%more) : ()) }
sub charges { return sql($database, "select count(*) || ' ' || coalesce(sum(amount), 0) from rights.ledger where account_id = $_[0]{id}") }
sub rights { my $done = command($database, 'rights', @_); is($done->{exit}, 0, "rights @_") or diag($done->{err}); return $done->{out} }
sub movie { my ($title) = @_; return sql($database, "with i as (insert into content.item (kind, title, min_age) values ('movie', '$title', 0) returning id) insert into content.movie (id) select id from i returning id") }

my $basic = made('plans', code => 'basic', name => 'Basic', price => { amount => 800, currency => 'EUR' }, level => 1, max_streams => 2, trial_days => 7);
my $premium = made('plans', code => 'premium', name => 'Premium', price => { amount => 1300, currency => 'EUR' }, level => 2, max_quality => 'uhd');
my $rent = made('rules', type => 'rental', kind => 'movie', price => { amount => 300, currency => 'EUR' });
my $sale = made('rules', type => 'purchase', kind => 'movie', price => { amount => 900, currency => 'EUR' });
made('rules', type => 'subscription', kind => 'series', plan_id => $_->{id}) for $basic, $premium;
made('rules', type => 'purchase', content_id => 0 + $id{series}, price => { amount => 2500, currency => 'EUR' });
made('rules', type => 'free', kind => 'channel');

subtest 'editing' => sub {
	is($rent->{start_within}, 30 * 86400, 'terms by default');
	is($rent->{watch_within}, 2 * 86400, '  48 hours');
	my $path = "rules/$rent->{id}";
	my $r = edit('GET', $path);
	is($r->{headers}{etag}, '"1"', 'an ETag');
	my %body = (type => 'rental', kind => 'movie', price => { amount => 400, currency => 'EUR' }, countries => ['NO']);
	is_problem(edit('PUT', $path, \%body, headers => { 'If-Match' => '"9"' }), 412, 'version_changed');
	$r = edit('PUT', $path, \%body, headers => { 'If-Match' => '"1"' });
	is_deeply([@{ $r->{json} }{qw(price countries)}], [{ amount => 400, currency => 'EUR' }, ['NO']], 'replaced');
	is(edit('PUT', $path, { type => 'rental', kind => 'movie', price => { amount => 300, currency => 'EUR' } })->{status}, 200, 'and back');
	my @audit = $tv->pages("/admin/audit?kind=rights.rule&target=$rent->{id}", $admin->{token});
	is_deeply([map { $_->{action} } @audit], [qw(update update insert)], 'recorded');
	my @wrong = (
		[rules => { type => 'free' }, 'invalid_value'], [rules => { type => 'free', kind => 'movie', genre => 'drama' }, 'invalid_value'],
		[rules => { type => 'purchase', kind => 'movie' }, 'invalid_value'], [rules => { type => 'subscription', kind => 'movie' }, 'invalid_value'],
		[rules => { type => 'subscription', kind => 'movie', plan_id => 999999 }, 'unknown_plan'], [rules => { type => 'free', content_id => 999999 }, 'unknown_content'],
		[rules => { type => 'free', genre => 'none' }, 'unknown_genre'], [rules => { type => 'free', kind => 'movie', start_within => 5, watch_within => 5 }, 'invalid_value'],
		[rules => { type => 'free', kind => 'movie', exclusive => JSON::PP::true() }, 'invalid_value'],
		[rules => { type => 'free', kind => 'movie', valid_from => '2026-01-02T00:00:00Z', valid_until => '2026-01-01T00:00:00Z' }, 'invalid_window'],
		[rules => { type => 'purchase', kind => 'movie', price => { amount => 1, currency => 'eur' } }, 'invalid_value'],
		[grants => { user_id => 999999, kind => 'movie' }, 'unknown_user'],
	);
	is_problem(edit('POST', $_->[0], $_->[1]), 422, $_->[2], "$_->[0] " . $json->encode($_->[1])) for @wrong;
	is_problem(edit('POST', 'plans', { code => 'basic', name => 'B', price => { amount => 1, currency => 'EUR' } }), 409, 'code_taken');
	is_problem(edit('DELETE', "plans/$basic->{id}"), 409, 'plan_in_use');
	is_deeply([map { $_->{id} } $tv->pages("/admin/rights/rules?plan_id=$basic->{id}", $admin->{token})], [map { $_->{id} } grep { ($_->{plan_id} // 0) == $basic->{id} } $tv->pages('/admin/rights/rules?limit=2', $admin->{token})], 'rules of a plan');
	is_deeply([map { $_->{content_title} } $tv->pages("/admin/rights/rules?content_id=$id{series}", $admin->{token})], ['A Seed Series'], 'rules of a title, by its name');
	is_deeply([map { $_->{plan_name} } $tv->pages("/admin/rights/rules?plan_id=$basic->{id}&limit=1", $admin->{token})], [('Basic') x $tv->pages("/admin/rights/rules?plan_id=$basic->{id}", $admin->{token})], '  and of a plan by its');
};

subtest 'decisions' => sub {
	my $who = account($tv);
	my $d = check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie});
	is($d->{status}, 200, 'by another service') or diag($d->{content});
	is_deeply($d->{json}, { content_id => 0 + $id{movie}, granted => JSON::PP::false(), reason => 'no_entitlement', source => undef, max_quality => undef, expires_at => undef,
		offers => [
			{ type => 'rental', content_id => 0 + $id{movie}, plan => undef, price => { amount => 300, currency => 'EUR' }, start_within => 2592000, watch_within => 172800 },
			{ type => 'purchase', content_id => 0 + $id{movie}, plan => undef, price => { amount => 900, currency => 'EUR' }, start_within => undef, watch_within => undef }] }, 'what it says');
	$d = check(user_id => 0 + $who->{id}, content_id => 0 + $id{episode});
	is_deeply([map { [$_->{type}, $_->{content_id}, $_->{plan} && $_->{plan}{code}] } @{ $d->{json}{offers} }],
		[['subscription', 0 + $id{episode}, 'basic'], ['subscription', 0 + $id{episode}, 'premium'], ['purchase', 0 + $id{series}, undef]], 'an episode: plans, and its series');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{channel})->{json}{reason}, 'free', 'a free channel');
	is_problem(check(user_id => 999999, content_id => 0 + $id{movie}), 404, 'not_found');
	is_problem(check(user_id => 0 + $who->{id}, content_id => 999999), 404, 'not_found');
	is($tv->post('/rights/check_access', { user_id => 0 + $who->{id}, content_id => 0 + $id{movie} }, $admin->{token})->{status}, 200, 'by an administrator');
	is_problem($tv->post('/rights/check_access', { user_id => 0 + $who->{id}, content_id => 0 + $id{movie} }, $who->{token}), 403, 'forbidden');
	is_problem($tv->post('/rights/check_access', { user_id => 1, content_id => 1 }, $_), 401) for substr($service, 0, -1), "${service}x", 'x' x length $service;
	is_problem($tv->get('/users/me', $service), 401, undef, 'the service token is good for nothing else');
	my $r = $tv->get("/rights/access?ids=$id{channel},$id{movie},999999,$id{episode}", $who->{token});
	is_deeply([map { "$_->{content_id} $_->{reason}" } @{ $r->{json}{items} }], ["$id{channel} free", "$id{movie} no_entitlement", "$id{episode} no_entitlement"], 'the caller, in order');
	my $given = made('grants', user_id => 0 + $who->{id}, genre => 'drama', valid_until => '2999-01-01T00:00:00Z', note => 'a friend');
	is_deeply([@{ check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie})->{json} }{qw(reason source expires_at)}], ['grant', "grant:$given->{id}", '2999-01-01T00:00:00Z'], 'a grant');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie}, at => '2999-01-01T00:00:00Z')->{json}{reason}, 'no_entitlement', '  to its end');
	$r = edit('GET', "simulate?user_id=$who->{id}&content_id=$id{movie}");
	is($r->{json}{reason}, 'grant', 'simulated');
	is_deeply([map { "$_->{looked_at}: $_->{said}" } @{ $r->{json}{trace} }], ['account: active', 'opens: always open', 'closes: never closes', 'territory: unknown',
		'age: 18, for 0 and older', "rule:$rent->{id} rental kind:movie: applies", "rule:$sale->{id} purchase kind:movie: applies", "grant:$given->{id}: holds"], '  with a trace') or diag(explain($r->{json}{trace}));
	is_deeply([map { $_->{user_email} } $tv->pages("/admin/rights/grants?user_id=$who->{id}", $admin->{token})], [$who->{email}], 'whose it is, by name');
	is(edit('DELETE', "grants/$given->{id}")->{status}, 204, 'taken away');
	# a grant of everything is nobody's slip of the pen
	my ($all, @users) = (JSON::PP::true(), user_id => 0 + $who->{id});
	for ([], [everything => JSON::PP::false()], [everything => $all, genre => 'drama'], [everything => $all, content_id => 0 + $id{movie}], [genre => 'drama', kind => 'movie'], [genre => undef, kind => undef]) {
		is_problem(edit('POST', 'grants', { @users, @$_ }), 422, 'invalid_target', join ' ', 'a grant of', map { $_ // 'null' } @$_);
	}
	is_deeply([$tv->pages("/admin/rights/grants?user_id=$who->{id}", $admin->{token})], [], 'none of them is made');
	$given = made('grants', @users, everything => $all);
	is($given->{everything}, $all, 'everything');
	is(check(@users, content_id => 0 + $id{movie})->{json}{source}, "grant:$given->{id}", '  is granted');
	is_problem(edit('PUT', "grants/$given->{id}", { @users }), 422, 'invalid_target', 'a replacement without it');
	is(edit('PUT', "grants/$given->{id}", { @users, kind => 'series' })->{json}{everything}, JSON::PP::false(), 'another one is of series');
	is(edit('DELETE', "grants/$given->{id}")->{status}, 204, 'taken away');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie})->{json}{granted}, JSON::PP::false(), '  at once');
};

subtest 'buying' => sub {
	my $who = account($tv);
	my $r = buy('purchase', $id{movie}, $who);
	is($r->{status}, 201, 'bought') or diag($r->{content});
	my $receipt = $r->{json};
	is_deeply([@$receipt{qw(type status price content)}], ['purchase', 'paid', { amount => 900, currency => 'EUR' }, { id => 0 + $id{movie}, kind => 'movie', title => 'The Seed Movie' }], '  the receipt');
	is_deeply([@{ $receipt->{payment} }{qw(provider test)}], ['sandbox', JSON::PP::true()], '  says that no money moved');
	is(charges($who), '1 900', '  and the ledger');
	is_deeply([@{ check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie})->{json} }{qw(reason source)}], ['purchase', "purchase:$receipt->{id}"], '  it can be watched');
	is_problem(buy('purchase', $id{movie}, $who), 409, 'already_owned');
	is_problem(buy('rent', $id{movie}, $who), 409, 'already_owned');
	is_problem(buy('purchase', $id{episode}, $who), 403, 'not_for_sale');
	is_problem(buy('rent', $id{series}, $who), 403, 'not_for_rent');
	is_problem(buy('purchase', $_, $who), 404, 'not_found') for 999999;
	my @list = $tv->pages('/users/purchases', $who->{token});
	is_deeply([map { [$_->{id}, $_->{content}{title}, $_->{price}{amount}, $_->{status}] } @list], [[$receipt->{id}, 'The Seed Movie', 900, 'paid']], 'the list');
	is(buy('purchase', $id{series}, $who)->{status}, 201, 'a series');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{episode})->{json}{reason}, 'purchase', '  with its episodes');
	edit('PUT', "rules/$sale->{id}", { type => 'purchase', kind => 'movie', price => { amount => 1000, currency => 'EUR' } });
	is(($tv->pages('/users/purchases', $who->{token}))[1]{price}{amount}, 900, 'a later price is not that of the receipt');
	edit('PUT', "rules/$sale->{id}", { type => 'purchase', kind => 'movie', price => { amount => 900, currency => 'EUR' } });
	my $gone = movie('Gone soon');
	buy('purchase', $gone, $who);
	$tv->request('DELETE', "/admin/ondemand/movies/$gone", token => $admin->{token});
	is_deeply((($tv->pages('/users/purchases', $who->{token}))[0]{content}), { id => undef, kind => 'movie', title => 'Gone soon', year => undef, poster => undef }, 'a deleted title stays in the list');
	is(charges($who), '3 4300', 'and nothing else was charged');
};

subtest 'who may not' => sub {
	my $who = account($tv);
	my $kid = make_profile($tv, $who, name => 'Kid', is_kids => JSON::PP::true(), max_age => 12)->{json}{id};
	my $teen = make_profile($tv, $who, name => 'Teen', max_age => 12)->{json}{id};
	my %as = map { my $p = $_; ($p => { token => select_profile($tv, { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} }, $p)->{json}{access_token} }) } $kid, $teen;
	is_problem(buy('purchase', $id{movie}, $as{$kid}), 403, 'profile_not_allowed');
	is_problem($tv->post('/subscriptions', { plan_id => $basic->{id} }, $as{$kid}{token}), 403, 'profile_not_allowed');
	is_problem(buy('purchase', $id{adult_movie}, $as{$_}), 404, 'not_found') for $kid, $teen;
	is(buy('purchase', $id{movie}, $as{$teen})->{status}, 201, 'a teenager may');
	is(buy('purchase', $id{adult_movie}, $who)->{status}, 201, 'an adult buys something else');
	is_deeply([map { $_->{content}{title} } $tv->pages('/users/purchases', $as{$kid}{token})], ['The Seed Movie'], 'which children do not see');
	is_deeply($tv->get("/rights/access?ids=$id{adult_movie}", $as{$kid}{token})->{json}{items}, [], '  nor ask about');
	sql($database, "update content.item set available_until = now() where id = $id{adult_movie}");
	is_problem(buy('rent', $id{adult_movie}, account($tv)), 404, 'not_found', 'what is no longer available');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{adult_movie})->{json}{reason}, 'purchase', '  stays with who bought it');
	sql($database, "update content.item set available_until = null where id = $id{adult_movie}");
};

subtest 'renting' => sub {
	my $who = account($tv);
	my $receipt = buy('rent', $id{movie}, $who)->{json};
	is_deeply([@$receipt{qw(type status start_within watch_within)}], ['rental', 'paid', 2592000, 172800], 'rented');
	is_problem(buy('rent', $id{movie}, $who), 409, 'already_rented');
	my $status = sub { return join ' ', map { $_->{status} } $tv->pages('/users/rentals', $who->{token}) };
	is($status->(), 'ready', 'ready');
	is(sql($database, "select rights.start_rental($receipt->{id})"), 't', 'begun');
	is($status->(), 'watching', '  watching');
	is_problem(buy('rent', $id{movie}, $who), 409, 'already_rented');
	sql($database, "update rights.rental set started_at = now() - interval '3 days', expires_at = now() - interval '1 day' where id = $receipt->{id}");
	is($status->(), 'expired', '  expired');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie})->{json}{reason}, 'rental_expired', '  which the decision says');
	is(buy('rent', $id{movie}, $who)->{status}, 201, 'rented again');
	is($status->(), 'ready expired', '  both are there');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $id{movie})->{json}{reason}, 'rental', '  and it can be watched');
	is(buy('purchase', $id{movie}, $who)->{status}, 201, 'and bought besides');
};

subtest 'outcomes of the sandbox' => sub {
	my $who = account($tv);
	is_problem(buy('purchase', $id{movie}, $who, payment_token => 'tok_declined'), 402, 'payment_declined');
	is_problem(buy('purchase', $id{movie}, $who, payment_token => 'tok_nonsense'), 402, 'payment_declined');
	is(charges($who), '0 0', 'nothing moved');
	is_deeply([$tv->pages('/users/purchases', $who->{token})], [], 'nothing is listed');
	is(buy('purchase', $id{movie}, $who, payment_token => 'tok_ok')->{status}, 201, 'tried again');
	my $slow = movie('Slow');
	my $r = buy('purchase', $slow, $who, payment_token => 'tok_timeout');
	is($r->{status}, 202, 'no answer: pending') or diag($r->{content});
	is($r->{json}{status}, 'pending', '  says the receipt');
	is_problem(buy('purchase', $slow, $who), 409, 'payment_pending');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $slow)->{json}{reason}, 'no_entitlement', '  and no right');
	like(rights('settle', 0), qr/^settle: 1 paid/, 'the next round finds it paid');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $slow)->{json}{reason}, 'purchase', '  and there is the right');
	is(charges($who), '2 1800', '  charged once');
	is(rights('settle', 0), '', 'nothing is left to settle');
	for ([402, 402], [202, 202]) {
		my ($amount, $status) = @$_;
		my $odd = movie("Amount $amount");
		made('rules', type => 'purchase', content_id => 0 + $odd, price => { amount => $amount, currency => 'EUR' });
		is(buy('purchase', $odd, $who)->{status}, $status, "an amount of $amount");
	}
	my $free = movie('Nothing');
	made('rules', type => 'purchase', content_id => 0 + $free, price => { amount => 0, currency => 'EUR' });
	is(buy('purchase', $free, $who)->{status}, 201, 'an amount of nothing');
};

sub notify
{
	my ($body, %option) = @_;
	my $text = ref $body ? $json->encode($body) : $body;
	my $at = $option{at} // time;
	my $path = '/rights/webhook/' . ($option{provider} // 'sandbox');
	return $tv->request('POST', $path, body => $text, headers => { 'Webhook-Timestamp' => $at,
		'Webhook-Signature' => $option{signature} // hmac_sha256_hex("$at.$text", $option{key} // $webhook) });
}

subtest 'what the provider tells' => sub {
	my $who = account($tv);
	my $film = movie('Pending');
	my $r = buy('purchase', $film, $who, payment_token => 'tok_pending');
	is($r->{status}, 202, 'pending') or diag($r->{content});
	my %event = (id => 'evt-1', type => 'payment.paid', reference => $r->{json}{payment}{id}, provider_ref => 'sb-1');
	is_problem(notify(\%event, key => 'z' x 40), 403, 'signature_invalid');
	is_problem(notify(\%event, signature => $_), 403, 'signature_invalid') for '', 'x', 'a' x 64;
	is_problem(notify(\%event, at => time - 301), 403, 'signature_expired');
	is_problem(notify(\%event, at => time + 310), 403, 'signature_expired');
	is_problem($tv->request('POST', '/rights/webhook/sandbox', body => \%event), 403, 'signature_invalid', 'unsigned');
	is_problem(notify({ %event, reference => 999999 }), 404, 'not_found');
	is_problem(notify(\%event, provider => 'other'), 404, 'not_found');
	is(charges($who), '0 0', 'none of that counts');
	is(notify(\%event)->{status}, 204, 'signed');
	is(charges($who), '1 900', '  is charged');
	is(notify(\%event)->{status}, 204, 'again: harmless');
	is(notify({ %event, id => 'evt-2' })->{status}, 204, 'as another message: harmless');
	is(notify({ %event, id => 'evt-3', type => 'payment.declined' })->{status}, 204, 'contradicted: the first counts');
	is(charges($who), '1 900', '  still charged once');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $film)->{json}{reason}, 'purchase', 'and it is bought');
	$r = buy('rent', movie('Refused later'), $who, payment_token => 'tok_pending');
	is(notify({ id => 'evt-4', type => 'payment.declined', reference => $r->{json}{payment}{id} })->{status}, 204, 'declined later');
	is(notify({ id => 'evt-5', type => 'payment.paid', reference => $r->{json}{payment}{id} })->{status}, 204, 'and paid after that');
	is_deeply([$tv->pages('/users/rentals', $who->{token})], [], '  is no rental');
	is(charges($who), '1 900', '  and no charge: the first counts');
	ok(wait_for(sub { $tv->log_text =~ /payment $r->{json}{payment}{id} is declined, but sandbox says paid/ }), '  which the log says');
	my $at = time - 5;
	my $signed = hmac_sha256_hex("$at." . $json->encode(\%event), $webhook);
	is(notify(\%event, at => $at, signature => $signed)->{status}, 204, 'a message with its time');
	is_problem(notify(\%event, at => $at + 1, signature => $signed), 403, 'signature_invalid', '  with another');
	is_problem(notify({ %event, reference => 1 }, at => $at, signature => $signed), 403, 'signature_invalid', '  of another payment');
};

subtest 'keys' => sub {
	my $who = account($tv);
	my $film = movie('Keyed');
	my %key = (headers => { 'Idempotency-Key' => 'key-1' });
	my $first = buy('purchase', $film, $who, %key);
	is($first->{status}, 201, 'the first') or diag($first->{content});
	my $again = buy('purchase', $film, $who, %key);
	is($again->{status}, 201, 'the second');
	is($again->{content}, $first->{content}, '  byte by byte the same');
	is($again->{headers}{'idempotency-replayed'}, 'true', '  and says so');
	is($first->{headers}{'idempotency-replayed'}, undef, '  the first does not');
	is_problem(buy('purchase', $film, $who, %key, payment_token => 'tok_ok'), 422, 'idempotency_key_reused');
	is_problem(buy('rent', $film, $who, %key), 422, 'idempotency_key_reused');
	is(buy('purchase', $film, account($tv), %key)->{headers}{'idempotency-replayed'}, undef, "another account's key is another");
	%key = (headers => { 'Idempotency-Key' => 'key-2' });
	my $refused = movie('Declined with a key');
	is_problem(buy('purchase', $refused, $who, %key, payment_token => 'tok_declined'), 402, 'payment_declined') for 1, 2;
	is(sql($database, "select count(*) from rights.payment p join rights.purchase r on r.id = p.subject_id and p.subject = 'purchase' where r.item_id = $refused"), 1, 'a refusal is asked for once, too');
	is(buy('purchase', $refused, $who, headers => { 'Idempotency-Key' => 'key-3' })->{status}, 201, 'with another key it is tried again');
	is_problem(buy('purchase', $refused, $who, headers => { 'Idempotency-Key' => $_ }), 400, 'invalid_idempotency_key') for 'a b', 'x' x 256;
	is(charges($who), '2 1800', 'two charges');
	sql($database, "update rights.idempotency set created_at = now() - interval '25 hours' where account_id = $who->{id}");
	rights('prune');
	is(sql($database, "select count(*) from rights.idempotency where account_id = $who->{id}"), 0, 'kept for a day');
	is_problem(buy('purchase', $film, $who, headers => { 'Idempotency-Key' => 'key-1' }), 409, 'already_owned');
};

subtest 'the price that was shown' => sub {
	my $who = account($tv);
	my ($film, $other) = (movie('Shown'), movie('Shown, too'));
	my $shown = sub { return (price => { amount => $_[0], currency => $_[1] // 'EUR' }) };
	my $rule = made('rules', my @terms = (type => 'purchase', content_id => 0 + $film, $shown->(500)));
	is_problem(buy('purchase', $film, $who, $shown->(@$_)), 409, 'price_changed', "not for @$_") for [400], [600], [500, 'USD'];
	is_problem(buy('rent', $film, $who, $shown->(301)), 409, 'price_changed', 'nor rented');
	is_problem(buy('purchase', $film, $who, price => { amount => 500 }), 422, undef, 'an amount of what?');
	is(sql($database, "select (select count(*) from rights.payment where account_id = $who->{id}) + (select count(*) from rights.purchase where account_id = $who->{id})"), 0, 'nothing is left of it');
	my %key = (headers => { 'Idempotency-Key' => 'shown-1' });
	is(buy('purchase', $film, $who, %key, $shown->(500))->{status}, 201, 'for what was shown');
	is(edit('PUT', "rules/$rule->{id}", { @terms, $shown->(700) })->{status}, 200, 'a new price');
	is(buy('purchase', $film, $who, %key, $shown->(500))->{headers}{'idempotency-replayed'}, 'true', '  is not that of what was bought');
	is(buy('rent', $other, $who, $shown->(300))->{status}, 201, 'rented');
	is(charges($who), '2 800', 'both for what was shown');
	my $subscribe = sub { return $tv->post('/subscriptions', { plan_id => $basic->{id}, @_ }, $who->{token}) };
	is_problem($subscribe->($shown->(700)), 409, 'price_changed', 'a plan of another price');
	is_problem($tv->post('/subscriptions', { plan_id => 999999, $shown->(700) }, $who->{token}), 422, 'unknown_plan');
	is(sql($database, "select (select count(*) from rights.trial where account_id = $who->{id}) + (select count(*) from rights.subscription where account_id = $who->{id})"), 0, '  and the trial is not used up');
	is($subscribe->($shown->(800))->{json}{status}, 'trial', 'of that price');
	is($tv->post('/subscriptions', { plan_id => $premium->{id}, $shown->(1300) }, $who->{token})->{json}{plan}{code}, 'premium', 'a better one');
};

# What is left of a request that was killed between its two statements.
subtest 'killed in between' => sub {
	my ($who, $film) = (account($tv), movie('Killed'));
	my $hash = q{sha256('x')};
	my $begin = sub { sql($database, "select (rights.begin_purchase('purchase', $who->{id}, @{[profile_of($who)]}, 18, $film, 'killed', $hash, 'sandbox', null)).state") };
	is($begin->(), 'charge', 'the first statement');
	is($begin->(), 'running', 'the same request again at once');
	sql($database, "update rights.payment set asked_at = now() - interval '6 seconds' where account_id = $who->{id}");
	is($begin->(), 'charge', '  some seconds later goes on with it');
	is_problem(buy('purchase', $film, $who), 409, 'payment_pending');
	like(rights('settle', 0), qr/1 paid/, 'cron settles it');
	is(charges($who), '1 900', '  once');
	is($begin->(), 'replay', 'and the key has its answer');
};

subtest 'subscribing' => sub {
	my $who = account($tv);
	my $state = sub { return $tv->get('/subscriptions', $who->{token})->{json} };
	my $subscribe = sub { return $tv->post('/subscriptions', { @_ }, $who->{token}) };
	is($state->()->{current}, undef, 'none yet');
	is_deeply([map { "$_->{code} $_->{price}{amount} $_->{max_streams} @{ $_->{includes} }" } @{ $state->()->{plans} }], ['basic 800 2 kind:series', 'premium 1300 1 kind:series'], 'the plans');
	is_problem($tv->request('DELETE', '/subscriptions/current', token => $who->{token}), 404, 'not_found');
	is_problem($subscribe->(plan_id => 999999), 422, 'unknown_plan');
	my $r = $subscribe->(plan_id => $basic->{id});
	is_deeply([$r->{status}, @{ $r->{json} }{qw(status ends_at)}, $r->{json}{plan}{code}], [201, 'trial', undef, 'basic'], 'a trial') or diag($r->{content});
	is(charges($who), '0 0', '  for nothing');
	is_deeply([@{ check(user_id => 0 + $who->{id}, content_id => 0 + $id{episode})->{json} }{qw(reason source max_quality)}], ['subscription', 'subscription:basic', 'hd'], '  which counts');
	is(sql($database, "select rights.stream_limit($who->{id})"), 2, '  with its streams');
	is_problem($subscribe->(plan_id => $basic->{id}), 409, 'already_subscribed');
	$r = $tv->request('DELETE', '/subscriptions/current', token => $who->{token});
	is($r->{status}, 200, 'cancelled') or diag($r->{content});
	is($r->{json}{renews_at}, undef, '  is not renewed');
	ok($r->{json}{ends_at}, '  and ends');
	is($subscribe->(plan_id => $basic->{id})->{json}{ends_at}, undef, 'taken back');
	sql($database, "update rights.subscription set period_start = now() - interval '7 days', period_end = now() - interval '1 minute', anchor_at = now() - interval '1 minute' where account_id = $who->{id}");
	like(rights('renew'), qr/^renew: 1 paid/, 'the trial is over');
	is(charges($who), '1 800', '  and the first month paid');
	is($state->()->{current}{status}, 'active', '  active');
	sql($database, "update rights.subscription set period_start = now() - interval '15 days', period_end = now() + interval '15 days' where account_id = $who->{id}");
	$r = $subscribe->(plan_id => $premium->{id});
	is($r->{json}{plan}{code}, 'premium', 'a better plan at once') or diag($r->{content});
	like(charges($who), qr/^2 170[01]$/, '  for its price less half a month of the other');
	$r = $subscribe->(plan_id => $basic->{id});
	is_deeply([$r->{json}{plan}{code}, $r->{json}{next_plan}{code}], ['premium', 'basic'], 'a lesser one at the end of the period');
	sql($database, "update rights.subscription set period_start = now() - interval '30 days', period_end = now() - interval '1 minute' where account_id = $who->{id}");
	rights('renew');
	is($state->()->{current}{plan}{code}, 'basic', '  which then comes');
	like(charges($who), qr/^3 250[01]$/, '  and is charged');
	my $other = account($tv);
	is_problem($tv->post('/subscriptions', { plan_id => $premium->{id}, payment_token => 'tok_declined' }, $other->{token}), 402, 'payment_declined');
	is($tv->get('/subscriptions', $other->{token})->{json}{current}, undef, '  is none');
	$r = $tv->post('/subscriptions', { plan_id => $premium->{id} }, $other->{token}, headers => { 'Idempotency-Key' => 'sub' }) for 1, 2;
	is_deeply([$r->{status}, $r->{headers}{'idempotency-replayed'}, charges($other)], [201, 'true', '1 1300'], 'with a key once');
	sql($database, "update rights.subscription set cancel_at_period_end = true, period_start = now() - interval '30 days', period_end = now() - interval '1 minute' where account_id = $who->{id}");
	is_problem($tv->request('DELETE', '/subscriptions/current', token => $who->{token}), 404, 'not_found', 'what is over cannot be cancelled');
	is($subscribe->(plan_id => $basic->{id})->{json}{status}, 'active', 'no second trial');
};

# Runs of "rights renew" that die between their two statements, and two at once: each period is charged once.
subtest 'renewals, killed and twice at once' => sub {
	my @who = split /\n/, sql($database, "select users.create_account('renew' || n || '\@example.org', 'R', 'user', null, null) from generate_series(1, 60) n");
	my $all = join ',', @who;
	sql($database, "insert into rights.subscription (account_id, plan_id, status, anchor_at, period, period_start, period_end, grace_days)
		select a, $basic->{id}, 'active', now() - interval '1 month 1 second', 1, now() - interval '1 month 1 second', now() - interval '1 second', 3 from unnest(array[$all]) a");
	sql($database, q{select count((rights.claim_renewal('sandbox')).payment_id) from generate_series(1, 10)});
	my @runs = map { background(sub { print { $_[0] } command($database, 'rights', 'renew')->{exit} }) } 1, 2;
	my @exit;
	while (my ($pid, $read) = splice @runs, 0, 2) {
		push @exit, scalar <$read>;
		end_process($pid);
	}
	is_deeply(\@exit, [0, 0], 'two runs');
	my $paid = sub { return sql($database, "select count(*) || ' ' || count(distinct account_id) || ' ' || sum(amount) from rights.ledger where account_id in ($all)") };
	is($paid->(), '50 50 40000', '  charge what the killed ones did not claim');
	rights('renew');
	is($paid->(), '50 50 40000', '  which is not charged again');
	rights('settle', 0);
	is($paid->(), '60 60 48000', '  but asked about');
	is(sql($database, "select count(*) from rights.subscription where account_id in ($all) and status = 'active' and period = 2 and period_end > now()"), 60, 'all go on, one period each');
	# who is being erased, or suspended, is waited for by nobody, and waits for nobody
	sql($database, "update rights.subscription set period_end = now() - interval '1 second' where account_id = $who[0]");
	my ($pid, $read) = background(sub { print { $_[0] } sql($database, "begin; select from users.account where id = $who[0] for update; select pg_sleep(2); commit") });
	wait_for(sub { sql($database, "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like '%id = $who[0] for update%'") });
	my $claim = "set lock_timeout = '500ms'; select (rights.claim_renewal('sandbox')).payment_id is not null";
	is(sql($database, $claim) =~ s/\s//gr, 'f', 'an account that is locked is left for the next run');
	1 while <$read>;
	end_process($pid);
	is(sql($database, $claim) =~ s/\s//gr, 't', '  which renews it');
	rights('settle', 0);
};

# Two orders for a trial, also of two plans.
subtest 'one trial, however asked for' => sub {
	my $tried = made('plans', code => 'tried', name => 'Tried', price => { amount => 700, currency => 'EUR' }, level => 1, trial_days => 30);
	for my $round (1 .. 4) {
		my $who = account($tv);
		my @r = together($tv, map { request_text('POST', '/subscriptions', token => $who->{token}, body => { plan_id => $_->{id} }) } $basic, $tried, $basic, $tried);
		is(sql($database, "select count(*) || ' ' || (select count(*) from rights.subscription where account_id = $who->{id}) from rights.trial where account_id = $who->{id}"), '1 1', 'one of four');
		is(charges($who), '0 0', '  for nothing');
	}
};

subtest 'refunds' => sub {
	my $who = account($tv);
	my ($bought, $rented) = map { buy($_->[0], $_->[1], $who)->{json} } ['purchase', $id{movie}], ['rent', $id{adult_movie}];
	for ([$bought, $id{movie}, 900], [$rented, $id{adult_movie}, 300]) {
		my ($receipt, $title, $amount) = @$_;
		my $r = edit('POST', "purchases/$receipt->{id}/refund");
		is($r->{status}, 200, "a $receipt->{type} refunded") or diag($r->{content});
		is($r->{json}{status}, 'refunded', '  is so');
		is(check(user_id => 0 + $who->{id}, content_id => 0 + $title)->{json}{reason}, 'no_entitlement', '  the right is gone');
		is(check(user_id => 0 + $who->{id}, content_id => 0 + $title, at => $r->{json}{paid_at})->{json}{reason}, $receipt->{type}, '  but it was there');
		is_problem(edit('POST', "purchases/$receipt->{id}/refund"), 409, 'already_refunded');
		my ($entry) = $tv->pages("/admin/rights/ledger?user_id=$who->{id}", $admin->{token});
		is_deeply([@$entry{qw(entry subject_id)}, $entry->{price}{amount}], ['refund', $receipt->{id}, -$amount], '  an entry in the ledger');
		is(scalar(grep { $_->{after}{refunded_at} } $tv->pages("/admin/audit?kind=rights.$receipt->{type}&target=$receipt->{id}", $admin->{token})), 1, '  and in the record');
	}
	is(charges($who), '4 0', 'all of it is back');
	is(buy('purchase', $id{movie}, $who)->{status}, 201, 'and can be bought again');
	is_problem(edit('POST', 'purchases/999999/refund'), 404, 'not_found');
	my $pending = buy('purchase', movie('Unpaid'), $who, payment_token => 'tok_pending')->{json};
	is_problem(edit('POST', "purchases/$pending->{id}/refund"), 409, 'not_paid');
	is_deeply([map { $_->{user_email} } $tv->pages("/admin/rights/purchases?user_id=$who->{id}", $admin->{token})], [($who->{email}) x 4], "receipts say whose they are");
	is_deeply([sort map { "$_->{type} $_->{status}" } $tv->pages("/admin/rights/purchases?user_id=$who->{id}&limit=1", $admin->{token})], ['purchase paid', 'purchase pending', 'purchase refunded', 'rental refunded'], "an account's receipts");
};

# The provider that took the money is the one that gives it back, whichever new purchases go to.
subtest 'a provider that is not there any more' => sub {
	my $who = account($tv);
	my $receipt = buy('purchase', my $film = movie('Of another provider'), $who)->{json}{id};
	my $took = sub { sql($database, "update rights.payment set provider = '$_[0]' where account_id = $who->{id}") };
	$took->('bygone');
	is_problem(edit('POST', "purchases/$receipt/refund"), 503, 'not_configured') for 1, 2;
	is(charges($who), '1 900', 'nothing is given back by another one');
	is(check(user_id => 0 + $who->{id}, content_id => 0 + $film)->{json}{reason}, 'purchase', '  and the right stays');
	$took->('sandbox');
	is(edit('POST', "purchases/$receipt/refund")->{json}{status}, 'refunded', 'it is back');
	is(charges($who), '2 0', '  and gives the money back, once');
};

subtest 'a refund asked for by several at once' => sub {
	my ($who, %count) = account($tv);
	for my $round (1 .. 4) {
		my $receipt = buy($round % 2 ? 'purchase' : 'rent', movie("Back $round"), $who)->{json}{id};
		my @r = together($tv, map { request_text('POST', "/admin/rights/purchases/$receipt/refund", token => $admin->{token}) } 1 .. 6);
		$count{ $_->{status} }++ for @r;
		is(sql($database, "select count(*) from rights.ledger where subject = 'refund' and subject_id = $receipt"), 1, 'given back once');
	}
	is_deeply([grep { !/^(200|409)$/ } keys %count], [], 'and everybody is told so') or diag(explain(\%count));
	is(charges($who), '8 0', 'all of it, and no more');
	# one that has the receipt when the provider's answer to the other comes
	my $receipt = buy('purchase', movie('Back and back'), $who)->{json}{id};
	my $payment = sql($database, "select (rights.begin_refund($receipt)).payment_id");
	my ($pid, $read) = background(sub { print { $_[0] } sql($database, "begin; select from rights.purchase where id = $receipt for update; select pg_sleep(2);
		select (rights.begin_refund($receipt)).state; commit") });
	wait_for(sub { sql($database, "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like '%begin_refund($receipt)%'") });
	is(sql($database, "select (rights.finish_payment($payment, 'paid', null)).state"), 'paid', 'the answer waits for it');
	like(join('', <$read>), qr/charge/, '  and not each for the other');
	end_process($pid);
};

subtest 'a refund while its account is being erased' => sub {
	my $who = account($tv);
	my $receipt = buy('purchase', movie('Of who leaves'), $who)->{json}{id};
	my $said = deleted_when_waited_for($database, 'users.account', $who->{id});
	my $r = edit('POST', "purchases/$receipt/refund");
	is($r->{json}{status}, 'refunded', 'neither waits for the other') or diag($r->{content});
	is($r->{json}{user_id}, undef, '  and nobody has the receipt any more');
	like($said->(), qr/deleted/, 'the account is gone');
};

subtest 'the person goes, the amounts stay' => sub {
	my $who = account($tv);
	my $receipt = buy('purchase', $id{movie}, $who)->{json};
	$tv->post('/subscriptions', { plan_id => $premium->{id} }, $who->{token});
	my $export = $tv->get('/users/me/export', $who->{token})->{json};
	is_deeply([map { "$_->{content_title} $_->{amount}" } @{ $export->{purchases} }], ['The Seed Movie 900'], 'purchases are in the export') or diag(explain($export));
	is_deeply([map { "$_->{plan} $_->{status}" } @{ $export->{subscriptions} }], ['premium active'], 'and subscriptions');
	my $before = sql($database, 'select sum(amount) from rights.ledger');
	is($tv->request('DELETE', '/users/me', body => { password => $password }, token => $who->{token})->{status}, 204, 'erased');
	is(sql($database, 'select sum(amount) from rights.ledger'), $before, 'the ledger adds up to the same');
	is(sql($database, "select count(*) from rights.ledger where account_id = $who->{id}") + sql($database, "select count(*) from rights.payment where account_id = $who->{id} or account_id is null and method is not null"), 0, '  without the person');
	is(edit('GET', "purchases/$receipt->{id}")->{json}{user_id}, undef, '  nor in the receipt');
};

# An amount of 404 is one that the sandbox never heard of.
subtest 'who leaves with a payment on its way' => sub {
	my ($gone, $here) = (account($tv), account($tv));
	my $film = movie('Never asked for');
	made('rules', type => 'purchase', content_id => 0 + $film, exclusive => JSON::PP::true(), price => { amount => 404, currency => 'EUR' });
	my @payment = map { sql($database, "select (rights.begin_purchase('purchase', $_->{id}, @{[profile_of($_)]}, 18, $film, null, null, 'sandbox', null)).payment_id") } $gone, $here;
	is($tv->request('DELETE', '/users/me', body => { password => $password }, token => $gone->{token})->{status}, 204, 'erased');
	like(rights('settle', 0), qr/1 paid, 1 declined, 0 open/, 'both are settled');
	is(sql($database, "select string_agg(status, ' ' order by id) from rights.payment where id in ($payment[0], $payment[1])"), 'declined paid', 'nothing is charged for somebody who has left');
};

subtest 'a rule that is deleted while somebody buys by it' => sub {
	my $who = account($tv);
	for (['purchase', 'not_for_sale'], ['rent', 'not_for_rent', start_within => 60, watch_within => 60]) {
		my ($what, $code, %terms) = @$_;
		my $film = movie("By a rule: $what");
		my $rule = made('rules', type => %terms ? 'rental' : 'purchase', content_id => 0 + $film, exclusive => JSON::PP::true(),
			price => { amount => 1, currency => 'EUR' }, %terms)->{id};
		my $said = deleted_when_waited_for($database, 'rights.rule', $rule);
		is_problem(buy($what, $film, $who), 403, $code);
		like($said->(), qr/deleted/, '  it is gone');
	}
	is(charges($who), '0 0', 'and costs nothing');
};

subtest 'a plan that is deleted while somebody subscribes to it' => sub {
	my $who = account($tv);
	my $plan = made('plans', code => 'short-lived', name => 'Short-lived', price => { amount => 100, currency => 'EUR' })->{id};
	my $said = deleted_when_waited_for($database, 'rights.plan', $plan);
	is_problem($tv->post('/subscriptions', { plan_id => $plan }, $who->{token}), 422, 'unknown_plan');
	like($said->(), qr/deleted/, '  it is gone');
	is(charges($who), '0 0', '  and costs nothing');
};

# The account is locked while the payment is settled, and then it is gone.
subtest 'who is being erased when the provider has answered' => sub {
	for my $what ("/ondemand/purchase/$id{movie}", '/subscriptions') {
		my $who = account($tv);
		my $asked = start($tv, request_text('POST', $what, token => $who->{token},
			body => { payment_token => 'tok_timeout', $what =~ /sub/ ? (plan_id => $premium->{id}) : () }));
		ok(wait_for(sub { sql($database, "select 1 from rights.payment where account_id = $who->{id} and status = 'pending'") }), "$what: it is asked");
		my $said = deleted_when_waited_for($database, 'users.account', $who->{id});
		my $r = finish($asked);
		$what =~ /sub/ ? is_problem($r, 401, 'session_ended', '  there is nobody to have it') : is($r->{status}, 202, '  a receipt of nobody');
		like($said->(), qr/deleted/, '  the account is gone');
	}
	like($tv->get('/metrics', $admin->{token})->{content}, qr/^antenna_workers_ended_total 0$/m, 'and no worker ended by it');
	rights('settle', 0);
};

is(sql($database, "select (select sum(amount) from rights.ledger) = (select sum(amount) from rights.payment where status = 'paid')"), 't', 'ledger and payments agree');
done_testing();
