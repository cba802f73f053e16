/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_help.h"

#include <bpf/libbpf.h>
#include <elfutils/version.h>
#include <gnu/libc-version.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "revision.h"

#define RUNS (FOR(ACTION_EXEC) | FOR(ACTION_WATCH))
#define RUNS_DOCTOR (RUNS | FOR(ACTION_DOCTOR))
/* The formats of report. */
#define REPORT_FORMATS_HELP                                                                        \
	"text (the default), html, markdown, json, openmetrics,\n"                                 \
	"folded, perfetto, firefox or pprof"

/* Sub-commands that read saved runs, and no configuration. */
#define SAVED (FOR(ACTION_REPORT) | FOR(ACTION_COMPARE))
#define SEND FOR(ACTION_SEND)

/* Sub-commands that read a configuration; config regen writes the defaults. */
#define READERS (FOR_ALL & ~FOR(ACTION_CONFIG_REGEN) & ~SAVED & ~SEND)

const struct option_info option_table[] = {
	{"events", 'e', "EVENTS", RUNS_DOCTOR,
         "events to count, separated by commas, instead of the\n"
         "configured ones; may be given several times"},
	{"output-file", 'o', "FILE", READERS | SAVED,
         "file for the CSV output, or FORMAT:FILE for that of\n"
         "another output; once for each output. %h is the host's\n"
         "name, %p the agent's pid, %t the start time\n"
         "(20241231T235959Z), %j the job, %s the step and %r the\n"
         "rank of a task of Slurm, Open MPI or PMI, %n its node,\n"
         "%% a percent sign"},
	{"interval", 'I', "MS", RUNS_DOCTOR,
         "poll interval of all sources, in milliseconds or with\n"
         "a unit: 100ms, 2s; 0: only the last rows"},
	{"repeat", 'r', "N", FOR(ACTION_EXEC),
         "run the command N times; the file has all runs, the\n"
         "summary their mean, spread and outliers"},
	{"warmup", OPTION_WARMUP, "K", FOR(ACTION_EXEC),
         "first run the command K times without measuring"},
	{"fail-above", OPTION_FAIL_ABOVE, "LIMIT", FOR(ACTION_COMPARE),
         "exit with 1 if NEW costs more than BASE by this much:\n"
         "5% (of CPU time), or cpu=5%,wall=10%,energy=3%"},
	{"profile", OPTION_PROFILE, "[=HZ|EVENT]", RUNS,
         "sample the functions in which the processes spend\n"
         "their time: 99 times a second, HZ times, or by an\n"
         "event: --profile=page-faults,\n"
         "--profile=instructions@1000000"},
	{"wait-tree", OPTION_WAIT_TREE, NULL, FOR(ACTION_EXEC),
         "measure until the last descendant of the command has\n"
         "ended, not only the command itself"},
	{"user", OPTION_USER, "NAME", FOR(ACTION_EXEC),
         "run the command as this user, who also owns the\n"
         "agent's files; for root (sudo)"},
	{"summary", OPTION_SUMMARY, "MODE[:FILE]", RUNS,
         "summary at the end: none, short, full, json or\n"
         "markdown; on stderr, or written to the file"},
	{"color", OPTION_COLOR, "WHEN", RUNS | FOR(ACTION_REPORT),
         "colours in summary and report: auto, always, never"},
	{"progress", OPTION_PROGRESS, "WHEN", RUNS,
         "show the progress of a long run in one line: auto\n"
         "(unless the command writes to that terminal), always,\n"
         "never"},
	{"report", OPTION_REPORT, "FORMAT", RUNS,
         "after the run, also write a report beside the CSV\n"
         "file, as 'report --format' does: --report=html"},
	{"ignore-exit-code", OPTION_IGNORE_EXIT_CODE, NULL, FOR(ACTION_EXEC),
         "exit with 0 even if the command fails"},
	{"comm", OPTION_COMM, "NAME", FOR(ACTION_WATCH),
         "watch all processes with this name; may be given\n"
         "several times"},
	{"cgroup", OPTION_CGROUP, "PATH", FOR(ACTION_WATCH),
         "watch the processes in this cgroup and its\n"
         "descendants, while they are there; may be given\n"
         "several times"},
	{"container", OPTION_CONTAINER, "ID", FOR(ACTION_WATCH),
         "the same for the cgroup of a container, by its id or\n"
         "its name in Docker; may be given several times"},
	{"all", OPTION_ALL, NULL, FOR(ACTION_WATCH),
         "watch all processes of the machine; for root"},
	{"for", OPTION_FOR, "DURATION", FOR(ACTION_WATCH),
         "end after this time: seconds, or with a unit: 10s, 2m"},
	{"json", OPTION_JSON, NULL, FOR(ACTION_DOCTOR), "write the findings as JSON"},
	{"format", OPTION_FORMAT, "FORMAT", SAVED, "format of the report:\n" REPORT_FORMATS_HELP},
	{"by", OPTION_BY, "COST", RUNS | FOR(ACTION_REPORT),
         "sort summary and report by this cost, and compute\n"
         "percentages of it: energy, cpu, wall, rss, or a\n"
         "counted event"},
	{"to", OPTION_TO, "URL", SEND,
         "the store: influx+http://HOST:8086/write?db=NAME,\n"
         "clickhouse+http://HOST:8123/?table=processes or\n"
         "otlp+http://HOST:4318/v1/traces; also https"},
	{"token-file", OPTION_TOKEN_FILE, "FILE", SEND,
         "file with the store's token (default: ALUMET_TOKEN in\n"
         "the environment, if set)"},
	{"per-process", OPTION_PER_PROCESS, NULL, SEND,
         "line protocol: each process instead of sums"},
	{"dry-run", OPTION_DRY_RUN, NULL, SEND, "write to the standard output instead of sending"},
	{"config", OPTION_CONFIG, "FILE", FOR_ALL & ~FOR(ACTION_COMPARE) & ~SEND,
         "configuration file, which must exist (default:\n"
         "$ALUMET_CONFIG, else alumet-config.toml if there is\n"
         "one)"},
	{"no-default-config", OPTION_NO_DEFAULT_CONFIG, NULL, READERS,
         "fail if there is no configuration file"},
	{"config-override", OPTION_CONFIG_OVERRIDE, "TOML", READERS,
         "set keys of the configuration, overriding the file,\n"
         "for example plugins.rapl.poll_interval='10ms'; may be\n"
         "given several times"},
	{"trust-others", OPTION_TRUST_OTHERS, NULL, FOR_ALL & ~SEND,
         "read a default configuration file that others may have\n"
         "written, and write to other users' files in\n"
         "directories where others may create files"},
	{"plugins", OPTION_PLUGINS, "NAMES", FOR_ALL & ~SAVED & ~SEND,
         "plugins to switch on, separated by commas; all others\n"
         "are off"},
	{"verbose", 'v', NULL, FOR_ALL, "log more; twice: even more"},
	{"quiet", 'q', NULL, FOR_ALL,
         "log only errors, and show a summary only if --summary\n"
         "is given"},
	{"help", 'h', NULL, FOR_ALL, "show this help, or that of a sub-command"},
	{"version", OPTION_VERSION, NULL, FOR_ALL, "show version and build information"},
	{"max-update-interval", OPTION_ACCEPTED, "DURATION", FOR_ALL, NULL},
	{"source-channel-size", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"normal-worker-threads", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"priority-worker-threads", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"status", OPTION_STATUS, NULL, FOR(ACTION_PLUGINS_LIST), NULL},
	{0},
};

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= OPTIONS_MAX,
               "parsing has no room for all options");

struct action_help {
	const char *name;
	const char *usage;
	const char *text;
	const char *examples;
};

static const struct action_help action_helps[] = {
	[ACTION_EXEC] =
		{"exec", "alumet-agent [OPTIONS] exec [OPTIONS] [--] COMMAND [ARGUMENT]...",
                 "Run COMMAND and measure every process that it starts, directly or indirectly:\n"
                 "performance counters for each process, and the energy of the machine.\n"
                 "The first word that is not an option is COMMAND; everything after it belongs to\n"
                 "the command.\n"
                 "The exit status is that of the command; 128 + n if signal n killed it, 127 if it\n"
                 "was not found, 126 if it could not be executed, 125 if the agent itself failed.\n",
                 "  alumet-agent exec make -j8\n"
                 "  alumet-agent exec -e cycles,instructions,page-faults -o run.csv ./job --fast\n"
                 "  alumet-agent exec -I 100 --summary=full -- ./script.sh\n"
                 "  alumet-agent --plugins rapl,csv exec sleep 10\n"},
	[ACTION_WATCH] =
		{"watch", "alumet-agent [OPTIONS] watch [OPTIONS] [PID]...",
                 "Measure running processes, with all children that they have created or will\n"
                 "create, until all have ended, the time of --for is over, or Ctrl-C. Name them by\n"
                 "PID, --comm, --cgroup or --container, or use --all. They are not disturbed.\n"
                 "Counts begin when the agent adopts a process, which its rows show. The exit\n"
                 "status is 0; 125 if the agent failed.\n",
                 "  alumet-agent watch 1234\n"
                 "  alumet-agent watch --for 10s --summary=full --comm postgres\n"
                 "  sudo alumet-agent watch --cgroup system.slice/nginx.service\n"
                 "  sudo alumet-agent watch --all --for 1m -o machine.csv\n"},
	[ACTION_CONFIG_REGEN] =
		{"config regen", "alumet-agent [OPTIONS] config regen",
                 "Write the default configuration to a file, with an explanation of each key. With\n"
                 "--plugins, only the tables of these plugins. An existing file is replaced.\n",
                 "  alumet-agent config regen\n"
                 "  alumet-agent --config perf-only.toml --plugins perf,csv config regen\n"},
	[ACTION_PLUGINS_LIST] =
		{"plugins list", "alumet-agent [OPTIONS] plugins list",
                 "List the plugins, whether the configuration switches them on, and whether they\n"
                 "work on this machine.\n",
                 "  alumet-agent plugins list\n"
                 "  alumet-agent --plugins perf,csv plugins list\n"},
	[ACTION_REPORT] =
		{"report", "alumet-agent [OPTIONS] report [OPTIONS] [FILE]...",
                 "Show the costs of saved runs: as text, as a page for the browser, or for another\n"
                 "tool. FILE is a CSV file of exec or Alumet, which may be compressed with gzip or\n"
                 "zstd, or a quoted pattern; \"-\" is the standard input. The default is the newest\n"
                 "file that exec has written here without -o: alumet-output.csv, or the\n"
                 "output_path of the configuration. A damaged file is read up to the damage, which\n"
                 "is reported.\n",
                 "  alumet-agent report\n"
                 "  alumet-agent report -o build.html build.csv\n"
                 "  alumet-agent report --format folded --by energy 'run-*.csv.zst'\n"},
	[ACTION_COMPARE] =
		{"compare", "alumet-agent [OPTIONS] compare [OPTIONS] BASE NEW",
                 "Show the differences in cost between BASE and NEW, and whether they are more\n"
                 "than noise. Each is a file of 'exec -r N', or a quoted pattern of files with one\n"
                 "or more runs. The exit status is 1 if a limit of --fail-above is exceeded.\n",
                 "  alumet-agent compare base.csv new.csv\n"
                 "  alumet-agent compare --fail-above 5% 'base-*.csv' 'new-*.csv'\n"},
	[ACTION_SEND] =
		{"send", "alumet-agent [OPTIONS] send [OPTIONS] --to URL FILE...",
                 "Send saved runs to a store: sums of each command to InfluxDB or VictoriaMetrics\n"
                 "(line protocol), a trace of the processes over OTLP, or the rows of the output\n"
                 "\"processes\" to ClickHouse. FILE may be compressed, or a quoted pattern; it is\n"
                 "never changed. If the store is unavailable, the agent retries for half a minute,\n"
                 "or up to five minutes if the store asks for longer pauses. Sending a file again\n"
                 "makes no duplicates. The exit status is 1 if the store has not accepted\n"
                 "everything.\n",
                 "  alumet-agent send --to 'influx+http://localhost:8086/write?db=alumet' run.csv\n"
                 "  alumet-agent send --to clickhouse+http://localhost:8123/ 'processes-*.csv'\n"},
	[ACTION_DOCTOR] =
		{"doctor", "alumet-agent [OPTIONS] doctor",
                 "Check what the agent can measure on this machine, and show how to fix problems.\n"
                 "The exit status is 0 if exec would work, 1 if not, 125 if the check failed or\n"
                 "its output could not be written.\n",
                 "  alumet-agent doctor\n"
                 "  alumet-agent doctor -e cycles,LL_READ_MISS --json\n"},
	[ACTION_CALIBRATE] =
		{"calibrate", "alumet-agent [OPTIONS] calibrate",
                 "Measure the power of CPU packages and memory while the machine is idle, and\n"
                 "store it: it determines the idle part of the energy. Takes 10 seconds on an idle\n"
                 "machine, and is valid on that machine only.\n",
                 "  sudo alumet-agent calibrate\n"},
};

const char *action_name(enum action action)
{
	return action_helps[action].name;
}

const char *action_text(enum action action)
{
	return action_helps[action].text;
}

/* Column where an option's explanation begins; on a terminal of 80 columns, 54 are left. */
#define HELP_COLUMN 26

const char *option_help(const struct option_info *option, unsigned int actions)
{
	if (option->code == OPTION_CONFIG && actions == FOR(ACTION_CONFIG_REGEN))
		return "file to write (default: $ALUMET_CONFIG, else\n"
		       "alumet-config.toml)";
	if (option->code == OPTION_CONFIG && actions == FOR(ACTION_REPORT))
		return "configuration file that names the default for FILE\n"
		       "(default: $ALUMET_CONFIG, else alumet-config.toml if\n"
		       "there is one)";
	if (option->code == 'o' && actions == FOR(ACTION_COMPARE))
		return "file for the comparison (default: standard output)";
	if (option->code == OPTION_FORMAT && actions == FOR(ACTION_COMPARE))
		return "text, markdown or json";
	if (option->code == 'o' && actions == FOR(ACTION_REPORT))
		return "file for the report (default: standard output); its\n"
		       "suffix selects the format: .html, .json …";
	if (option->code == 'q' && !(actions & RUNS))
		return "log only errors";
	return option->help;
}

static void print_option(FILE *out, const struct option_info *option, const char *line)
{
	int width = option->code < OPTION_CONFIG ? fprintf(out, "  -%c, ", option->code)
	                                         : fprintf(out, "      ");

	width += fprintf(out, "--%s", option->name);
	if (option->argument)
		width += fprintf(out, "%s%s",
		                 option->code < OPTION_CONFIG ? " "
		                 : option_is_optional(option) ? ""
		                                              : "=",
		                 option->argument);
	if (width > HELP_COLUMN - 2) {
		fputc('\n', out);
		width = 0;
	}
	while (*line) {
		const size_t length = strcspn(line, "\n");

		fprintf(out, "%*s%.*s\n", HELP_COLUMN - width, "", (int)length, line);
		line += length + (line[length] == '\n');
		width = 0;
	}
}

static void print_options(FILE *out, unsigned int actions)
{
	for (const struct option_info *option = option_table; option->name; option++) {
		if (option->help && (option->actions & actions))
			print_option(out, option, option_help(option, actions));
	}
}

void options_print_overview(FILE *out)
{
	fputs("Usage: alumet-agent [OPTIONS] SUB-COMMAND\n\n"
	      "Measure the cost of a command and of every process that it starts: performance\n"
	      "counters for each process, and the machine's energy (RAPL).\n\n"
	      "Sub-commands:\n"
	      "  exec COMMAND [ARG]...   run a command and measure it\n"
	      "  watch PID...            measure running processes\n"
	      "  config regen            write the default configuration file, with comments\n"
	      "  plugins list            list sources, transforms and outputs\n"
	      "  report [FILE]...        show the costs of saved runs, also as a page\n"
	      "  compare BASE NEW        show differences between runs, and which are noise\n"
	      "  send --to URL FILE...   send saved runs to a store\n"
	      "  doctor                  check what works on this machine, and how to fix\n"
	      "                          problems\n"
	      "  calibrate               measure the idle power of this machine\n"
	      "  help [SUB-COMMAND]      show this help, or that of a sub-command\n\n"
	      "Options, before or after the sub-command:\n",
	      out);
	print_options(out, FOR_ALL);
	fputs("\nExamples:\n", out);
	for (size_t i = 0; i < sizeof(action_helps) / sizeof(action_helps[0]); i++)
		fputs(action_helps[i].examples, out);
}

void options_print_help(FILE *out, enum action action)
{
	const struct action_help *help = &action_helps[action];

	fprintf(out, "Usage: %s\n\n%s\nOptions:\n", help->usage, help->text);
	print_options(out, FOR(action));
	fprintf(out, "\nExamples:\n%s", help->examples);
}

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "another architecture"
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#ifdef ALUMET_STATIC
#define LINKED ", linked statically"
#else
#define LINKED ""
#endif

void options_print_version(FILE *out)
{
	fprintf(out, "alumet-agent %s (revision %s)\n", ALUMET_VERSION, ALUMET_REVISION);
	fprintf(out, "for %s by %s, BPF programs by %s and %s\n", ARCHITECTURE, COMPILER,
	        ALUMET_BPF_COMPILER, ALUMET_BPF_LINKER);
	fprintf(out, "libbpf %s, libelf 0.%d, zlib %s, zstd %s, glibc %s%s\n",
	        libbpf_version_string(), _ELFUTILS_VERSION, zlibVersion(), ZSTD_versionString(),
	        gnu_get_libc_version(), LINKED);
}
