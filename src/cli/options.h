/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action {
	ACTION_EXEC,
	ACTION_CONFIG_REGEN,
	ACTION_PLUGINS_LIST,
	ACTION_DOCTOR,
	ACTION_REPORT,
	ACTION_CALIBRATE,
	ACTION_COMPARE,
	ACTION_SEND,
	ACTION_WATCH
};

/* Default argument of --profile: samples per second. */
#define PROFILE_DEFAULT "99"

struct options {
	enum action action;
	char **command; /* ACTION_EXEC: the command's argv, NULL-terminated; in main's argv */
	const char *config_path; /* --config, else $ALUMET_CONFIG, else "alumet-config.toml" */
	bool config_named;       /* by --config or $ALUMET_CONFIG: it must exist */
	bool no_default_config;  /* likewise */
	const char **overrides;  /* --config-override, in order */
	size_t n_overrides;
	char **plugins; /* --plugins, split; NULL: not given */
	size_t n_plugins;
	char *events;         /* -e, several joined with ','; NULL: not given */
	const char **outputs; /* -o, --output-file, in order */
	size_t n_outputs;
	char *interval; /* -I, a duration; NULL: not given */
	const char **
		files; /* ACTION_REPORT, ACTION_COMPARE: files to read, pointers into main's argv */
	size_t n_files;
	const char **pids; /* ACTION_WATCH: words that should be pids, pointers into main's argv */
	size_t n_pids;
	const char **comms; /* --comm, in order */
	size_t n_comms;
	const char **cgroups; /* --cgroup, in order */
	size_t n_cgroups;
	const char **containers; /* --container, in order */
	size_t n_containers;
	bool all;            /* --all */
	uint64_t for_ns;     /* --for; 0: not given */
	const char *format;  /* --format; NULL: not given */
	const char *report;  /* exec --report; NULL: not given */
	const char *by;      /* --by; NULL: not given */
	const char *profile; /* --profile, PROFILE_DEFAULT without an argument; NULL: not given */
	bool trust_others;   /* --trust-others */
	bool ignore_exit_code;
	bool wait_tree;
	const char *user;         /* --user: user that the command runs as; NULL: not given */
	uint32_t repeat;          /* exec -r; 0: not given */
	uint32_t warmup;          /* exec --warmup */
	const char *fail_above;   /* compare --fail-above; NULL: not given */
	bool json;                /* doctor --json */
	int verbosity;            /* -q: -1; -v: 1; -vv: 2 */
	const char *to;           /* send --to; NULL: not given */
	const char *token_file;   /* send --token-file; NULL: not given */
	bool per_process;         /* send --per-process */
	bool dry_run;             /* send --dry-run */
	const char *summary_path; /* the FILE of --summary=MODE:FILE; NULL: not given */
	const char *color;        /* --color; NULL: not given */
	const char *progress;     /* --progress; "never" with -q alone; NULL: not given */
	const char *summary;      /* --summary; "none" with -q alone; NULL: not given */
};

/*
 * Parse the command line. Returns 0; -EINVAL after logging what is wrong (exit with EXIT_USAGE of
 * core/exit_status.h); -ENOMEM, logged (EXIT_AGENT); or, if there is nothing more to do (--help,
 * --version), the exit status plus one. Keeps pointers into argv.
 */
int options_parse(int argc, char **argv, struct options *options);
void options_free(struct options *options);

#endif
