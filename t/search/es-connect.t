# How Elasticsearch is spoken to: with a name and password, with an API key, and by TLS, where the other side must prove who it is.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::More;
use TV;
use TV::Elastic;

my $database = database();
my $proxy = fault_server('good');
my $clear = "http://127.0.0.1:$proxy->{port}";

# "search status" with these settings: its answer, and what Elasticsearch was sent for Authorization.
sub status
{
	my (%env) = @_;
	local @ENV{keys %env} = values %env;
	unlink "$proxy->{file}.request";
	my $r = command($database, 'search', 'status');
	my ($sent) = -e "$proxy->{file}.request" ? read_file("$proxy->{file}.request") =~ /^authorization: *(.*?)\r?$/im : 'not asked';
	return ($r->{out} =~ /"status":"(\w+)"/ ? $1 : '-', $sent // 'none');
}

my $dir = TV::scratch();
write_file("$dir/secret", "from a file\n");
chmod 0644, "$dir/secret";
my %name = (TV_ELASTICSEARCH_USER => 'antenna', TV_ELASTICSEARCH_PASSWORD => 'a:b c');
my $basic = 'Basic ' . encode_base64('antenna:a:b c', '');
is_deeply([status(TV_ELASTICSEARCH_URL => $clear)], ['ok', 'none'], 'nothing is sent that is not set');
is_deeply([status(TV_ELASTICSEARCH_URL => $clear, %name)], ['ok', $basic], 'a name and a password');
is_deeply([status(TV_ELASTICSEARCH_URL => $clear, TV_ELASTICSEARCH_USER => 'antenna', TV_ELASTICSEARCH_PASSWORD_FILE => "$dir/secret")],
	['ok', 'Basic ' . encode_base64('antenna:from a file', '')], 'a password in a file, without its line end');
is_deeply([status(TV_ELASTICSEARCH_URL => $clear, %name, TV_ELASTICSEARCH_API_KEY => 'a2V5')], ['ok', 'ApiKey a2V5'], 'an API key counts for more');

# --- TLS: a web server before the same, with a certificate that an authority of our own has signed

sub openssl { system("openssl @_ 2> /dev/null") == 0 or die "openssl @_" }
for my $who ('authority', 'stranger') {
	openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=$who -keyout $dir/$who.key -out $dir/$who.pem");
}
openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=node -keyout $dir/node.key -out $dir/node.csr");
write_file("$dir/names", "subjectAltName=IP:127.0.0.1\n");
openssl("x509 -req -in $dir/node.csr -days 2 -CA $dir/authority.pem -CAkey $dir/authority.key -CAcreateserial -extfile $dir/names -out $dir/node.crt");
my $port = TV::free_port();
write_file("$dir/node.conf", <<"CONF");
server.modules = ("mod_openssl", "mod_proxy")
server.document-root = "$dir"
server.bind = "127.0.0.1"
server.port = $port
ssl.engine = "enable"
ssl.pemfile = "$dir/node.crt"
ssl.privkey = "$dir/node.key"
proxy.server = ("" => (("host" => "127.0.0.1", "port" => $proxy->{port})))
CONF
chmod 0644, glob "$dir/*";
my $pid = start_process("$dir/log", {}, TV::as_user('setpriv', '--pdeathsig=TERM', 'lighttpd', '-D', '-f', "$dir/node.conf"));
ok(wait_for(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }, 10), 'a node with TLS') or diag(read_file("$dir/log"));
my %tls = (TV_ELASTICSEARCH_URL => "https://127.0.0.1:$port", %name);
is_deeply([status(%tls, TV_ELASTICSEARCH_CA => "$dir/authority.pem")], ['ok', $basic], 'is asked when the authority is given');
is((status(%tls, TV_ELASTICSEARCH_CA => "$dir/stranger.pem"))[1], 'not asked', 'learns nothing when its authority is another');
is((status(%tls))[1], 'not asked', 'nor when the system does not know it');
is((status(%tls, TV_ELASTICSEARCH_URL => "https://localhost:$port", TV_ELASTICSEARCH_CA => "$dir/authority.pem"))[1], 'not asked',
	'nor when its name is another');
TV::end_process($pid);
done_testing();
