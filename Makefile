# make run and make test do everything, installs included; make help lists the rest.
# Out of tree in build/: libtv.a from lib/, one program a cgi-bin/NAME.c with its NAME-*.c.

PROGRAMS = auth users ondemand livetv rights play search system
B = build

CC = gcc
PKGS = libpq json-c libcrypto libcurl expat zlib liblzma libcrypt libxxhash
WARN = -Wall -Wextra -Werror -Wno-missing-field-initializers -Wshadow -Wconversion -Wmissing-prototypes -Wvla -Wformat=2 -Wstrict-prototypes
HARD = -fstack-protector-strong -fPIE -fcf-protection -ftrivial-auto-var-init=zero
OPT = -O2 -g -D_FORTIFY_SOURCE=3
# pkg-config is asked once, and not by targets that build nothing
CFLAGS = -std=c17 -D_GNU_SOURCE -Ilib -I$B/gen $(WARN) $(HARD) $(PKG_CFLAGS)
LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed
LIBS = -lfcgi $(PKG_LIBS) -pthread
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
SAN = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

LIB_C := $(wildcard lib/*.c)
LIB_O := $(LIB_C:lib/%.c=$B/obj/lib/%.o) $B/obj/gen/common.queries.o
SCHEMA := $(sort $(wildcard sql/schema/*.sql))
UNIT := $(patsubst t/unit/%.c,%,$(wildcard t/unit/*.c))
source = $(wildcard cgi-bin/$1.c cgi-bin/$1-*.c)
queries = $(wildcard sql/queries/$1.sql sql/queries/$1-*.sql) $(if $(filter $1,$(SENDERS)),sql/queries/outbox.sql)
# whose writes go to Elasticsearch as well (lib/outbox.h)
SENDERS = ondemand livetv search

build: $(PROGRAMS:%=$B/bin/%) $B/bin/openapi.json

help:
	@echo 'make run      installs what is missing, builds, and runs Antenna on 127.0.0.1:8080'
	@echo 'make test     installs what is missing, builds, and runs all tests'
	@echo 'make build    builds only      make lint   checks how the code reads'
	@echo 'make bench    measures it: BENCH=--list names what; bench-compare BASE=revision'
	@echo 'make install  DESTDIR= PREFIX= (uninstall)     make deb    a Debian package in build/'
	@echo 'make sbom     build/sbom.json: packages, versions, licences (CycloneDX)'
	@echo 'make tags     for editors      make clean  removes what was built (not build/run)'

run:
	@conf/run.sh

test:
	@conf/packages.sh test
	@conf/npm.sh test || echo 'The tests of the front end are skipped' >&2
	@$(MAKE) -s -j4 build unit
	@t/run

# the programs themselves with sanitizers, behind the tests that speak HTTP: a report ends a worker, and the test sees that
test-san:
	@$(MAKE) -s -j2 build
	@$(MAKE) -s -j2 build B=build/san-bin OPT='$(SAN)' HARD=-fPIE LDFLAGS='-pie -fsanitize=address,undefined'
	@TV_BIN=$(CURDIR)/build/san-bin/bin t/run t/http/*.t

# unit tests and programs under valgrind: some five minutes
test-valgrind:
	@conf/packages.sh test
	@$(MAKE) -s -j2 build unit
	@t/run t/valgrind/leaks.t

# the long forms of the tests that kill things: some twenty minutes
test-faults:
	@conf/packages.sh test
	@$(MAKE) -s -j2 build
	@TV_LONG=1 TV_TEST_JOBS=1 t/run t/fault/*.t t/search/postgres.t t/search/es.t

# figures, and how they are made: t/bench/bench.pl; BENCH='--only movies --rounds 1'
bench:
	@conf/packages.sh test
	@$(MAKE) -s -j2 build
	@t/bench/bench.pl $(BENCH)

# the same beside another revision: make bench-compare BASE=v1.0 BENCH='--only movies'
bench-compare:
	@conf/packages.sh test
	@$(MAKE) -s -j2 build
	@t/bench/compare.pl $(BASE) $(BENCH)

lint:
	@$(MAKE) -s build
	@prove -e perl t/00-lint.t

unit: $(UNIT:%=$B/t/unit/%) $(UNIT:%=$B/t/unit-san/%)

# libFuzzer, 20 s a target; what it finds stays in build/fuzz
fuzz: build
	@mkdir -p $B/fuzz
	@for t in $(patsubst t/fuzz/%.c,%,$(wildcard t/fuzz/*.c)); do \
		clang -std=c17 -D_GNU_SOURCE -Ilib -I$B/gen $(PKG_CFLAGS) -g -O1 -fsanitize=fuzzer,address,undefined \
			-o $B/fuzz/$$t t/fuzz/$$t.c $(LIB_C) $B/gen/common.queries.c $(LIBS) && \
		(cd $B/fuzz && ./$$t -max_total_time=20 -print_final_stats=1 -verbosity=0) || exit 1; done

tags:
	ctags -R -f $B/tags lib cgi-bin

clean:
	rm -rf $B/bin $B/gen $B/obj $B/san $B/t $B/libtv.a $B/libtv-san.a

# --- installation; DESTDIR= for packages, all of it below a home directory: PREFIX=$HOME/antenna ETC=$HOME/antenna/etc
# STATE=$HOME/antenna/var

PREFIX = /usr/local
ETC = $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)/antenna
STATE = /var/lib/antenna
RUN = $(if $(filter /var/lib/%,$(STATE)),/run/antenna,$(STATE)/run)
SYSTEM = $(filter /etc/%,$(ETC))
SHARE = $(PREFIX)/share/antenna
FILL = sed -e 's|@ETC@|$(ETC)|g; s|@STATE@|$(STATE)|g; s|@RUN@|$(RUN)|g; s|@SBIN@|$(PREFIX)/sbin|g' \
	-e 's|@BIN@|$(PREFIX)/lib/antenna|g; s|@PORT@|8080|g'
D = $(DESTDIR)

install: build
	@conf/npm.sh run > /dev/null || echo 'The pages have no libraries: the API is installed without them' >&2
	install -d $D$(PREFIX)/lib/antenna $D$(PREFIX)/sbin $D$(ETC) $D$(SHARE)
	for p in $(PROGRAMS); do install -s $B/bin/$$p $D$(PREFIX)/lib/antenna/$$p.new && \
		mv $D$(PREFIX)/lib/antenna/$$p.new $D$(PREFIX)/lib/antenna/$$p || exit 1; done
	install -m 644 $B/bin/openapi.json $D$(PREFIX)/lib/antenna/
	cp -R conf htdocs sql $D$(SHARE)/
	chmod -R u=rwX,go=rX $D$(SHARE)
	$(FILL) conf/antenna.sh > $D$(SHARE)/conf/antenna.sh
	ln -sfn ../share/antenna/conf/antenna.sh $D$(PREFIX)/sbin/antenna
	$(FILL) conf/include.conf > $D$(ETC)/include.conf
	[ -e $D$(ETC)/tv.env ] || install -m 640 conf/tv.env.installed $D$(ETC)/tv.env
	$(if $(SYSTEM),install -d $D/lib/systemd/system $D/etc/cron.d $D/etc/logrotate.d)
	$(if $(SYSTEM),for u in conf/systemd/*.service; do $(FILL) $$u > $D/lib/systemd/system/$${u##*/} || exit 1; done)
	$(if $(SYSTEM),$(FILL) conf/antenna.cron > $D/etc/cron.d/antenna)
	$(if $(SYSTEM),$(FILL) conf/antenna.logrotate > $D/etc/logrotate.d/antenna)
	$(if $(SYSTEM),,$(FILL) conf/antenna.logrotate | sed '/su antenna/d' > $D$(ETC)/logrotate.conf)

# settings, keys and state stay
uninstall:
	rm -rf $D$(PREFIX)/lib/antenna $D$(SHARE) $D$(PREFIX)/sbin/antenna $D$(ETC)/include.conf $D$(ETC)/logrotate.conf
	$(if $(SYSTEM),rm -f $D/lib/systemd/system/antenna.service $D/lib/systemd/system/antenna-migrate.service)
	$(if $(SYSTEM),rm -f $D/etc/cron.d/antenna $D/etc/logrotate.d/antenna)

deb: build
	+@conf/deb.sh $B

sbom:
	@conf/sbom.sh > $B/sbom.json.new && mv $B/sbom.json.new $B/sbom.json && echo $B/sbom.json

# --- the library, and the same with sanitizers for the unit tests

$B/libtv.a: $(LIB_O)
	@rm -f $@
	ar crs $@ $^

$B/libtv-san.a: $(LIB_C:lib/%.c=$B/san/lib/%.o) $B/obj/gen/common.queries.o
	@rm -f $@
	ar crs $@ $^

$B/obj/%.o: %.c | $B/gen/common.queries.h $B/gen/schema-version.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OPT) -MMD -MP -c -o $@ $<

$B/san/%.o: %.c | $B/gen/common.queries.h $B/gen/schema-version.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

# the highest migration that this build was made with; the directory is newer when one was taken away
$B/gen/schema-version.h: $(SCHEMA) sql/schema
	@mkdir -p $(@D)
	@echo '#define SCHEMA_VERSION $(shell expr $(patsubst sql/schema/%,%,$(firstword $(subst -, ,$(lastword $(SCHEMA))))) + 0)' > $@

# --- queries: an enum and a table a program

$B/gen/common.queries.h: sql/queries/common.sql sql/embed.awk
	@mkdir -p $(@D)
	awk -v program=common -v out=header -f sql/embed.awk $< > $@.new && mv $@.new $@

$B/gen/common.queries.c: sql/queries/common.sql sql/embed.awk
	@mkdir -p $(@D)
	awk -v program=common -v out=table -f sql/embed.awk $< > $@.new && mv $@.new $@

$B/obj/gen/%.queries.o: $B/gen/%.queries.c $B/gen/%.queries.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OPT) -c -o $@ $<

define program
$B/gen/$1.queries.h: sql/queries/common.sql $(call queries,$1) sql/embed.awk
	@mkdir -p $$(@D)
	awk -v program=$1 -v out=header -f sql/embed.awk sql/queries/common.sql $(call queries,$1) > $$@.new && mv $$@.new $$@

$B/gen/$1.queries.c: sql/queries/common.sql $(call queries,$1) sql/embed.awk
	@mkdir -p $$(@D)
	awk -v program=$1 -v out=table -f sql/embed.awk sql/queries/common.sql $(call queries,$1) > $$@.new && mv $$@.new $$@

$(patsubst %.c,$B/obj/%.o,$(call source,$1)): | $B/gen/$1.queries.h

$B/bin/$1: $(patsubst %.c,$B/obj/%.o,$(call source,$1)) $B/obj/gen/$1.queries.o $B/libtv.a
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@.new $$^ $$(LIBS) && mv $$@.new $$@
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$p)))

$B/bin/openapi.json: $(PROGRAMS:%=$B/bin/%) conf/openapi.json conf/openapi-answers.json
	@for p in $(PROGRAMS); do $B/bin/$$p --routes > $B/gen/$$p.routes.json || exit 1; done
	$B/bin/system openapi conf/openapi.json conf/openapi-answers.json $(PROGRAMS:%=$B/gen/%.routes.json) > $@.new && mv $@.new $@

$B/gen/search-json.h: conf/search/embed.awk $(wildcard conf/search/*.json)
	@mkdir -p $(@D)
	awk -f $^ > $@.new && mv $@.new $@

$(patsubst %.c,$B/obj/%.o,$(call source,search)): | $B/gen/search-json.h

# --- unit tests

$B/t/unit/%: t/unit/%.c t/tap.h $B/libtv.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -It $(OPT) $(LDFLAGS) -o $@ $< $B/libtv.a $(LIBS)

$B/t/unit-san/%: t/unit/%.c t/tap.h $B/libtv-san.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -It $(SAN) -pie -o $@ $< $B/libtv-san.a $(LIBS)

-include $(wildcard $B/obj/*/*.d $B/san/*/*.d)

.PHONY: build help run test test-san test-valgrind test-faults bench bench-compare lint fuzz unit tags clean install \
	uninstall deb sbom
.SECONDARY:
