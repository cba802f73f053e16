/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/debug_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "linux/privilege.h"
#include "linux/regular_file.h"
#include "symbols/elf_headers.h"

/*
 * Files are mapped into memory: the debugging information of a browser has some gigabytes. The
 * address sanitizer maps terabytes of shadow memory.
 */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX ((rlim_t)8 << 30)
#endif

/* Compressed sections may inflate to gigabytes: without memory, this process is killed first. */
static void offer_memory(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	if (!file)
		return;
	fputs("1000", file); /* everybody may raise it; an error changes little */
	fclose(file);
}

/*
 * Give up all privileges except reading. Like any program of the user's, the child ends on Ctrl-C;
 * it also ends with the agent, and dumps no core.
 */
static void become_harmless(pid_t parent)
{
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX}, none = {0, 0};
	sigset_t empty;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	offer_memory();
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_DATA, &memory);
	privilege_give_up();
}

static size_t length_of(const char *name)
{
	return strnlen(name, DEBUG_NAME_MAX - 1);
}

static void write_answer(FILE *out, size_t question, size_t address,
                         const struct debug_functions *functions)
{
	struct debug_answer answer = {.question = (uint32_t)question,
	                              .address = (uint32_t)address,
	                              .n = (uint32_t)functions->n};

	for (size_t i = 0; i < functions->n; i++)
		answer.size += (uint32_t)length_of(functions->names[i]) + 1;
	fwrite(&answer, sizeof(answer), 1, out);
	for (size_t i = 0; i < functions->n; i++) {
		fwrite(functions->names[i], 1, length_of(functions->names[i]), out);
		putc('\0', out);
	}
}

/*
 * Open the file again, because libdw closes the descriptor. The build id tells whether the file was
 * replaced.
 */
static int open_file(const struct debug_question *question)
{
	uint8_t build_id[ELF_BUILD_ID_SIZE];
	bool is_it;
	Elf *elf;
	int fd;

	if (question->fd >= 0)
		fd = fcntl(question->fd, F_DUPFD_CLOEXEC, 0);
	else
		fd = question->path ? regular_file_open(question->path, 0, NULL) : -1;
	if (fd < 0 || !question->build_id)
		return fd;
	elf = elf_headers_open(fd);
	is_it = elf && elf_build_id(elf, build_id) &&
	        memcmp(build_id, question->build_id, sizeof(build_id)) == 0;
	elf_end(elf);
	if (is_it)
		return fd;
	close(fd);
	return -1;
}

/* Add symbols, those of .gnu_debugdata too, where debugging information has no function. */
static void add_symbols(const struct libdw *libdw, struct dwfl_module *module,
                        const struct debug_question *question, struct debug_functions *functions)
{
	uint64_t bias;

	if (!libdw->dwfl_module_getelf(module, &bias))
		return;
	for (size_t i = 0; i < question->n; i++) {
		if (functions[i].n == 0)
			functions[i].names[0] = libdw->dwfl_module_addrname(
				module, question->addresses[i] + bias);
		functions[i].n += functions[i].n == 0 && functions[i].names[0];
	}
}

static void answer_one(const struct libdw *libdw, const struct dwfl_callbacks *callbacks,
                       const struct debug_question *question, size_t number, FILE *out)
{
	struct debug_functions *functions = calloc(question->n, sizeof(*functions));
	const char *path = question->path ? question->path : "";
	struct dwfl *dwfl = libdw->dwfl_begin(callbacks);
	const int fd = dwfl && functions ? open_file(question) : -1;
	struct dwfl_module *module =
		fd >= 0 ? libdw->dwfl_report_offline(dwfl, path, path, fd) : NULL;
	struct dwarf *dwarf;
	uint64_t bias;

	if (module) {
		libdw->dwfl_report_end(dwfl, NULL, NULL);
		dwarf = libdw->dwfl_module_getdwarf(module, &bias);
		if (dwarf)
			debug_walk(libdw, dwarf, question->addresses, question->n, functions);
		add_symbols(libdw, module, question, functions);
		for (size_t i = 0; i < question->n; i++) {
			if (functions[i].n > 0)
				write_answer(out, number, i, &functions[i]);
		}
		fflush(out);
	}
	if (dwfl)
		libdw->dwfl_end(dwfl);
	free(functions);
}

static enum debug_outcome load(struct libdw *libdw)
{
	switch (libdw_load(libdw)) {
	case 0:
		return DEBUG_ALL;
	case -ENOTSUP:
		return DEBUG_STATIC;
	default:
		return DEBUG_NO_LIBRARY;
	}
}

_Noreturn void debug_child(pid_t parent, int pipe, const struct debug_question *questions,
                           size_t n, const char *debug_root)
{
	struct libdw libdw;
	struct debug_answer end = {.question = DEBUG_END};
	char path[PATH_MAX], *paths = path;
	FILE *out;

	become_harmless(parent);
	out = fdopen(pipe, "w");
	if (!out)
		_exit(EXIT_FAILURE);
	end.n = load(&libdw);
	snprintf(path, sizeof(path), "+:.debug:%s", debug_root);
	if (end.n == DEBUG_ALL) {
		const struct dwfl_callbacks callbacks = {
			.find_debuginfo = libdw.dwfl_standard_find_debuginfo,
			.section_address = libdw.dwfl_offline_section_address,
			.debuginfo_path = &paths,
		};

		for (size_t i = 0; i < n; i++)
			answer_one(&libdw, &callbacks, &questions[i], i, out);
	}
	fwrite(&end, sizeof(end), 1, out);
	fflush(out);
	_exit(EXIT_SUCCESS);
}
