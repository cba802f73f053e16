/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_check.h"
#include "cli/options_errors.h"
#include "cli/options_help.h"
#include "cli/options_set.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "core/log_write.h"

#define DEFAULT_CONFIG "alumet-config.toml"

/* Return value of options_parse() to end the program with an exit status. */
#define EXIT_WITH(status) ((status) + 1)

/* State of one options_parse() call. */
struct parser {
	int argc;
	char **argv;
	struct options *options;
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 3];
	bool given[OPTIONS_MAX]; /* by index of option_table */
	bool has_action, help;
};

/* Build both getopt descriptions of the option table. */
static void make_getopt_tables(struct parser *parser)
{
	char *s = parser->shorts;
	size_t i;

	*s++ = '+'; /* stop at the first word that is not an option */
	*s++ = ':'; /* distinguish a missing argument from an unknown option */
	for (i = 0; option_table[i].name; i++) {
		const struct option_info *info = &option_table[i];

		parser->longs[i] = (struct option){
			.name = info->name,
			.has_arg = !info->argument            ? no_argument
		                   : option_is_optional(info) ? optional_argument
		                                              : required_argument,
			.val = info->code,
		};
		if (info->code < OPTION_CONFIG) {
			*s++ = (char)info->code;
			if (info->argument)
				*s++ = ':';
		}
	}
	parser->longs[i] = (struct option){0};
	*s = '\0';
}

/* For options that only print: --help and --version. */
static int printed(void)
{
	return EXIT_WITH(log_flush_output("to the standard output") ? EXIT_AGENT : EXIT_SUCCESS);
}

static int print_version(void)
{
	options_print_version(stdout);
	return printed();
}

/* Options that only set a member of struct options to true, or to their argument. */
static const struct simple_option {
	int code;
	size_t offset;
} flags[] = {
	{OPTION_NO_DEFAULT_CONFIG, offsetof(struct options, no_default_config)},
	{OPTION_WAIT_TREE, offsetof(struct options, wait_tree)},
	{OPTION_TRUST_OTHERS, offsetof(struct options, trust_others)},
	{OPTION_IGNORE_EXIT_CODE, offsetof(struct options, ignore_exit_code)},
	{OPTION_PER_PROCESS, offsetof(struct options, per_process)},
	{OPTION_DRY_RUN, offsetof(struct options, dry_run)},
	{OPTION_ALL, offsetof(struct options, all)},
	{OPTION_JSON, offsetof(struct options, json)},
}, texts[] = {
	{OPTION_FAIL_ABOVE, offsetof(struct options, fail_above)},
	{OPTION_TO, offsetof(struct options, to)},
	{OPTION_TOKEN_FILE, offsetof(struct options, token_file)},
	{OPTION_BY, offsetof(struct options, by)},
};

/* Returns whether the option is one of them. */
static bool take_simple(struct options *options, int code)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (flags[i].code == code) {
			*(bool *)((char *)options + flags[i].offset) = true;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (texts[i].code == code) {
			*(const char **)((char *)options + texts[i].offset) = optarg;
			return true;
		}
	}
	return false;
}

/* Options whose empty argument (--by="$UNSET") would be accepted. Others refuse it themselves. */
static bool is_empty_argument(int code)
{
	static const int refused[] = {OPTION_BY,     OPTION_TO,        OPTION_TOKEN_FILE,
	                              OPTION_CGROUP, OPTION_CONTAINER, OPTION_CONFIG_OVERRIDE,
	                              OPTION_PROFILE};

	for (size_t i = 0; optarg && !*optarg && i < sizeof(refused) / sizeof(*refused); i++) {
		if (refused[i] == code)
			return true;
	}
	return false;
}

static int take_option(struct parser *parser, int code)
{
	struct options *options = parser->options;

	if (is_empty_argument(code))
		return options_empty_argument(code);
	if (take_simple(options, code))
		return 0;
	switch (code) {
	case 'e':
		return options_add_events(options, optarg);
	case 'o':
		return options_add_output(options, optarg);
	case 'I':
		return options_set_interval(options, optarg);
	case 'v':
		options->verbosity = options->verbosity < 0 ? 1 : options->verbosity + 1;
		return 0;
	case 'q':
		options->verbosity = -1;
		return 0;
	case 'h':
		parser->help = true;
		return 0;
	case OPTION_CONFIG:
		return options_set_config(options, optarg);
	case OPTION_CONFIG_OVERRIDE:
		return options_add_override(options, optarg);
	case OPTION_PLUGINS:
		return options_add_plugins(options, optarg);
	case 'r':
		return options_set_count("-r", optarg, 1, &options->repeat);
	case OPTION_WARMUP:
		return options_set_count("--warmup", optarg, 0, &options->warmup);
	case OPTION_USER:
		return options_set_user(options, optarg);
	case OPTION_SUMMARY:
		return options_set_summary(options, optarg);
	case OPTION_COLOR:
		return options_set_when("--color", optarg, &options->color);
	case OPTION_PROGRESS:
		return options_set_when("--progress", optarg, &options->progress);
	case OPTION_FORMAT:
		return options_set_format("--format", optarg, &options->format);
	case OPTION_REPORT:
		return options_set_format("--report", optarg, &options->report);
	case OPTION_PROFILE:
		options->profile = optarg ? optarg : PROFILE_DEFAULT;
		return 0;
	case OPTION_COMM:
		return options_add_comm(options, optarg);
	case OPTION_CGROUP:
		return options_add_cgroup(options, optarg);
	case OPTION_CONTAINER:
		return options_add_container(options, optarg);
	case OPTION_FOR:
		return options_set_for(options, optarg);
	case OPTION_VERSION:
		return print_version();
	default: /* OPTION_ACCEPTED is logged by check_given(), OPTION_STATUS has no effect */
		return 0;
	}
}

/* ---- the line as a whole ---- */

/* The next word if it is a long option. getopt's optind is 0 before the first word. */
static const char *next_long_option(const struct parser *parser)
{
	const int next = optind ? optind : 1;
	const char *word = next < parser->argc ? parser->argv[next] : NULL;

	return word && strncmp(word, "--", 2) == 0 && word[2] ? word : NULL;
}

/* Take options up to the next word that is not one. Returns 0, an error, or EXIT_WITH(). */
static int take_options(struct parser *parser)
{
	for (;;) {
		const char *word = next_long_option(parser);
		int index = -1, err, code;

		/* getopt would accept an abbreviated name. */
		if (word && !options_has_long(word + 2))
			return options_refuse_long(word + 2);
		code = getopt_long(parser->argc, parser->argv, parser->shorts, parser->longs,
		                   &index);

		if (code == -1)
			return 0;
		if (code == '?')
			return options_refuse(parser->argv[optind - 1]);
		if (code == ':')
			return options_missing_argument(parser->argv[optind - 1]);
		for (int i = 0; index < 0 && option_table[i].name; i++) {
			if (option_table[i].code == code)
				index = i;
		}
		parser->given[index] = true;
		err = take_option(parser, code);
		if (err)
			return err;
	}
}

/* Whether "--" has just ended the options. */
static bool options_ended(const struct parser *parser)
{
	return optind > 1 && strcmp(parser->argv[optind - 1], "--") == 0;
}

/* The second word of "config regen" and "plugins list". */
static int take_second_word(struct parser *parser, const char *first, const char *second)
{
	const char *word = parser->argv[optind];
	int err;

	/* Options may stand between the two words. */
	if (!options_ended(parser)) {
		err = take_options(parser);
		if (err)
			return err;
		word = parser->argv[optind];
	}
	if (!word) {
		if (parser->help)
			return 0;
		log_error("%s: an argument is missing; write: alumet-agent %s %s", first, first,
		          second);
		return -EINVAL;
	}
	if (strcmp(word, second) != 0) {
		log_error("%s: '%s' is not known; write: alumet-agent %s %s", first, word, first,
		          second);
		return -EINVAL;
	}
	optind++;
	return 0;
}

/* Whether the sub-command takes words: the files of report, compare and send, the pids of watch. */
static bool takes_words(enum action action)
{
	return action == ACTION_REPORT || action == ACTION_COMPARE || action == ACTION_SEND ||
	       action == ACTION_WATCH;
}

/* Take those words, with options between them until "--". */
static int take_words(struct parser *parser, bool only_words)
{
	int (*const take)(struct options * options, const char *word) =
		parser->options->action == ACTION_WATCH ? options_add_pid : options_add_file;
	int err = 0;

	while (!err && parser->argv[optind]) {
		err = take(parser->options, parser->argv[optind++]);
		if (!err && !only_words) {
			err = take_options(parser);
			only_words = options_ended(parser);
		}
	}
	return err;
}

/* Print the help of the sub-command, if there was one, else the overview. */
static int print_help(const struct parser *parser)
{
	if (parser->has_action)
		options_print_help(stdout, parser->options->action);
	else
		options_print_overview(stdout);
	return printed();
}

/* Take the sub-command at argv[optind], and its second word. */
static int take_action(struct parser *parser)
{
	const char *word = parser->argv[optind++];

	if (strcmp(word, "help") == 0) {
		parser->help = true;
		if (!parser->argv[optind] || parser->argv[optind][0] == '-' ||
		    strcmp(parser->argv[optind], "help") == 0)
			return print_help(parser);
		word = parser->argv[optind++];
	}

	parser->has_action = true;
	for (const struct sub_command *command = sub_commands; command->word; command++) {
		if (strcmp(word, command->word) != 0)
			continue;
		parser->options->action = command->action;
		return command->second ? take_second_word(parser, word, command->second) : 0;
	}
	return parser->help ? options_unknown_topic(word) : options_unknown_action(word);
}

static int parse_line(struct parser *parser)
{
	int err;

	make_getopt_tables(parser);
	optind = 0; /* glibc: restart, also with another argv */
	opterr = 0;

	err = take_options(parser);
	if (err)
		return err;
	if (!parser->argv[optind]) {
		if (parser->help)
			return print_help(parser);
		log_error(
			"a sub-command is missing; write for example: alumet-agent exec make -j8\n"
			"'alumet-agent --help' lists the sub-commands");
		return -EINVAL;
	}

	const bool only_words = options_ended(parser);

	err = take_action(parser);
	if (!err && !only_words)
		err = take_options(parser);
	if (!err && takes_words(parser->options->action))
		err = take_words(parser, only_words || options_ended(parser));
	if (!err && parser->help)
		return print_help(parser);
	return err ? err : options_check(parser->options, parser->given, &parser->argv[optind]);
}

int options_parse(int argc, char **argv, struct options *options)
{
	const char *environment = getenv("ALUMET_CONFIG");
	struct parser parser = {.argc = argc, .argv = argv, .options = options};

	*options = (struct options){
		.config_path = DEFAULT_CONFIG,
	};
	if (environment && *environment) {
		options->config_path = environment;
		options->config_named = true;
	}
	return parse_line(&parser);
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < options->n_plugins; i++)
		free(options->plugins[i]);
	free(options->plugins);
	free(options->overrides);
	free(options->events);
	free(options->files);
	free(options->pids);
	free(options->comms);
	free(options->cgroups);
	free(options->containers);
	free(options->outputs);
	free(options->interval);
	*options = (struct options){0};
}
