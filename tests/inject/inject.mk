# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An agent with sanitizers whose n-th call fails; see inject.c. Included by quality.mk.
#
#   make inject [INJECT_ARGS="--scenario rapl --from 100"]

INJECTED := malloc calloc realloc reallocarray strdup strndup asprintf vasprintf open_memstream \
	__getdelim mmap fopen fdopen opendir open openat read pread write fstat stat fsync \
	ftruncate rename readlink epoll_create1 epoll_ctl epoll_wait timerfd_create \
	timerfd_settime signalfd socket bind waitpid syscall clone bpf_map_update_elem \
	bpf_map_lookup_batch bpf_map_create bpf_prog_test_run_opts ring_buffer__new \
	bpf_program__attach _Znwm

INJECT_ARGS ?=

inject: setup-test
	$(Q)$(MAKE) --no-print-directory $(JOBS) SANITIZE=1 inject-agent
	$(Q)tests/inject/inject.py build/sanitize/inject/alumet-agent $(INJECT_ARGS)
	$(Q)tests/inject/inject_saved.py build/sanitize/inject/alumet-agent

.PHONY: inject inject-agent
inject-agent: $(O)/inject/alumet-agent

$(O)/inject/alumet-agent: tests/inject/inject.c tests/inject/inject_new.cpp $(MAIN) $(LIB) \
		tests/inject/inject.mk
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS_ALL) -std=c17 -O1 -g $(CFLAGS) -fPIE -c $< -o $(@D)/inject.o
	$(Q)$(CXX) $(CPPFLAGS_ALL) -std=c++17 -O1 -g -fPIE -c tests/inject/inject_new.cpp \
		-o $(@D)/inject_new.o
	$(Q)$(CXX) $(LDFLAGS_ALL) -fsanitize=address,undefined -o $@ $(INJECTED:%=-Wl,--wrap=%) \
		$(MAIN) $(@D)/inject.o $(@D)/inject_new.o $(LIB) $(LDLIBS)
