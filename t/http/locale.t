# A database whose texts are in the order of a language, as Debian's clusters have them: what is found by its beginning is found
# there, too. (All other tests have that of C.UTF-8.)
use strict;
use warnings;
use Test::More;
use TV;

my $dir = TV::scratch();
plan(skip_all => 'no en_US.UTF-8 (Debian package locales)')
	if system "localedef -i en_US -f UTF-8 $dir/en_US.UTF-8 2>/dev/null && chmod -R a+rX $dir/en_US.UTF-8";
{
	local $ENV{LOCPATH} = $dir;
	cluster_pid();
}
my $database = 'in_english';
sql('postgres', "create database $database template template0 locale 'en_US.UTF-8' owner tv_owner");
my $made = command($database, 'system', 'migrate', "$root/sql/schema");
is($made->{exit}, 0, 'made') or die "$made->{out}$made->{err}\n";
my $tv = server($database);
my $admin = admin($tv);
is(sql($database, "select 'a' < 'B'"), 't', 'in the order of a language');

sql($database, "insert into content.person (name) select unnest(array['Åsa An', 'anna', 'Ann-Mari', 'Anders', 'Ane', 'Bo', 'an'])");
sub found { my ($q, $limit) = @_; return [map { $_->{name} } $tv->pages("/admin/ondemand/people?limit=$limit&q=$q", $admin->{token})] }
is_deeply(found('an', 100), [qw(an Anders Ane Ann-Mari anna)], 'people by the beginning of their names');
is_deeply(found('an', 2), [qw(an Anders Ane Ann-Mari anna)], '  page by page');
is_deeply(found('ann', 2), [qw(Ann-Mari anna)], '  or more of it');
done_testing();
