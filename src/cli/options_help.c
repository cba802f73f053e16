/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_help.h"

#include <bpf/libbpf.h>
#include <string.h>

#include "revision.h"

#define EXEC_DOCTOR (FOR(ACTION_EXEC) | FOR(ACTION_DOCTOR))
/* The formats of report. */
#define REPORT_FORMATS_HELP                                                                        \
	"text (the default), html, markdown, json, openmetrics,\n"                                 \
	"folded, perfetto or firefox"

/* Those that read saved runs, and no configuration. */
#define SAVED (FOR(ACTION_REPORT) | FOR(ACTION_COMPARE))

/* Those that read a configuration; config regen writes the defaults. */
#define READERS (FOR_ALL & ~FOR(ACTION_CONFIG_REGEN) & ~SAVED)

const struct option_info option_table[] = {
	{"events", 'e', "EVENTS", EXEC_DOCTOR,
         "what to count, separated by commas, instead of the\n"
         "configured events; may be given several times"},
	{"output-file", 'o', "FILE", READERS | SAVED,
         "where the CSV file goes, or FORMAT:FILE where that of\n"
         "another output goes; once for each output. %h is the\n"
         "host's name, %p the agent's pid, %t the start time\n"
         "(20241231T235959Z), %r the rank of a Slurm, Open MPI\n"
         "or PMI task, %% a percent sign"},
	{"interval", 'I', "MS", EXEC_DOCTOR,
         "poll interval of every source, in milliseconds or with\n"
         "a unit: 100ms, 2s; 0: no rows but the last ones"},
	{"repeat", 'r', "N", FOR(ACTION_EXEC),
         "run the command N times; the file has all runs, the\n"
         "summary their mean, spread and outliers"},
	{"warmup", OPTION_WARMUP, "K", FOR(ACTION_EXEC),
         "run the command K times before, without measuring"},
	{"fail-above", OPTION_FAIL_ABOVE, "LIMIT", FOR(ACTION_COMPARE),
         "exit with 1 if NEW costs more than BASE by this much:\n"
         "5% (of CPU time), or cpu=5%,wall=10%,energy=3%"},
	{"wait-tree", OPTION_WAIT_TREE, NULL, FOR(ACTION_EXEC),
         "measure until the last descendant of the command has\n"
         "ended, not only the command itself"},
	{"user", OPTION_USER, "NAME", FOR(ACTION_EXEC),
         "run the command as this user, who owns the agent's\n"
         "files, too; for root (sudo)"},
	{"summary", OPTION_SUMMARY, "MODE[:FILE]", FOR(ACTION_EXEC),
         "what is shown at the end: none, short, full, json or\n"
         "markdown; on stderr, or written to the file"},
	{"color", OPTION_COLOR, "WHEN", FOR(ACTION_EXEC),
         "whether the summary is in colour: auto, always, never"},
	{"report", OPTION_REPORT, "FORMAT", FOR(ACTION_EXEC),
         "also make a report beside the CSV file, as 'report\n"
         "--format' does: --report=html makes the page"},
	{"ignore-exit-code", OPTION_IGNORE_EXIT_CODE, NULL, FOR(ACTION_EXEC),
         "exit with 0 whatever the command returned"},
	{"json", OPTION_JSON, NULL, FOR(ACTION_DOCTOR), "write the findings as JSON"},
	{"format", OPTION_FORMAT, "FORMAT", SAVED,
         "what the report is written as:\n" REPORT_FORMATS_HELP},
	{"by", OPTION_BY, "COST", FOR(ACTION_EXEC) | FOR(ACTION_REPORT),
         "what counts, and sorts summary and report: energy,\n"
         "cpu, wall, rss, or an event that is counted"},
	{"config", OPTION_CONFIG, "FILE", FOR_ALL & ~SAVED,
         "configuration file, which must exist (default:\n"
         "$ALUMET_CONFIG, else alumet-config.toml if there is\n"
         "one)"},
	{"no-default-config", OPTION_NO_DEFAULT_CONFIG, NULL, READERS,
         "fail if there is no configuration file"},
	{"config-override", OPTION_CONFIG_OVERRIDE, "TOML", READERS,
         "set keys over the file's, for example\n"
         "plugins.rapl.poll_interval='10ms'; may be given\n"
         "several times"},
	{"trust-others", OPTION_TRUST_OTHERS, NULL, FOR_ALL,
         "read the configuration file of others that nobody\n"
         "named, and write to files of others where others may\n"
         "create files"},
	{"plugins", OPTION_PLUGINS, "NAMES", FOR_ALL & ~SAVED,
         "the plugins to switch on, separated by commas; all\n"
         "others are off"},
	{"verbose", 'v', NULL, FOR_ALL, "say more; twice: even more"},
	{"quiet", 'q', NULL, FOR_ALL,
         "say nothing but errors, and show no summary unless\n"
         "--summary asks for it"},
	{"help", 'h', NULL, FOR_ALL, "show this help, or that of the sub-command"},
	{"version", OPTION_VERSION, NULL, FOR_ALL, "show version and build information"},
	{"max-update-interval", OPTION_ACCEPTED, "DURATION", FOR_ALL, NULL},
	{"source-channel-size", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"normal-worker-threads", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"priority-worker-threads", OPTION_ACCEPTED, "N", FOR_ALL, NULL},
	{"names", OPTION_NAMES, NULL, FOR(ACTION_PLUGINS_LIST), NULL},
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
                 "Run COMMAND and measure every process that it becomes: performance counters\n"
                 "for each process, and the energy that the machine used meanwhile.\n"
                 "Options end at the first word that is not one: that is COMMAND, and everything\n"
                 "after it belongs to it.\n"
                 "The exit status is the command's; 128 + n if signal n killed it, 127 and 126 if\n"
                 "it was not found or could not be run, 125 if the agent itself failed.\n",
                 "  alumet-agent exec make -j8\n"
                 "  alumet-agent exec -e cycles,instructions,page-faults -o run.csv ./job --fast\n"
                 "  alumet-agent exec -I 100 --summary=full -- ./script.sh\n"
                 "  alumet-agent --plugins rapl,csv exec sleep 10\n"},
	[ACTION_CONFIG_REGEN] =
		{"config regen", "alumet-agent [OPTIONS] config regen",
                 "Write the default configuration, every key with its explanation, to a file.\n"
                 "With --plugins only the tables of those. An existing file is replaced.\n",
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
                 "Show what saved runs cost: as text, as a page for the browser, or for another\n"
                 "tool. FILE is a CSV file that exec or Alumet has written, also compressed with\n"
                 "gzip or zstd, or a quoted pattern; \"-\" is the standard input. Without FILE it is\n"
                 "the file that exec writes when none is named, alumet-output.csv. A damaged file is\n"
                 "read as far as it goes, and that is said.\n",
                 "  alumet-agent report\n"
                 "  alumet-agent report -o build.html build.csv\n"
                 "  alumet-agent report --format folded --by energy 'run-*.csv.zst'\n"},
	[ACTION_COMPARE] =
		{"compare", "alumet-agent [OPTIONS] compare [OPTIONS] BASE NEW",
                 "Tell what NEW costs more or less than BASE, and whether that is more than noise.\n"
                 "Each is a file of 'exec -r N', or a quoted pattern of files with one run or more\n"
                 "each. Exit status 1 if a limit of --fail-above is exceeded.\n",
                 "  alumet-agent compare base.csv new.csv\n"
                 "  alumet-agent compare --fail-above 5% 'base-*.csv' 'new-*.csv'\n"},
	[ACTION_DOCTOR] =
		{"doctor", "alumet-agent [OPTIONS] doctor",
                 "Check what this machine lets the agent measure, and tell what mends what is\n"
                 "missing. Exit status 0 if exec would work, 1 if not, 125 if that could not be\n"
                 "found out or written.\n",
                 "  alumet-agent doctor\n"
                 "  alumet-agent doctor -e cycles,LL_READ_MISS --json\n"},
	[ACTION_CALIBRATE] =
		{"calibrate", "alumet-agent [OPTIONS] calibrate",
                 "Measure what the CPUs' packages and memory draw when nothing runs, and store it:\n"
                 "the attribution of energy takes that for the part that nobody used. Takes 10\n"
                 "seconds on an idle machine, and is valid on that machine only.\n",
                 "  sudo alumet-agent calibrate\n"},
};

const char *action_name(enum action action)
{
	return action_helps[action].name;
}

/* Column where the explanation of an option begins; 54 columns are left on a terminal of 80. */
#define HELP_COLUMN 26

/* Two options mean something else, or less, to some sub-commands. */
static const char *help_of(const struct option_info *option, unsigned int actions)
{
	if (option->code == OPTION_CONFIG && actions == FOR(ACTION_CONFIG_REGEN))
		return "the file to write (default: $ALUMET_CONFIG, else\n"
		       "alumet-config.toml)";
	if (option->code == 'o' && actions == FOR(ACTION_COMPARE))
		return "where the comparison goes, the standard output if not\n"
		       "given";
	if (option->code == OPTION_FORMAT && actions == FOR(ACTION_COMPARE))
		return "text, markdown or json";
	if (option->code == 'o' && actions == FOR(ACTION_REPORT))
		return "where the report goes, the standard output if not\n"
		       "given; its end tells the format: .html, .json …";
	if (option->code == 'q' && !(actions & FOR(ACTION_EXEC)))
		return "say nothing but errors";
	return option->help;
}

static void print_option(FILE *out, const struct option_info *option, const char *line)
{
	int width = option->code < OPTION_CONFIG ? fprintf(out, "  -%c, ", option->code)
	                                         : fprintf(out, "      ");

	width += fprintf(out, "--%s", option->name);
	if (option->argument)
		width += fprintf(out, "%s%s", option->code < OPTION_CONFIG ? " " : "=",
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
			print_option(out, option, help_of(option, actions));
	}
}

void options_print_overview(FILE *out)
{
	fputs("Usage: alumet-agent [OPTIONS] SUB-COMMAND\n\n"
	      "Measure what a command and every process that it starts cost: performance\n"
	      "counters for each process, and the machine's energy (RAPL).\n\n"
	      "Sub-commands:\n"
	      "  exec COMMAND [ARG]...   run a command and measure it\n"
	      "  config regen            write the default configuration file, commented\n"
	      "  plugins list            list what can be measured and written\n"
	      "  report [FILE]...        show what saved runs cost, also as a page\n"
	      "  compare BASE NEW        tell what changed between runs, and what is noise\n"
	      "  doctor                  check what works on this machine, and what mends the\n"
	      "                          rest\n"
	      "  calibrate               measure what this machine draws when idle\n"
	      "  help [SUB-COMMAND]      show this help, or that of a sub-command\n\n"
	      "Options, before the sub-command or after it:\n",
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

void options_print_version(FILE *out)
{
	fprintf(out, "alumet-agent %s (revision %s)\n", ALUMET_VERSION, ALUMET_REVISION);
	fprintf(out, "libbpf %s, compiler %s, %s\n", libbpf_version_string(), __VERSION__,
#if defined(__x86_64__)
	        "x86_64"
#elif defined(__aarch64__)
	        "arm64"
#else
	        "another architecture"
#endif
	);
}
