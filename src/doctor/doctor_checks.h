/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of an examination, and what they share. */
#ifndef AGENT_DOCTOR_CHECKS_H
#define AGENT_DOCTOR_CHECKS_H

#include "config/config.h"
#include "doctor/doctor_report.h"

struct examination {
	const struct config *config;
	const char *sysroot; /* without a slash at its end: "" for "/" */
	struct report *report;
	enum verdict no_bpf; /* what it means when BPF does not work: FATAL if perf is on */
	bool may_bpf;        /* the privileges for BPF are there */
	bool may_perf;       /* those for perf events on whole CPUs are */
	char remedy[512];    /* the command that grants what is missing of them */
};

/* Kernel version, BTF, settings; must be first. */
void doctor_check_kernel(struct examination *examination);
/* User and capabilities; before all that follow. */
void doctor_check_privileges(struct examination *examination);
/* Whether ring buffer and programs can be made and attached: by doing it. */
void doctor_check_bpf(struct examination *examination);
/* PMUs, and which events open. */
void doctor_check_events(struct examination *examination);
/* Each backend with its domains and their first reading. */
void doctor_check_rapl(struct examination *examination);
/* Whether the outputs that are on can be opened. */
void doctor_check_outputs(struct examination *examination);
/* Container and virtual machine. */
void doctor_check_machine(struct examination *examination);

/* The engine of the container that this seems to be, or NULL. */
const char *doctor_find_container(const struct examination *examination);

/*
 * The text of a file below the sysroot, without a newline at its end. Returns false when it cannot
 * be read; text is then "".
 */
bool doctor_read(const struct examination *examination, const char *path, char *text, size_t size);

/* Whether a file or folder is there below the sysroot. */
bool doctor_exists(const struct examination *examination, const char *path);

/* The settings of an enabled plugin, or NULL. */
const struct plugin_config *doctor_plugin(const struct examination *examination, const char *name);

/*
 * What is told on stderr between the two calls is caught instead. doctor_said_end() returns the
 * text without the program's name and the newline at its end, to be freed; "" or NULL when nothing
 * could be caught.
 */
struct said {
	int saved, file;
};

void doctor_said_begin(struct said *said);
char *doctor_said_end(struct said *said);

/*
 * Take out of such a text, in place, what the report itself has: the advice to ask the doctor,
 * the command that grants capabilities, and the one to name other events. text may be NULL.
 */
void doctor_strip_advice(char *text);

#endif
