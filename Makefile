# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make help lists the targets. Everything is built below build/.

# The version's one place; tests/integration/install.py compares what else names it.
VERSION := 0.2.0

HOST_ARCH := $(shell uname -m | sed 's/aarch64/arm64/;s/amd64/x86_64/')
ARCH     ?= $(HOST_ARCH)
O        ?= build
PREFIX   ?= /usr/local
SETCAP   ?= 0
GROUP    :=
SANITIZE ?= 0
STATIC   ?= 0
V        ?= 0
CMD      ?=

CC        ?= cc
CXX       ?= c++
CLANG     ?= clang
NM        ?= nm
BPFTOOL   ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool) bpftool)

# Each way of building has a folder of its own; before the flags, which name it.
variant := $(filter-out $(HOST_ARCH),$(ARCH)) $(if $(filter 1,$(STATIC)),static)
variant += $(if $(filter 1,$(SANITIZE)),sanitize)
ifneq ($(strip $(variant)),)
  O := build/$(subst $() ,-,$(strip $(variant)))
endif

ifeq ($(V),1)
  Q :=
  say = @:
else
  Q := @
  say = @printf '  %-8s %s\n'
endif

# --- flags -------------------------------------------------------------------------------------

BPF_TARGET_arm64  := __TARGET_ARCH_arm64
BPF_TARGET_x86_64 := __TARGET_ARCH_x86
BPF_ARCH := $(BPF_TARGET_$(ARCH))
TRIPLET_arm64  := aarch64-linux-gnu
TRIPLET_x86_64 := x86_64-linux-gnu

WARN := -Wall -Wextra -Werror -Wformat=2 -Wshadow -Wundef -Wvla -Wno-unused-parameter
WARN_C := $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wno-sign-conversion

# The same bytes in whichever folder they are built.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=.

CPPFLAGS_ALL := -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -Iinclude -iquote src -iquote . -I$(O)/gen $(CPPFLAGS)
CFLAGS_ALL   := -std=c17 -O2 -g $(WARN_C) -fstack-protector-strong -fPIE $(REPRODUCIBLE) $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 -O2 -g $(WARN) -fstack-protector-strong -fPIE $(REPRODUCIBLE) $(CXXFLAGS)
LDFLAGS_ALL  := -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LDLIBS       := -liberty -lbpf -lelf -lz -lzstd -static-libstdc++ -static-libgcc -ldl

# Another architecture: Debian's cross compiler.
ifneq ($(ARCH),$(HOST_ARCH))
  CC  := $(TRIPLET_$(ARCH))-gcc
  CXX := $(TRIPLET_$(ARCH))-g++
  AR  := $(TRIPLET_$(ARCH))-ar
  NM  := $(TRIPLET_$(ARCH))-nm
endif

# libbpf's libraries are linked into the program where there are archives of them: half a millisecond
# less at each start, and nothing to install. The C library is not: libpfm is loaded at run time. Named
# before g++ names libm, it is the one to give ldexp(), and libm is not needed.
has_archive = $(filter-out lib$(1).a,$(shell $(CC) -print-file-name=lib$(1).a 2>/dev/null))
AGENT_LIBS := $(LDLIBS)

# Debian 13's libelf.a (elfutils 0.192) lacks functions of its own, eu_search_tree_init() and others:
# their names, or nothing. The library is linked dynamically then.
lacking_in_elf = $(shell $(NM) $(call has_archive,elf) 2>/dev/null | \
	awk '$$1 == "U" && /eu_/ { used[$$2] } $$2 == "T" { has[$$3] } \
	     END { for (name in used) if (!(name in has)) print name }')
ELF_IS_SHORT := $(lacking_in_elf)

ifneq ($(call has_archive,bpf),)
  AGENT_LIBS := -Wl,-Bstatic -lbpf $(if $(ELF_IS_SHORT),-lz -lzstd,-lelf -lz -lzstd) \
                -Wl,-Bdynamic -Wl,--as-needed,-lc $(if $(ELF_IS_SHORT),-lelf) \
                $(filter-out -lbpf -lelf -lz -lzstd,$(LDLIBS))
endif

# Runs where none of this machine's libraries is; libpfm cannot be loaded then. After
# -static-libstdc++ g++ would link what follows, the C library, dynamically again.
ifeq ($(STATIC),1)
  CPPFLAGS_ALL += -DALUMET_STATIC
  LDFLAGS_ALL := $(patsubst -pie,-static-pie,$(LDFLAGS_ALL))
  LDLIBS := $(filter-out -static-libstdc++ -static-libgcc,$(LDLIBS))
  AGENT_LIBS := $(LDLIBS)
endif

# Libraries unpacked below SYSROOT: those of another architecture, and a libelf.a that is whole.
ifneq ($(filter-out $(HOST_ARCH),$(ARCH))$(if $(filter 1,$(STATIC)),$(ELF_IS_SHORT)),)
  SYSROOT ?= build/sysroot/$(ARCH)
  LDFLAGS_ALL += -L$(SYSROOT)/usr/lib/$(TRIPLET_$(ARCH))
endif

# gcc warns of bounds in the code that the sanitizers add; the build without them has the warning.
ifeq ($(SANITIZE),1)
  CFLAGS_ALL   += -fsanitize=address,undefined -fno-omit-frame-pointer -U_FORTIFY_SOURCE \
	-Wno-array-bounds -Wno-stringop-overflow
  CXXFLAGS_ALL += -fsanitize=address,undefined -fno-omit-frame-pointer -U_FORTIFY_SOURCE
  LDFLAGS_ALL  += -fsanitize=address,undefined
  # Of exceptions in a libstdc++ that is linked in, the address sanitizer would not hear.
  LDLIBS := $(filter-out -static-libstdc++ -static-libgcc,$(LDLIBS))
endif

# --- files -------------------------------------------------------------------------------------

# Definitions first: the linker of libbpf 1.1 gives a map offset 0 when it meets the use before.
BPF_SRC := bpf/maps.bpf.c $(filter-out bpf/maps.bpf.c,$(wildcard bpf/*.bpf.c))
BPF_OBJ := $(BPF_SRC:bpf/%.bpf.c=$(O)/bpf/%.bpf.o)
LIGHT_OBJ := $(BPF_SRC:bpf/%.bpf.c=$(O)/bpf/light/%.bpf.o)
PROFILE_OBJ := $(O)/bpf/profile/profile.bpf.o
NAMES_OBJ := $(O)/bpf/names/names.bpf.o
WATCH_SRC := bpf/watch/maps.bpf.c $(filter-out bpf/watch/maps.bpf.c,$(wildcard bpf/watch/*.bpf.c))
WATCH_OBJ := $(WATCH_SRC:%.bpf.c=$(O)/%.bpf.o)
LIGHT_WATCH_OBJ := $(WATCH_SRC:bpf/%.bpf.c=$(O)/bpf/light/%.bpf.o)
LINKED_BPF := $(addprefix $(O)/bpf/,alumet.o light/alumet.o profile.o names.o watch.o light/watch.o)

# What the sources include.
GENERATED := $(addprefix $(O)/gen/,alumet.skel.h alumet.light.h profile.skel.h names.skel.h \
	watch.skel.h watch.light.h report_page.h revision.h)

SRC_C   := $(sort $(shell find src -name '*.c'))
SRC_CXX := $(sort $(shell find src -name '*.cpp'))
OBJ     := $(SRC_C:%.c=$(O)/%.o) $(SRC_CXX:%.cpp=$(O)/%.o)
MAIN    := $(O)/src/cli/main.o
LIB     := $(O)/libalumet.a
AGENT   := $(O)/alumet-agent

UNIT_SRC := $(wildcard tests/unit/*_test.c)
UNIT     := $(UNIT_SRC:%.c=$(O)/%)
HELPER_SRC := $(wildcard tests/integration/*.c)
HELPERS  := $(HELPER_SRC:%.c=$(O)/%)
TOOL_SRC := $(wildcard tests/tools/*.c)
TOOLS    := $(TOOL_SRC:%.c=$(O)/%)

.PHONY: FORCE all run check test test-programs check-unit install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(AGENT)

# Flags that change, change what is built with them.
$(OBJ) $(BPF_OBJ) $(LIGHT_OBJ) $(PROFILE_OBJ) $(NAMES_OBJ) $(WATCH_OBJ) $(LIGHT_WATCH_OBJ) \
	$(HELPER_SRC:%.c=$(O)/%): Makefile

# --- BPF: C by concern -> objects -> one object -> one skeleton; all twice, see bpf/read.h --------

$(BPF_OBJ) $(PROFILE_OBJ) $(NAMES_OBJ) $(WATCH_OBJ): BPF_FOR := -mcpu=v2 -DSINCE_6_1=0
$(LIGHT_OBJ) $(LIGHT_WATCH_OBJ): BPF_FOR := -mcpu=v3 -DSINCE_6_1=1

$(BPF_OBJ) $(PROFILE_OBJ) $(NAMES_OBJ) $(WATCH_OBJ): $(O)/bpf/%.bpf.o: bpf/%.bpf.c
	$(compile_bpf)

$(LIGHT_OBJ) $(LIGHT_WATCH_OBJ): $(O)/bpf/light/%.bpf.o: bpf/%.bpf.c
	$(compile_bpf)

define compile_bpf
	@mkdir -p $(@D)
	$(say) BPF $@
	$(Q)$(CLANG) -target bpf $(BPF_FOR) -O2 -g $(REPRODUCIBLE) -Wall -Wextra -Werror -Wno-unused-parameter \
		-D$(BPF_ARCH) -iquote . -Ivmlinux -MD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@
endef

LLVM_STRIP ?= $(firstword $(wildcard /usr/bin/llvm-strip /usr/bin/llvm-strip-*) llvm-strip)

$(O)/bpf/alumet.o: $(BPF_OBJ)
$(O)/bpf/light/alumet.o: $(LIGHT_OBJ)
# The program that takes samples: an object of its own, for runs with a profile.
$(O)/bpf/profile.o: $(PROFILE_OBJ)
# The program that names functions of the kernel, for profiles that have some.
$(O)/bpf/names.o: $(NAMES_OBJ)
# What only a watch needs: an object of its own, which shares the maps.
$(O)/bpf/watch.o: $(O)/bpf/maps.bpf.o $(WATCH_OBJ)
$(O)/bpf/light/watch.o: $(O)/bpf/light/maps.bpf.o $(LIGHT_WATCH_OBJ)

$(LINKED_BPF):
	$(say) LINK $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(O)/gen/%.light.h: $(O)/bpf/light/%.o
	$(call make_skeleton,-L $< name $*_light)

$(O)/gen/%.skel.h: $(O)/bpf/%.o
	$(call make_skeleton,$< name $*_bpf)

# The compiler's warnings are for code that people write.
define make_skeleton
	@mkdir -p $(@D)
	$(say) SKEL $@
	$(Q){ echo '#pragma GCC system_header'; $(BPFTOOL) gen skeleton $(1); } > $@
endef

# --- the program -------------------------------------------------------------------------------

$(O)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MD -MP -c $< -o $@

$(O)/src/%.o: src/%.cpp
	@mkdir -p $(@D)
	$(say) CXX $@
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) -MD -MP -c $< -o $@

# The page of reports, as an array of bytes. The scripts in the order in which they need each other.
PAGE := $(addprefix src/report/page/,page.html page.css data.js model.js text.js draw.js \
	lanes.js series.js timeline.js icicle.js table.js head.js detail.js app.js)

$(O)/gen/report_page.h: src/report/page/build.sh src/report/page/squeeze.awk $(PAGE)
	@mkdir -p $(@D)
	$(say) PAGE $@
	$(Q)src/report/page/build.sh $(PAGE) > $@

$(O)/src/report/page.o: $(O)/gen/report_page.h

# The files that include the skeletons.
$(O)/src/sources/perf/bpf/light.o: $(O)/gen/alumet.light.h
$(O)/src/sources/perf/bpf/libbpf.o: $(O)/gen/alumet.skel.h
$(O)/src/sources/perf/profile/sampler.o: $(O)/gen/profile.skel.h
$(O)/src/sources/perf/profile/kernel_names.o: $(O)/gen/names.skel.h
$(O)/src/sources/perf/bpf/adoption_libbpf.o: $(O)/gen/watch.skel.h
$(O)/src/sources/perf/bpf/adoption_light.o: $(O)/gen/watch.light.h

# Rewritten when it differs, so that --version never tells an old revision or other tools.
$(O)/gen/revision.h: FORCE
	@mkdir -p $(@D)
	@{ echo '#define ALUMET_VERSION "$(VERSION)"'; \
	   echo "#define ALUMET_REVISION \"$$(tools/packaging/revision.sh)\""; \
	   echo "#define ALUMET_BPF_COMPILER \"clang $$($(CLANG) -dumpversion 2>/dev/null)\""; \
	   echo "#define ALUMET_BPF_LINKER \"bpftool $$($(BPFTOOL) version 2>/dev/null | sed -n '1s/.* v//p')\""; \
	} > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(O)/src/cli/options_help.o: $(O)/gen/revision.h

FORCE:

$(LIB): $(filter-out $(MAIN),$(OBJ))
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(AGENT): $(MAIN) $(LIB)
	$(say) LD $@
	$(Q)$(CXX) $(LDFLAGS_ALL) -Wl,-Map=$@.map -o $@ $(MAIN) $(LIB) $(AGENT_LIBS)

# --- tests -------------------------------------------------------------------------------------

$(O)/tests/unit/%_test: tests/unit/%_test.c $(LIB)
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) -Wno-missing-prototypes -Wno-conversion \
		-MMD -MP -MT $@ -c $< -o $@.o
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $@.o $(LIB) -lcmocka $(LDLIBS)

# Programs for tests that use the project's own code.
$(O)/tests/tools/%: tests/tools/%.c $(LIB)
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -Wno-conversion -MMD -MP -MT $@ -c $< -o $@.o
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $@.o $(LIB) $(LDLIBS)

# What the agent is compared with makes no processes and spends no time but its own: without
# sanitizers and coverage.
$(O)/tests/integration/%: tests/integration/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(filter-out -fsanitize=% --coverage,$(CFLAGS_ALL)) \
		-Wno-conversion -MMD -MP -o $@ $< -lpthread

check-unit: $(UNIT)
	$(Q)tests/run-unit.sh $(UNIT)

# As many jobs as there are CPUs, unless make was told how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# Installs nothing: what is missing is an error of the compiler, or a test that says SKIP.
check:
	$(Q)$(MAKE) --no-print-directory $(JOBS) all test-programs
	$(Q)O=$(O) tests/run.sh

# What there is to build depends on what set-up has installed: another make finds that out.
test: setup-test setup-launchers setup-stores setup-browser
	$(Q)$(MAKE) --no-print-directory check

# The command goes by the environment: no shell but its own shall read it.
run: export CMD := $(CMD)
run: setup
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)O=$(O) tools/demo.sh

include tests/vm/vm.mk
include tests/debian/debian.mk
include tests/fuzz/fuzz.mk
include tests/quality.mk
include tools/bench.mk
include tools/packaging/packaging.mk
include tests/packaging/packaging.mk

# The plugin of Slurm's, where its header is: part of the tests' programs then.
SPANK := $(if $(wildcard /usr/include/slurm/spank.h),$(O)/spank/alumet.so)
SPANK_DIR ?= $(PREFIX)/lib/slurm

.PHONY: spank install-spank
spank: $(O)/spank/alumet.so

$(O)/spank/alumet.so: $(wildcard spank/*.[ch]) Makefile
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS_ALL) -DALUMET_AGENT='"$(PREFIX)/bin/alumet-agent"' \
		$(filter-out -fsanitize=% --coverage -fPIE,$(CFLAGS_ALL)) -fPIC -shared \
		-Wl,-z,relro,-z,now -o $@ $(filter %.c,$^)

install-spank: spank
	install -D -m 644 $(O)/spank/alumet.so $(DESTDIR)$(SPANK_DIR)/alumet.so

# All of them, those of the files above too.
test-programs: $(SPANK)
test-programs: $(UNIT) $(HELPERS) $(TOOLS) $(BENCH_PROGRAMS)

# What building needs; setup-test, setup-lint and so on: what that target needs beside it.
SETUPS := $(addprefix setup-,test launchers stores browser lint valgrind coverage vm debian packaging)
.PHONY: setup $(SETUPS)
setup:
	$(Q)tools/setup.sh
$(SETUPS): setup-%:
	$(Q)tools/setup.sh $*

# --- installation ------------------------------------------------------------------------------

INSTALLED_AGENT      := $(DESTDIR)$(PREFIX)/bin/alumet-agent
INSTALLED_MAN        := $(DESTDIR)$(PREFIX)/share/man/man1/alumet-agent.1
# Where each shell looks for completions; Debian's zsh has another folder for those of packages.
COMPLETE_BASH := $(PREFIX)/share/bash-completion/completions
COMPLETE_FISH := $(PREFIX)/share/fish/vendor_completions.d
COMPLETE_ZSH  ?= $(PREFIX)/share/zsh/site-functions
INSTALLED_COMPLETIONS := $(addprefix $(DESTDIR),$(COMPLETE_BASH)/alumet-agent \
	$(COMPLETE_FISH)/alumet-agent.fish $(COMPLETE_ZSH)/_alumet-agent)

install: all
	install -D -m 755 $(AGENT) $(INSTALLED_AGENT)
	install -D -m 644 man/alumet-agent.1 $(INSTALLED_MAN)
	install -D -m 644 completions/alumet-agent.bash $(DESTDIR)$(COMPLETE_BASH)/alumet-agent
	install -D -m 644 completions/alumet-agent.fish $(DESTDIR)$(COMPLETE_FISH)/alumet-agent.fish
	install -D -m 644 completions/alumet-agent.zsh $(DESTDIR)$(COMPLETE_ZSH)/_alumet-agent
ifneq ($(filter command%,$(origin GROUP)),)
	chgrp $(GROUP) $(INSTALLED_AGENT)
	chmod 0750 $(INSTALLED_AGENT)
endif
ifeq ($(SETCAP),1)
	setcap cap_bpf,cap_perfmon=ep $(INSTALLED_AGENT)
endif

# With the PREFIX and DESTDIR of install. Folders stay: others may have files there.
uninstall:
	rm -f $(INSTALLED_AGENT) $(INSTALLED_MAN) $(INSTALLED_COMPLETIONS)

clean:
	$(Q)rm -rf build

help:
	@echo 'make                 build $(AGENT)'
	@echo 'make run [CMD="…"]   set up this machine, build, trace a command and show the result'
	@echo 'make test            set up this machine, then make check'
	@echo 'make check           build, and run every test; installs nothing'
	@echo 'make check-unit      unit tests alone: no privileges needed'
	@echo 'make test-vm         other kernels and arm64 in QEMU; VM="$(VM)"'
	@echo 'make test-debian13   make run and make test in a fresh Debian 13; test-debian12 likewise'
	@echo 'make fuzz            TARGET="$(TARGET)" SECONDS=$(SECONDS)'
	@echo 'make fuzz-pack       keep the fewest inputs that reach as much, packed; TARGET=…'
	@echo 'make inject          every allocation and system call of a run fails once'
	@echo 'make lint            cppcheck, clang-tidy, gcc -fanalyzer'
	@echo 'make valgrind        the unit tests and the stored inputs of fuzzing under valgrind'
	@echo 'make coverage        lines that the unit and integration tests reach, by folder'
	@echo 'make bench           the agent beside perf stat and others; BENCH="--help"'
	@echo 'make spank           the plugin of Slurm (libslurm-dev); make install-spank puts it into $(SPANK_DIR)'
	@echo 'make install         PREFIX=$(PREFIX) DESTDIR= SETCAP=1 to run without root; GROUP=perf for that group only'
	@echo 'make uninstall       what make install put there; PREFIX and DESTDIR as then'
	@echo 'make deb             Debian packages for this release, in build/dist; ARCH=arm64 cross-builds them'
	@echo 'make static          the same program for any distribution, a tarball; ARCH=arm64'
	@echo 'make dist            the sources, a tarball; make sbom: what the program is made of (SPDX)'
	@echo 'make test-packages   packages of Debian 12 and 13, built, installed, used and purged in chroots'
	@echo 'make test-static     the static program beside busybox alone, musl, and Ubuntu 18.04'
	@echo 'make test-reproducible   two clones of this commit make the same bytes; make test-sbom'
	@echo 'make clean           remove build/'
	@echo 'STATIC=1 links statically, ARCH=arm64 or x86_64 builds for another machine than this.'
	@echo 'V=1 shows commands, SANITIZE=1 builds with address and undefined-behaviour sanitizers.'

-include $(OBJ:.o=.d) $(BPF_OBJ:.o=.d) $(LIGHT_OBJ:.o=.d) $(PROFILE_OBJ:.o=.d) $(NAMES_OBJ:.o=.d) \
	$(WATCH_OBJ:.o=.d) $(LIGHT_WATCH_OBJ:.o=.d) $(UNIT:=.d) $(HELPERS:=.d) $(TOOLS:=.d)
