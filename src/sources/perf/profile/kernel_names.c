/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/kernel_names.h"

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/kernel_name.h"
#include "core/log.h"
#include "linux/privilege.h"
#include "symbols/kallsyms.h"

#include "names.skel.h"

struct kernel_names {
	enum kernel_names_way way;
	const char *path;
	bool is_open;
	struct names_bpf *bpf;     /* NULL: there is no such program */
	struct kallsyms *kallsyms; /* NULL: not read, or unreadable */
};

struct kernel_names *kernel_names_new(enum kernel_names_way way, const char *kallsyms)
{
	struct kernel_names *names = calloc(1, sizeof(*names));

	if (names)
		*names = (struct kernel_names){.way = way, .path = kallsyms};
	return names;
}

void kernel_names_free(struct kernel_names *names)
{
	if (!names)
		return;
	names_bpf__destroy(names->bpf);
	kallsyms_free(names->kallsyms);
	free(names);
}

static void open_names(struct kernel_names *names)
{
	names->is_open = true;
	if (names->way == KERNEL_NAMES_ASK) {
		privilege_raise();
		names->bpf = names_bpf__open_and_load();
		privilege_lower();
	}
	if (names->bpf && names->bpf->bss)
		return;
	names_bpf__destroy(names->bpf); /* not mapped: see libbpf_load() */
	names->bpf = NULL;
	log_debug("profile: names of the kernel's functions are read from %s", names->path);
	kallsyms_read(names->path, &names->kallsyms);
}

/* Split "nfs_read [nfs]" into two strings. */
static const char *split(char *name, const char **module)
{
	char *space = strchr(name, ' ');

	if (space && space[1] == '[') {
		*space = '\0';
		*module = space + 1;
	}
	return name;
}

static const char *ask(struct kernel_names *names, uint64_t address, const char **module)
{
	struct kernel_name *asked = &names->bpf->bss->asked;
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int err;

	asked->address = address;
	privilege_raise();
	err = bpf_prog_test_run_opts(bpf_program__fd(names->bpf->progs.on_name), &options);
	privilege_lower();
	if (err || options.retval || strncmp(asked->name, "0x", 2) == 0)
		return NULL;
	return split(asked->name, module);
}

const char *kernel_names_find(struct kernel_names *names, uint64_t address, const char **module)
{
	*module = NULL;
	if (!names->is_open)
		open_names(names);
	if (names->bpf)
		return ask(names, address, module);
	return names->kallsyms ? kallsyms_name(names->kallsyms, address, module) : NULL;
}

bool kernel_names_are_hidden(const struct kernel_names *names)
{
	return names->is_open && !names->bpf && !names->kallsyms;
}
