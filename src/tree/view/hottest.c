/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/hottest.h"

#include <inttypes.h>
#include <string.h>

#include "tree/hot.h"
#include "tree/view/flow.h"
#include "tree/view/markdown.h"

/* Commands shown at most; all but the first need this share of all samples. */
#define COMMANDS_MAX 3
#define COMMAND_SHARE 0.02

#define NAME_CELLS 60

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* Whether the command, the i-th by weight, is shown. */
static bool is_shown(const struct view *view, const struct hot_command *command, size_t i)
{
	return i < COMMANDS_MAX && command->n > 0 &&
	       (i == 0 || share(command->weight, hot_weight(view->hot)) >= COMMAND_SHARE);
}

/* Whether to show the module: not the command's own program, and not if the name shows it. */
static bool module_is_news(const struct hot_command *command, const struct hot_function *function)
{
	return *function->module && *function->name != '[' &&
	       strncmp(function->module, command->name, strlen(command->name)) != 0;
}

/* Two digits at least: many functions have one percent. */
static void put_share(char number[static 32], double percent)
{
	snprintf(number, 32, "%.*f %% ", percent < 9.95 ? 1 : 0, percent);
}

static void put_function(struct flow *flow, const struct hot_command *command,
                         const struct hot_function *function)
{
	const unsigned room = flow_room(flow);
	struct text_line item;
	char number[32];

	put_share(number, 100 * share(function->weight, command->weight));
	text_start(&item, flow->signs);
	text_put(&item, number);
	text_put_middle(&item, function->name,
	                room > item.cells + 8 && room - item.cells < NAME_CELLS ? room - item.cells
	                                                                        : NAME_CELLS);
	if (module_is_news(command, function) &&
	    item.cells + text_name_cells(flow->signs, function->module) + 3 < room) {
		const bool has_brackets = *function->module == '[';

		text_put(&item, has_brackets ? " " : " (");
		text_put_name(&item, function->module, room);
		text_put(&item, has_brackets ? "" : ")");
	}
	flow_item(flow, &item);
}

void hottest_print(const struct view *view, const struct text_signs *signs, size_t max, FILE *file)
{
	const struct hot_command *commands;
	size_t n = 0;
	char title[96];

	commands = view->hot ? hot_settle(view->hot, &n) : NULL;
	for (size_t i = 0; i < n && i < max && is_shown(view, &commands[i], i); i++) {
		struct flow flow;

		flow_start(&flow, file, signs, view->columns, i == 0 ? "hottest" : "", TEXT_PLAIN);
		snprintf(title, sizeof(title), "%.64s:", commands[i].name);
		flow_words(&flow, title);
		flow.indent = 2;
		flow.is_list = true;
		flow.gap = " ";
		for (size_t k = 0; k < commands[i].n; k++) {
			put_function(&flow, &commands[i], &commands[i].functions[k]);
			flow.gap = ", ";
		}
		flow_end(&flow);
	}
}

void hottest_print_markdown(const struct view *view, const struct text_signs *signs, FILE *file)
{
	const struct hot_command *commands;
	char number[32];
	size_t n = 0;

	commands = view->hot ? hot_settle(view->hot, &n) : NULL;
	if (n > 0)
		fprintf(file, "\nHottest functions, of %" PRIu64 " samples:\n\n",
		        hot_samples(view->hot));
	for (size_t i = 0; i < n && is_shown(view, &commands[i], i); i++) {
		fputs("- ", file);
		markdown_put_code(file, signs, commands[i].name, false);
		for (size_t k = 0; k < commands[i].n; k++) {
			const struct hot_function *function = &commands[i].functions[k];

			put_share(number, 100 * share(function->weight, commands[i].weight));
			fprintf(file, "%s %s", k == 0 ? ":" : ",", number);
			markdown_put_code(file, signs, function->name, false);
			if (!module_is_news(&commands[i], function))
				continue;
			fputs(" of ", file);
			markdown_put_code(file, signs, function->module, false);
		}
		putc('\n', file);
	}
}

void hottest_put_json(const struct view *view, struct json *json)
{
	const struct hot_command *commands;
	size_t n = 0;

	if (!view->hot)
		return;
	commands = hot_settle(view->hot, &n);
	json_open(json, "hottest", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(json, NULL, '{');
		json_text(json, "command", commands[i].name);
		json_u64(json, "samples", commands[i].samples);
		json_double(json, "share", share(commands[i].weight, hot_weight(view->hot)));
		json_open(json, "functions", '[');
		for (size_t k = 0; k < commands[i].n; k++) {
			const struct hot_function *function = &commands[i].functions[k];

			json_open(json, NULL, '{');
			json_text(json, "function", function->name);
			json_text(json, "module", function->module);
			json_u64(json, "samples", function->samples);
			json_double(json, "share", share(function->weight, commands[i].weight));
			json_close(json, '}');
		}
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}
