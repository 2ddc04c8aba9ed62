# pipeline_health. `make` builds, `make help` lists the targets.

.DEFAULT_GOAL := all
BUILD ?= build
PREFIX ?= /usr/local
CC ?= cc
AR ?= ar
SQLITE3 ?= sqlite3
PYTHON ?= python3
CFLAGS ?= -O2
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

SOURCES := $(wildcard ext/*.c ext/*/*.c)
HEADERS := $(wildcard ext/*.h ext/*/*.h)
MAPPINGS := sql/salesforce.sql
EMBEDDED := $(BUILD)/generated/embedded_sql.h
SHARED_OBJECTS := $(SOURCES:%.c=$(BUILD)/shared/%.o)
STATIC_OBJECTS := $(SOURCES:%.c=$(BUILD)/static/%.o)
COMPILE = $(CC) -std=c11 $(CFLAGS) $(WARNINGS) -fvisibility=hidden $(CPPFLAGS) -I$(BUILD)/generated -MMD -MP -c

.PHONY: all
all: $(BUILD)/$(LIBRARY) $(BUILD)/libpipeline_health.a ## build the loadable and the static library

$(BUILD)/$(LIBRARY): $(SHARED_OBJECTS)
	$(CC) -shared $(PIC) $(SHARED_FLAGS) $(LDFLAGS) -o $@ $^ -lm

$(BUILD)/libpipeline_health.a: $(STATIC_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/shared/%.o: %.c $(EMBEDDED)
	@mkdir -p $(@D)
	$(COMPILE) $(PIC) -o $@ $<

$(BUILD)/static/%.o: %.c $(EMBEDDED)
	@mkdir -p $(@D)
	$(COMPILE) $(PIC) -DSQLITE_CORE -o $@ $<

# The mappings of CRMs as C strings.
$(EMBEDDED): $(MAPPINGS)
	@mkdir -p $(@D)
	@for file in $(MAPPINGS); do \
	  printf 'static const char ph_embedded_%s[] =\n' "$$(basename $$file .sql)"; \
	  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$$/\\n"/' $$file; \
	  printf '    ;\n'; \
	done > $@

-include $(SHARED_OBJECTS:.o=.d) $(STATIC_OBJECTS:.o=.d)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 @\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-24s %s\n", $$1, $$2 }'
