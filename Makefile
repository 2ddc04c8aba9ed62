# pipeline_health. `make` builds, `make help` lists the targets.

.DEFAULT_GOAL := all
BUILD ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
CC ?= cc
AR ?= ar
SQLITE3 ?= sqlite3
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell .ci/find-python)
endif
CFLAGS ?= -O3
WARNINGS := -Wall -Wextra -Wconversion -Wshadow
VERSION := $(shell sed -n 's/^.define PIPELINE_HEALTH_VERSION "\(.*\)"/\1/p' ext/pipeline_health.h)

SYSTEM := $(shell uname -s 2>/dev/null)
ifeq ($(OS),Windows_NT)
LIBRARY := pipeline_health.dll
else ifeq ($(SYSTEM),Darwin)
LIBRARY := pipeline_health.dylib
PIC := -fPIC
SHARED_FLAGS := -undefined dynamic_lookup
else
LIBRARY := pipeline_health.so
PIC := -fPIC
endif

SOURCES := $(wildcard ext/*.c ext/*/*.c ext/*/*/*.c)
HEADERS := $(wildcard ext/*.h ext/*/*.h ext/*/*/*.h)
MAPPINGS := $(sort $(wildcard sql/connect/*.sql))
MAPPING_PARTS := $(sort $(wildcard sql/connect/include/*.sql))
EMBEDDED := $(BUILD)/generated/embedded_sql.h
SHARED_OBJECTS := $(SOURCES:%.c=$(BUILD)/shared/%.o)
STATIC_OBJECTS := $(SOURCES:%.c=$(BUILD)/static/%.o)
# A line a file; V=1 shows the commands.
SAY = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)
COMPILE = $(CC) -std=c11 $(CFLAGS) $(WARNINGS) -fvisibility=hidden $(CPPFLAGS) -I$(BUILD)/generated -MMD -MP -c

# Objects are made again when the compiler or its flags are others than the last time: they are kept in a file, which is
# written only when they changed.
FLAGS := $(BUILD)/flags
$(FLAGS): always
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS))' > $@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
.PHONY: always

.PHONY: all
all: $(BUILD)/$(LIBRARY) $(BUILD)/libpipeline_health.a ## build the loadable and the static library

$(BUILD)/$(LIBRARY): $(SHARED_OBJECTS)
	$(call SAY,link)$(CC) -shared $(PIC) $(SHARED_FLAGS) $(LDFLAGS) -o $@ $^ -lm

$(BUILD)/libpipeline_health.a: $(STATIC_OBJECTS)
	@rm -f $@
	$(call SAY,ar)$(AR) rcs $@ $^

# The mappings must be there before the first compilation; from then on the object that holds them follows them by its .d file.
$(BUILD)/shared/%.o: %.c $(FLAGS) | $(EMBEDDED)
	@mkdir -p $(@D)
	$(call SAY,cc)$(COMPILE) $(PIC) -o $@ $<

$(BUILD)/static/%.o: %.c $(FLAGS) | $(EMBEDDED)
	@mkdir -p $(@D)
	$(call SAY,cc)$(COMPILE) $(PIC) -DSQLITE_CORE -o $@ $<

# The mappings of CRMs as C strings, each with its name. A line `--! include NAME [WORD]` becomes the file of that name, WORD standing
# for {1}.
$(EMBEDDED): $(MAPPINGS) $(MAPPING_PARTS) Makefile
	@mkdir -p $(@D)
	@{ echo 'static const struct {'; echo '  const char *crm, *text;'; echo '} ph_embedded_mappings[] = {'; \
	for file in $(MAPPINGS); do \
	  printf '  {"%s",\n' "$$(basename $$file .sql)"; \
	  awk '/^--! include /{name = "sql/connect/include/" $$3 ".sql"; while ((getline line < name) > 0) {gsub(/[{]1[}]/, $$4, line); print line}; \
    close(name); next} {print}' $$file | \
	    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$$/\\n"/'; \
	  echo '  },'; \
	done; echo '};'; } > $@

-include $(SHARED_OBJECTS:.o=.d) $(STATIC_OBJECTS:.o=.d)

# All of ext/ as one C file and one header, for programs that take the source in.
AMALGAMATION := $(BUILD)/amalgamation

.PHONY: amalgamation
amalgamation: $(AMALGAMATION)/pipeline_health.c ## write build/amalgamation/pipeline_health.c and .h: the extension in one file

$(AMALGAMATION)/pipeline_health.c: $(SOURCES) $(HEADERS) $(EMBEDDED) LICENSE .ci/amalgamate.py
	$(call SAY,py)$(PYTHON) .ci/amalgamate.py ext $(EMBEDDED) LICENSE $(AMALGAMATION)

.PHONY: deps
deps: ## install what building, testing and the demo need, and say so
	@CC=$(CC) SQLITE3=$(SQLITE3) .ci/deps $(if $(filter test-hosts,$(MAKECMDGOALS)),hosts,$(if $(filter release wheels npm plugins test-release test-python page,$(MAKECMDGOALS)),release))
	@$(if $(filter test-cluster,$(MAKECMDGOALS)),CC=$(CC) SQLITE3=$(SQLITE3) .ci/deps cluster)

# ---------------------------------------------------------------------------------------------------- the demo

DEMO := $(BUILD)/demo.db

$(DEMO): sql/demo.sql
	@mkdir -p $(@D)
	@rm -f $@ $@.part
	@$(SQLITE3) $@.part < sql/demo.sql
	@mv $@.part $@

.PHONY: demo
demo: all $(DEMO) ## make a company's CRM export and look at it
	@$(SQLITE3) -readonly -init /dev/null -cmd '.load $(BUILD)/pipeline_health' -cmd '.output /dev/null' \
	  -cmd "SELECT pipeline_connect('salesforce')" -cmd .output $(DEMO) < sql/tour.sql

# What a database says on a day: make report DB=crm.db AS_OF=2024-06-30 CRM=pipedrive. CRM= where it has the relations itself.
DB ?= $(DEMO)
AS_OF ?=
CRM ?= salesforce

.PHONY: report
report: all $(if $(filter $(DEMO),$(DB)),$(DEMO)) ## the state of the pipeline in DB=file on AS_OF=day (CRM= for own tables)
	@$(SQLITE3) -readonly -init /dev/null -cmd '.load $(BUILD)/pipeline_health' \
	  $(if $(CRM),-cmd '.output /dev/null' -cmd "SELECT pipeline_connect('$(CRM)')" -cmd .output) \
	  $(if $(AS_OF),-cmd ".parameter set @as_of \"'$(AS_OF)'\"") "$(DB)" < sql/report.sql

# Verdicts of poorer sources against those of a complete history.
EVIDENCE = $(PYTHON) tests/host/evidence_table.py $(BUILD)/$(LIBRARY) $(DEMO)

.PHONY: evidence
evidence: all $(DEMO) ## what each kind of source can judge, measured on the demo (half a minute)
	@$(EVIDENCE)

# ------------------------------------------------------------------------------------------------- installation

.PHONY: install
install: all ## install header, libraries and pipeline_health.pc below $(DESTDIR)$(PREFIX) (LIBDIR=)
	install -d "$(DESTDIR)$(PREFIX)/include" "$(DESTDIR)$(LIBDIR)/pkgconfig"
	install -m 644 ext/pipeline_health.h "$(DESTDIR)$(PREFIX)/include/"
	install -m 644 $(BUILD)/libpipeline_health.a "$(DESTDIR)$(LIBDIR)/"
	install -m 755 $(BUILD)/$(LIBRARY) "$(DESTDIR)$(LIBDIR)/"
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$${prefix}/include' '' \
	  'Name: pipeline_health' 'Description: sales-pipeline health in SQL, an extension of SQLite' \
	  'Version: $(VERSION)' 'Requires: sqlite3 >= 3.38.3' 'Libs: -L$${libdir} -lpipeline_health -lm' \
	  'Cflags: -I$${includedir}' > "$(DESTDIR)$(LIBDIR)/pkgconfig/pipeline_health.pc"

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f "$(DESTDIR)$(PREFIX)/include/pipeline_health.h" "$(DESTDIR)$(LIBDIR)/libpipeline_health.a" \
	  "$(DESTDIR)$(LIBDIR)/$(LIBRARY)" "$(DESTDIR)$(LIBDIR)/pkgconfig/pipeline_health.pc"

# -------------------------------------------------------------------------------------------------------- tests

TEST_COMPILE = $(CC) -std=c11 $(CFLAGS) $(WARNINGS) -D_POSIX_C_SOURCE=200809L $(CPPFLAGS) -Iext -Itests -MMD -MP -c
STATIC := $(BUILD)/libpipeline_health.a
LINK = $(LDFLAGS) $(STATIC) -lsqlite3 -lm
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
objects_of = $(patsubst %.c,$(BUILD)/%.o,$(1))
SUPPORT := $(call objects_of,$(wildcard tests/support/*.c))
SQL_OBJECTS := $(call objects_of,$(wildcard tests/sql/*.c)) $(SUPPORT)
SQL_RUNNER := $(BUILD)/tests/runner
GOLDEN := $(wildcard tests/sql/*.test)
# The fault loops open each query hundreds of times, and to connect a door takes some milliseconds each time: one small file of doors.
FAULT_GOLDEN := $(filter-out tests/sql/connect%,$(GOLDEN)) tests/sql/connect_fault.test
PAGES := README.md $(wildcard sql/README.md sql/*/README.md ext/README.md ext/*/README.md ext/sqlite/tables/*.md \
  tests/README.md tests/*/README.md)
FAULTS := memory_fault read_fault interrupt authorizer
HOSTS := embed thread interrupt_latency
FUZZ_TARGETS := fuzz_sql fuzz_sources fuzz_connect fuzz_store fuzz_stream
FUZZ_PARTS := $(call objects_of,tests/fuzz/replay_main.c tests/fuzz/fuzz.c tests/fuzz/rows.c)
COVERAGE := $(BUILD)/coverage
SEEDS ?= 0-499
FAULT_SECONDS ?= 10
# the pages of the packages have no SQL of their own
SQL_PAGES := $(shell grep -l '^```sql' $(PAGES))

$(BUILD)/tests/%.o: tests/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(call SAY,cc)$(TEST_COMPILE) -o $@ $<

-include $(patsubst %.c,$(BUILD)/%.d,$(wildcard tests/*/*.c))

LINK_TEST = $(call SAY,link)$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(LINK)

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(STATIC)
	$(LINK_TEST) -lcmocka

$(SQL_RUNNER): $(SQL_OBJECTS) $(STATIC)
	$(LINK_TEST)

$(FAULTS:%=$(BUILD)/tests/%) $(BUILD)/tests/power_loss: $(BUILD)/tests/%: $(BUILD)/tests/fault/%.o $(SUPPORT) $(STATIC)
	$(LINK_TEST)

$(HOSTS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/tests/host/%.o $(STATIC)
	$(LINK_TEST) -pthread

$(FUZZ_TARGETS:%=$(BUILD)/tests/replay_%): $(BUILD)/tests/replay_%: $(BUILD)/tests/fuzz/%.o $(FUZZ_PARTS) $(SUPPORT) $(STATIC)
	$(LINK_TEST)

# The one file is compiled as the README says it, with nothing of ours beside it.
COMPILE_ONE_FILE = $(CC) -std=c11 $(CFLAGS) $(WARNINGS) $(CPPFLAGS)

$(AMALGAMATION)/$(LIBRARY): $(AMALGAMATION)/pipeline_health.c $(FLAGS)
	$(call SAY,link)$(COMPILE_ONE_FILE) -shared $(PIC) $(SHARED_FLAGS) $(LDFLAGS) -o $@ $< -lm

$(AMALGAMATION)/pipeline_health.o: $(AMALGAMATION)/pipeline_health.c $(FLAGS)
	$(call SAY,cc)$(COMPILE_ONE_FILE) -DSQLITE_CORE -c -o $@ $<

$(AMALGAMATION)/embed: $(BUILD)/tests/host/embed.o
$(AMALGAMATION)/runner: $(SQL_OBJECTS)
$(AMALGAMATION)/embed $(AMALGAMATION)/runner: STATIC :=
$(AMALGAMATION)/embed $(AMALGAMATION)/runner: $(AMALGAMATION)/pipeline_health.o
	$(LINK_TEST)

.PHONY: test
test: test-unit test-sql test-examples test-oracle test-fault test-host test-amalgamation test-fuzz test-inventory ## run every test
	@echo "pipeline_health: every test passed"

.PHONY: test-unit
test-unit: $(UNIT_TESTS) ## the lower floors, without a database
	@for program in $(UNIT_TESTS); do echo "== $$program"; $$program || exit 1; done

.PHONY: test-sql
test-sql: $(SQL_RUNNER) $(DEMO) ## golden files and the examples of every README
	$(SQL_RUNNER) --scratch $(BUILD)/tests --demo $(DEMO) $(GOLDEN) $(SQL_PAGES)

# The locale is made from its source, so that nothing has to be set up on the machine.
LOCALES := $(BUILD)/locale
$(LOCALES)/de_DE.UTF-8:
	@mkdir -p $(@D)
	localedef -i de_DE -f UTF-8 $@

.PHONY: test-locale
test-locale: $(SQL_RUNNER) $(DEMO) $(LOCALES)/de_DE.UTF-8 ## golden files in a process with a decimal comma (not in make test)
	LOCPATH=$(LOCALES) $(SQL_RUNNER) --locale de_DE.UTF-8 --scratch $(BUILD)/tests --demo $(DEMO) $(GOLDEN) $(SQL_PAGES)

# Versions of better-sqlite3 on npm, each of which carries the source of one SQLite: the oldest of them above the floor (3.38.5), one
# between (3.44.0), the newest (3.54.1).
SQLITES := 7.5.3 9.1.1 13.2.0
OTHER_SQLITE := $(BUILD)/sqlite
OTHER_LIBRARIES := $(SQLITES:%=$(OTHER_SQLITE)/%/libsqlite3.so.0)
SQLITES_SEEDS ?= 0-199

$(SQLITES:%=$(OTHER_SQLITE)/%/sqlite3.c): $(OTHER_SQLITE)/%/sqlite3.c:
	.ci/fetch-sqlite $* $(@D)

$(OTHER_LIBRARIES): %/libsqlite3.so.0: %/sqlite3.c
	$(call SAY,cc)$(CC) -O1 -w -shared -fPIC -Wl,-soname,libsqlite3.so.0 -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_FTS5 \
	  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_RTREE -DSQLITE_USE_URI -o $@ $< -lm -lpthread -ldl

# Made against each one's header, run with each one's library; and the library of the newest in all of them.
.PHONY: test-sqlites
test-sqlites: $(OTHER_LIBRARIES) ## golden files and the oracle with an old, a middle and the newest SQLite (npm; not in make test)
	tests/sqlites.sh $(OTHER_SQLITE) '$(SQLITES)' $(SQLITES_SEEDS)

# Packages on npm that carry the source of a shell: 3.38.3, 3.53.4.
SHELL_PACKAGES := sqlite3@5.0.6 @appthreat/sqlite3@9.0.2
SHELLS := $(SHELL_PACKAGES:%=$(OTHER_SQLITE)/shell/%/sqlite3)

$(SHELLS:%=%.c): $(OTHER_SQLITE)/shell/%/sqlite3.c:
	.ci/fetch-shell $* $(@D)

$(SHELLS): %: %.c
	$(call SAY,cc)$(CC) -O1 -w -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_MATH_FUNCTIONS -o $@ $(@D)/shell.c $< -lm -lpthread -ldl

.PHONY: test-shells
test-shells: all $(DEMO) $(SHELLS) ## what people give to the shell, with an old and a new shell (npm; not in make test)
	tests/shells.sh $(BUILD) $(SHELLS)

.PHONY: test-examples
test-examples: all $(DEMO) ## the SQL files below sql/ on the demo, and the table of make evidence
	tests/sql/examples.sh $(BUILD) $(SQLITE3)
	$(EVIDENCE) --page ext/timeline/README.md

.PHONY: test-oracle
test-oracle: all ## every table against a slow program on random databases
	$(PYTHON) tests/oracle/compare.py --extension $(BUILD)/$(LIBRARY) --seeds $(SEEDS)
	$(PYTHON) tests/oracle/compare.py --extension $(BUILD)/$(LIBRARY) --seeds $(SEEDS) --features old
	$(PYTHON) tests/oracle/opening_property.py --extension $(BUILD)/$(LIBRARY)

.PHONY: snapshots-agreement
snapshots-agreement: all $(DEMO) ## how far the verdicts of snapshots agree with those of the full history, on the demo (minutes; not in make test)
	$(PYTHON) tests/oracle/snapshots_agreement.py $(BUILD)/$(LIBRARY) $(DEMO) salesforce

.PHONY: test-fault
test-fault: $(FAULTS:%=test-fault-%) test-power-loss ## short memory, read errors, interrupts and denied columns over every golden query; power loss

# A target each, so that make -j runs them side by side.
.PHONY: $(FAULTS:%=test-fault-%)
$(FAULTS:%=test-fault-%): test-fault-%: $(BUILD)/tests/%
	@mkdir -p $(BUILD)/tests/$*_files
	@echo "== $*"; $< --seconds $(FAULT_SECONDS) --scratch $(BUILD)/tests/$*_files $(FAULT_GOLDEN)

# How many crashes there are behind each write to the disk.
POWER_LOSS_ROUNDS ?= 1

.PHONY: test-power-loss
test-power-loss: $(BUILD)/tests/power_loss ## the store after a power loss behind any write (POWER_LOSS_ROUNDS=1)
	$(BUILD)/tests/power_loss $(POWER_LOSS_ROUNDS)

.PHONY: test-host
test-host: all $(DEMO) $(HOSTS:%=$(BUILD)/tests/%) ## the library in the shell, in Python, in C, in threads
	@for program in $(HOSTS); do echo "== $$program"; $(BUILD)/tests/$$program || exit 1; done
	sh tests/host/symbols.sh $(BUILD)/$(LIBRARY)
	SQLITE3=$(SQLITE3) sh tests/host/shell.sh $(BUILD)/$(LIBRARY) $(BUILD)/tests
	sh tests/host/import.sh sql/README.md $(BUILD)/tests
	sh tests/host/doors.sh $(SQLITE3) $(BUILD)/$(LIBRARY) $(DEMO) $(BUILD)/tests/doors
	$(PYTHON) tests/host/python_host.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/cache_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/planner_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/source_forms_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/doors_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/exports_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/mutilation_test.py $(BUILD)/$(LIBRARY)
	$(PYTHON) tests/host/store_test.py $(BUILD)/$(LIBRARY)

# How long the leader of the cluster is stopped.
CLUSTER_PAUSE ?= 60

$(BUILD)/tests/node: $(BUILD)/tests/cluster/node.o $(STATIC)
	$(LINK_TEST) -ldqlite

.PHONY: test-cluster
test-cluster: all $(DEMO) $(BUILD)/tests/node ## three nodes of dqlite give the shell's answers while leaders die (CLUSTER_PAUSE=20; not in make test)
	$(PYTHON) tests/cluster/cluster_test.py $(BUILD)/tests/node $(BUILD)/$(LIBRARY) $(DEMO) $(BUILD)/tests/cluster_files \
	  --sqlite3 $(SQLITE3) --pause $(CLUSTER_PAUSE)

.PHONY: test-amalgamation
test-amalgamation: $(AMALGAMATION)/embed $(AMALGAMATION)/runner $(AMALGAMATION)/$(LIBRARY) ## the one file, linked and loaded
	$(AMALGAMATION)/embed
	$(AMALGAMATION)/runner --scratch $(AMALGAMATION) $(GOLDEN)
	$(PYTHON) tests/host/python_host.py $(AMALGAMATION)/$(LIBRARY)
	sh tests/host/symbols.sh $(AMALGAMATION)/$(LIBRARY)

.PHONY: test-fuzz
test-fuzz: $(FUZZ_TARGETS:%=$(BUILD)/tests/replay_%) ## the fuzzers' corpora
	@for target in $(FUZZ_TARGETS); do \
	  echo "== $$target"; $(BUILD)/tests/replay_$$target --scratch $(BUILD)/tests tests/fuzz/corpus/$${target#fuzz_} || exit 1; \
	done

.PHONY: test-inventory
test-inventory: all ## every table, column, function, policy and problem is in its README
	$(PYTHON) tests/inventory.py $(BUILD)/$(LIBRARY) $(PAGES)

.PHONY: coverage
coverage: ## lines and branches of ext/ that the tests reach, which may not fall; build/coverage/report (not in make test)
	@mkdir -p $(COVERAGE) && find $(COVERAGE) -name '*.gcda' -exec rm -f {} +
	$(MAKE) all $(COVERAGE)/tests/embed test-unit test-sql test-fault test-fuzz \
	  BUILD=$(COVERAGE) CC=gcc CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage
	$(COVERAGE)/tests/embed
	$(PYTHON) tests/host/cache_test.py $(COVERAGE)/$(LIBRARY)
	PYTHON=$(PYTHON) .ci/coverage $(COVERAGE)

# ------------------------------------------------------------------------------------- releases, Python, the page

RELEASE := $(BUILD)/release
RELEASE_SQLITE = $(OTHER_SQLITE)/$(lastword $(SQLITES))
RELEASE_TOOLS := $(BUILD)/release-tools
RELEASE_PYTHON := $(RELEASE_TOOLS)/bin/python

# An environment of Python with the packages of a file, made again when the file changes.
MAKE_ENVIRONMENT = rm -rf $(@D) && $(PYTHON) -m venv $(@D) && $(@D)/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

$(RELEASE_TOOLS)/made: .ci/release-requirements.txt
	$(call SAY,pip)$(MAKE_ENVIRONMENT)

.PHONY: release
release: amalgamation $(RELEASE_TOOLS)/made $(RELEASE_SQLITE)/sqlite3.c ## the library for Linux, macOS and Windows, by zig; build/release
	$(PYTHON) .ci/release.py $(RELEASE_PYTHON) $(AMALGAMATION) $(RELEASE_SQLITE) $(RELEASE)

.PHONY: wheels
wheels: release ## a Python wheel for each platform of the release; build/wheels
	$(PYTHON) .ci/wheels.py $(RELEASE_PYTHON) $(RELEASE) $(BUILD)/wheels

NPM_PACKAGES := $(BUILD)/npm
.PHONY: npm
npm: release ## the npm package and one for each platform of the release; build/npm
	$(PYTHON) .ci/npm.py $(RELEASE) $(NPM_PACKAGES)

# The module for Go and the crate for Rust hold the source in one file and the header of one SQLite to compile it against.
GO_MODULE := $(BUILD)/go-module
CRATE := $(BUILD)/crate/pipeline-health
NATIVE_SOURCE = $(addprefix $(AMALGAMATION)/,pipeline_health.c pipeline_health.h) $(addprefix $(RELEASE_SQLITE)/,sqlite3.h sqlite3ext.h)

.PHONY: go-module
go-module: $(AMALGAMATION)/pipeline_health.c $(RELEASE_SQLITE)/sqlite3.c ## the module for Go and mattn/go-sqlite3; build/go-module
	@rm -rf $(GO_MODULE) && mkdir -p $(GO_MODULE)
	@cp ext/go/* $(NATIVE_SOURCE) LICENSE $(GO_MODULE)/
	@echo "  go   $(GO_MODULE)"

.PHONY: crate
crate: $(AMALGAMATION)/pipeline_health.c $(RELEASE_SQLITE)/sqlite3.c ## the crate for Rust and rusqlite; build/crate
	@rm -rf $(CRATE) && mkdir -p $(CRATE)/native
	@cp -R ext/rust/* LICENSE $(CRATE)/ && cp $(NATIVE_SOURCE) $(CRATE)/native/
	@sed 's/^version = .*/version = "$(VERSION)"/' ext/rust/Cargo.toml > $(CRATE)/Cargo.toml
	@cd $(CRATE) && cargo package --quiet --allow-dirty --no-verify --target-dir ..
	@mv $(CRATE)/../package/pipeline-health-$(VERSION).crate $(CRATE)/..
	@echo "  rust $(CRATE)-$(VERSION).crate"

.PHONY: test-release
test-release: release ## the release on glibc, musl, aarch64 (qemu) and Windows (wine); the same bytes twice (not in make test)
	tests/release.sh $(RELEASE) $(RELEASE_PYTHON) $(AMALGAMATION) $(RELEASE_SQLITE) $(PYTHON)

PLUGIN_SOURCES := $(wildcard ext/datasette/* ext/datasette/*/*.py ext/datasette/*/*/* ext/sqlite-utils/* sql/examples/*)
.PHONY: plugins
plugins: $(RELEASE_TOOLS)/made ## the plugins of Datasette and sqlite-utils as wheels; build/plugins
	@rm -rf $(BUILD)/plugins
	$(call SAY,whl)for plugin in datasette sqlite-utils; do \
	  $(RELEASE_PYTHON) -m build --wheel --no-isolation --outdir $(BUILD)/plugins ext/$$plugin >/dev/null || exit 1; done

PYTHON_PACKAGE := $(BUILD)/python
PYTHON_SOURCES := $(wildcard ext/python/*.* ext/python/*/*.py ext/python/*/templates/*) sql/report.sql
$(PYTHON_PACKAGE)/made: tests/python/requirements.txt
	$(call SAY,pip)$(MAKE_ENVIRONMENT)

# The package as users get it: a wheel of this machine, installed.
$(PYTHON_PACKAGE)/installed: $(PYTHON_PACKAGE)/made $(BUILD)/$(LIBRARY) $(PYTHON_SOURCES)
	@rm -rf $(PYTHON_PACKAGE)/wheel
	$(call SAY,pip)$(PYTHON_PACKAGE)/bin/python -m build --wheel --no-isolation --outdir $(PYTHON_PACKAGE)/wheel ext/python >/dev/null
	@$(PYTHON_PACKAGE)/bin/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall $(PYTHON_PACKAGE)/wheel/*.whl
	@touch $@

.PHONY: test-python
test-python: $(PYTHON_PACKAGE)/installed $(DEMO) ## the Python package, its program and the page in headless Chromium (not in make test)
	DEMO=$(DEMO) SCREENSHOTS=$(BUILD)/page $(PYTHON_PACKAGE)/bin/python -m pytest -q -p no:cacheprovider tests/python

.PHONY: page
page: $(PYTHON_PACKAGE)/installed $(if $(filter $(DEMO),$(DB)),$(DEMO)) ## the page about DB=file on AS_OF=day: build/page.html
	$(PYTHON_PACKAGE)/bin/pipeline-health page "$(DB)" --out $(BUILD)/page.html \
	  $(if $(or $(AS_OF),$(filter $(DEMO),$(DB))),--as-of $(or $(AS_OF),2022-06-30))

# ------------------------------------------------------------------------------- other programs that load the extension

# Every package is built as for a release, but for this machine alone, and installed from its file into an environment of its own.
PROGRAMS := $(BUILD)/hosts
PROGRAM_PLATFORM := $(if $(filter Darwin,$(SYSTEM)),macos,linux)-$(shell uname -m)
PROGRAM_FILES := $(PROGRAMS)/python/installed $(PROGRAMS)/node/installed $(PROGRAMS)/go/host $(PROGRAMS)/rust/host/target/debug/host \
  $(PROGRAMS)/java/installed

$(PROGRAMS)/python/made: tests/hosts/requirements.txt
	$(call SAY,pip)$(MAKE_ENVIRONMENT)

$(PROGRAMS)/python/installed: $(PROGRAMS)/python/made $(RELEASE_TOOLS)/made $(BUILD)/$(LIBRARY) $(PYTHON_SOURCES) $(PLUGIN_SOURCES)
	@rm -rf $(PROGRAMS)/wheels
	$(call SAY,pip)for package in python datasette sqlite-utils; do \
	  $(RELEASE_PYTHON) -m build --wheel --no-isolation --outdir $(PROGRAMS)/wheels ext/$$package >/dev/null || exit 1; done
	@$(PROGRAMS)/python/bin/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall $(PROGRAMS)/wheels/*.whl
	@touch $@

NPM_INSTALL := npm install --silent --no-package-lock --no-audit --no-fund --prefix
$(PROGRAMS)/node/made: tests/hosts/package.json
	@mkdir -p $(@D) && cp $< $(@D)/
	$(call SAY,npm)$(NPM_INSTALL) $(@D)
	@touch $@

$(PROGRAMS)/node/installed: $(PROGRAMS)/node/made $(BUILD)/$(LIBRARY) $(wildcard ext/node/* tests/hosts/*.mjs tests/hosts/*.ts) .ci/npm.py
	@mkdir -p $(PROGRAMS)/release/$(PROGRAM_PLATFORM) && cp $(BUILD)/$(LIBRARY) $(PROGRAMS)/release/$(PROGRAM_PLATFORM)/
	@$(PYTHON) .ci/npm.py $(PROGRAMS)/release $(PROGRAMS)/npm $(PROGRAM_PLATFORM)
	@rm -rf $(@D)/node_modules/pipeline-health*
	$(call SAY,npm)$(NPM_INSTALL) $(@D) $(PROGRAMS)/npm/*.tgz
	@cp tests/hosts/*.mjs tests/hosts/*.ts $(@D)/
	@cd $(@D) && node_modules/.bin/tsc --noEmit --strict --skipLibCheck --esModuleInterop --module nodenext --types node node-types.ts
	@touch $@

$(PROGRAMS)/go/host: $(AMALGAMATION)/pipeline_health.c $(wildcard ext/go/* tests/hosts/go/*)
	@$(MAKE) --no-print-directory go-module && mkdir -p $(@D) && cp tests/hosts/go/* $(@D)/
	$(call SAY,go)cd $(@D) && go mod edit -replace pipelinehealth=../../go-module && GOFLAGS=-mod=mod go build -o host .

$(PROGRAMS)/rust/host/target/debug/host: $(AMALGAMATION)/pipeline_health.c $(wildcard ext/rust/* ext/rust/src/* tests/hosts/rust/* tests/hosts/rust/src/*)
	@$(MAKE) --no-print-directory crate && rm -rf $(PROGRAMS)/rust/pipeline-health && mkdir -p $(PROGRAMS)/rust/pipeline-health
	@tar -xzf $(CRATE)-$(VERSION).crate -C $(PROGRAMS)/rust/pipeline-health --strip-components 1
	@cp -R tests/hosts/rust/. $(PROGRAMS)/rust/host
	$(call SAY,rust)cd $(PROGRAMS)/rust/host && cargo build --quiet && touch target/debug/host

$(PROGRAMS)/java/installed: tests/hosts/java/pom.xml
	@rm -rf $(@D)
	$(call SAY,mvn)mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DoutputDirectory=$(abspath $(@D))
	@touch $@

# What Jupyter and matplotlib would keep in the user's home.
test-hosts: export IPYTHONDIR := $(abspath $(PROGRAMS)/home)
test-hosts: export JUPYTER_RUNTIME_DIR := $(abspath $(PROGRAMS)/home)
test-hosts: export MPLCONFIGDIR := $(abspath $(PROGRAMS)/home)
.PHONY: test-hosts
test-hosts: all $(DEMO) $(PROGRAM_FILES) ## the extension in Python, Node, Go, Rust, Java, R, Datasette, ... against the shell (not in make test)
	$(PYTHON) tests/hosts/run.py $(PROGRAMS) $(SQLITE3) $(BUILD)/$(LIBRARY) $(DEMO)
	PYTHONPATH=tests/hosts $(PROGRAMS)/python/bin/python tests/hosts/datasette_plugin_test.py $(SQLITE3) $(DEMO) $(PROGRAMS)/datasette
	$(PROGRAMS)/python/bin/python tests/hosts/notebook_test.py $(DEMO) $(PROGRAMS)/notebook
	PYTHONPATH=tests/hosts $(PYTHON) tests/hosts/db_browser_test.py $(SQLITE3) $(BUILD)/$(LIBRARY) $(DEMO) $(PROGRAMS)/db_browser

# ----------------------------------------------------------------------------------------------------- the rest

FORMATTED := $(SOURCES) $(HEADERS) $(wildcard tests/*/*.[ch])

.PHONY: format
format: ## bring the C code into its format
	clang-format -i $(FORMATTED)

.PHONY: format-check
format-check: ## say whether the C code keeps its format and its 110 columns
	clang-format --dry-run --Werror $(FORMATTED)
	@if LC_ALL=C.UTF-8 grep -nE '^.{111}' $(FORMATTED); then echo 'lines of more than 110 columns' >&2; exit 1; fi

.PHONY: bench
bench: all ## measure against plain SQL, DuckDB and Polars (a minute or ten; not part of the tests)
	tests/bench/run.sh $(BUILD)

$(BUILD)/bench/ask $(BUILD)/bench/generate: $(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call SAY,cc)$(CC) -std=c11 $(CFLAGS) $(WARNINGS) $(CPPFLAGS) -o $@ $< -lsqlite3

.PHONY: bench-large
bench-large: all $(BUILD)/bench/ask $(BUILD)/bench/generate ## what one machine carries, in one file and in four (LARGE_EVENTS=100000000)
	$(PYTHON) tests/bench/large.py $(BUILD)/bench/ask $(BUILD)/bench/generate $(BUILD)/pipeline_health $(BUILD)/bench \
	  --events $(or $(LARGE_EVENTS),100000000)

EVENTS ?= 1000000,10000000
.PHONY: bench-store
bench-store: all $(BUILD)/bench/ask $(BUILD)/bench/generate ## what the store gives and costs (EVENTS=1000000,10000000)
	$(PYTHON) tests/bench/store.py $(BUILD)/bench/ask $(BUILD)/bench/generate $(BUILD)/pipeline_health $(BUILD)/bench \
	  --events $(EVENTS)

.PHONY: bench-doors
bench-doors: all ## questions through each door, the first and one behind a write, against tables (DEALS=5000)
	$(PYTHON) tests/bench/doors.py $(SQLITE3) $(BUILD)/$(LIBRARY) $(BUILD)/bench/doors $(or $(DEALS),5000)

.PHONY: bench-scaling
bench-scaling: all $(BUILD)/bench/ask ## the exponent by which each table's time grows with each size of the data
	$(PYTHON) tests/bench/scaling.py $(BUILD)/bench/ask $(BUILD)/$(LIBRARY) $(BUILD)/bench/scaling

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 @\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-24s %s\n", $$1, $$2 }'
