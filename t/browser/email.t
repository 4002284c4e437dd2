# An account takes another e-mail address by the link that comes there.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;
use TV::Mail;

need_browser();
my $post = TV::Mail->open_post;
my $tv = server(database(), env => { TV_SMTP_URL => $post->{url}, TV_MAIL_FROM => 'antenna@tv.example', TV_PUBLIC_URL => 'https://tv.example' });
run_script('email.mjs', "http://127.0.0.1:$tv->{port}", $post->{dir});
