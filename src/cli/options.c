/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_errors.h"
#include "cli/options_help.h"
#include "cli/options_set.h"
#include "core/exit_status.h"
#include "core/log.h"

#define DEFAULT_CONFIG "alumet-config.toml"

/* What options_parse() returns to end the program with an exit status. */
#define EXIT_WITH(status) ((status) + 1)

/* State of one options_parse(). */
struct parser {
	int argc;
	char **argv;
	struct options *options;
	struct option longs[OPTIONS_MAX];
	char shorts[2 * OPTIONS_MAX + 3];
	bool given[OPTIONS_MAX]; /* by index of option_table */
	bool has_action, summary_given, help;
};

/* getopt's two descriptions of the table. */
static void make_getopt_tables(struct parser *parser)
{
	char *s = parser->shorts;
	size_t i;

	*s++ = '+'; /* stop at the first word that is not an option */
	*s++ = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; option_table[i].name; i++) {
		const struct option_info *info = &option_table[i];

		parser->longs[i] = (struct option){
			.name = info->name,
			.has_arg = info->argument ? required_argument : no_argument,
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

/* What there was to do was to print something. */
static int printed(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_WITH(EXIT_SUCCESS);
	log_error("cannot write to the standard output: %s", strerror(errno ? errno : EIO));
	return EXIT_WITH(EXIT_AGENT);
}

static int print_version(void)
{
	options_print_version(stdout);
	return printed();
}

static int take_option(struct parser *parser, int code)
{
	struct options *options = parser->options;

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
	case OPTION_NO_DEFAULT_CONFIG:
		options->no_default_config = true;
		return 0;
	case OPTION_CONFIG_OVERRIDE:
		return options_add_override(options, optarg);
	case OPTION_PLUGINS:
		return options_add_plugins(options, optarg);
	case OPTION_WAIT_TREE:
		options->wait_tree = true;
		return 0;
	case 'r':
		return options_set_count("-r", optarg, 1, &options->repeat);
	case OPTION_WARMUP:
		return options_set_count("--warmup", optarg, 0, &options->warmup);
	case OPTION_FAIL_ABOVE:
		options->fail_above = optarg;
		return 0;
	case OPTION_USER:
		return options_set_user(options, optarg);
	case OPTION_SUMMARY:
		parser->summary_given = true;
		return options_set_summary(options, optarg);
	case OPTION_TRUST_OTHERS:
		options->trust_others = true;
		return 0;
	case OPTION_COLOR:
		return options_set_color(options, optarg);
	case OPTION_IGNORE_EXIT_CODE:
		options->ignore_exit_code = true;
		return 0;
	case OPTION_FORMAT:
		return options_set_format("--format", optarg, &options->format);
	case OPTION_REPORT:
		return options_set_format("--report", optarg, &options->report);
	case OPTION_BY:
		options->by = optarg;
		return 0;
	case OPTION_NAMES:
		options->names_only = true;
		return 0;
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_VERSION:
		return print_version();
	default: /* OPTION_ACCEPTED is said by check_given(), OPTION_STATUS has no effect */
		return 0;
	}
}

/* ---- the line as a whole ---- */

/* The next word, if it is a long option; getopt has optind 0 before the first. */
static const char *next_long_option(const struct parser *parser)
{
	const int next = optind ? optind : 1;
	const char *word = next < parser->argc ? parser->argv[next] : NULL;

	return word && strncmp(word, "--", 2) == 0 && word[2] ? word : NULL;
}

/* Options up to the next word that is not one. Returns 0, an error, or EXIT_WITH(). */
static int take_options(struct parser *parser)
{
	for (;;) {
		const char *word = next_long_option(parser);
		int index = -1, err, code;

		/* getopt takes any beginning of a name for the name. */
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
		log_error("%s: a word is missing; write: alumet-agent %s %s", first, first, second);
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

/* The files of report; options may stand between them, until "--". */
static int take_files(struct parser *parser, bool only_words)
{
	int err = 0;

	while (!err && parser->argv[optind]) {
		err = options_add_file(parser->options, parser->argv[optind++]);
		if (!err && !only_words) {
			err = take_options(parser);
			only_words = options_ended(parser);
		}
	}
	return err;
}

/* That of the sub-command, if there was one. */
static int print_help(const struct parser *parser)
{
	if (parser->has_action)
		options_print_help(stdout, parser->options->action);
	else
		options_print_overview(stdout);
	return printed();
}

/* The sub-command at argv[optind], and its second word. */
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
	if (strcmp(word, "exec") == 0) {
		parser->options->action = ACTION_EXEC;
		return 0;
	}
	if (strcmp(word, "doctor") == 0) {
		parser->options->action = ACTION_DOCTOR;
		return 0;
	}
	if (strcmp(word, "calibrate") == 0) {
		parser->options->action = ACTION_CALIBRATE;
		return 0;
	}
	if (strcmp(word, "report") == 0) {
		parser->options->action = ACTION_REPORT;
		return 0;
	}
	if (strcmp(word, "compare") == 0) {
		parser->options->action = ACTION_COMPARE;
		return 0;
	}
	if (strcmp(word, "config") == 0) {
		parser->options->action = ACTION_CONFIG_REGEN;
		return take_second_word(parser, "config", "regen");
	}
	if (strcmp(word, "plugins") == 0) {
		parser->options->action = ACTION_PLUGINS_LIST;
		return take_second_word(parser, "plugins", "list");
	}
	return parser->help ? options_unknown_topic(word) : options_unknown_action(word);
}

/* Options that the sub-command does not know, and those that are accepted only. */
static int check_given(const struct parser *parser)
{
	const enum action action = parser->options->action;

	for (size_t i = 0; option_table[i].name; i++) {
		if (!parser->given[i])
			continue;
		if (!(option_table[i].actions & FOR(action))) {
			log_error("%s has no option --%s%s", action_name(action),
			          option_table[i].name,
			          action == ACTION_CONFIG_REGEN ? ": it writes the defaults" : "");
			return -EINVAL;
		}
		if (option_table[i].code == OPTION_ACCEPTED)
			log_warn("--%s has no effect in this program", option_table[i].name);
	}
	return 0;
}

static int check_line(struct parser *parser)
{
	struct options *options = parser->options;
	int err = check_given(parser);

	if (err)
		return err;
	if (options->action == ACTION_EXEC) {
		options->command = &parser->argv[optind];
		if (!options->command[0]) {
			log_error("exec: the command is missing; write for example: "
			          "alumet-agent exec make -j8");
			return -EINVAL;
		}
	} else if (parser->argv[optind]) {
		log_error("%s: '%s' is one word too many", action_name(options->action),
		          parser->argv[optind]);
		err = -EINVAL;
	}
	if (!err && options->action == ACTION_COMPARE && options->n_files != 2) {
		log_error("compare: it compares two: write alumet-agent compare BASE NEW; several "
		          "files of one side as a quoted pattern: 'base-*.csv'");
		err = -EINVAL;
	}
	if (options->verbosity < 0 && !parser->summary_given)
		options->summary = "none";
	return err;
}

static int parse_line(struct parser *parser)
{
	int err;

	make_getopt_tables(parser);
	optind = 0; /* glibc: start anew, also with another argv */
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
	if (!err &&
	    (parser->options->action == ACTION_REPORT || parser->options->action == ACTION_COMPARE))
		err = take_files(parser, only_words || options_ended(parser));
	if (!err && parser->help)
		return print_help(parser);
	return err ? err : check_line(parser);
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
	free(options->outputs);
	free(options->interval);
	*options = (struct options){0};
}
