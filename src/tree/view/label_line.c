/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/label_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTE_SIZE 128
#define DETAIL_LEAST 6 /* cells: below this arguments are left out, unless they are shorter */
#define MOST_LEAST 10  /* the same for the costliest of several processes */
#define NAME_LEAST 3   /* below this the name gets the room of what follows it */

static const char MOST[] = ", most ";

/* What follows the name: the number of processes, how they ended, and whether they still run. */
struct notes {
	char folded[32];
	char failed[NOTE_SIZE];
	char unknown[48];
	char running[48];
};

static void describe(const struct text_signs *signs, const struct tree_node *node,
                     bool marks_living, struct notes *notes)
{
	const bool one = node->processes == 1;

	*notes = (struct notes){.folded = ""};
	if (!one && !node->is_group)
		snprintf(notes->folded, sizeof(notes->folded), " %s%" PRIu64, signs->times,
		         node->processes);
	if (node->failed > 0) {
		char text[FAILURE_TEXT_SIZE];

		failure_describe(node->failed_status, node->oom_killed, text);
		if (one)
			snprintf(notes->failed, sizeof(notes->failed), "(%s)", text);
		else
			snprintf(notes->failed, sizeof(notes->failed), "(%" PRIu64 " failed)",
			         node->failed);
	}
	if (node->unknown > 0 && one)
		snprintf(notes->unknown, sizeof(notes->unknown), "(" STATUS_UNKNOWN ")");
	else if (node->unknown > 0)
		snprintf(notes->unknown, sizeof(notes->unknown), "(%" PRIu64 " unknown)",
		         node->unknown);
	if (!marks_living || node->running == 0)
		return;
	if (one)
		snprintf(notes->running, sizeof(notes->running), "(still running)");
	else
		snprintf(notes->running, sizeof(notes->running), "(%" PRIu64 " still running)",
		         node->running);
}

static unsigned notes_cells(const struct notes *notes)
{
	unsigned cells = text_own_cells(notes->folded) + text_own_cells(notes->failed) +
	                 text_own_cells(notes->unknown) + text_own_cells(notes->running);

	return cells + (*notes->failed != '\0') + (*notes->unknown != '\0') +
	       (*notes->running != '\0');
}

static void put_notes(struct text_line *line, const struct notes *notes)
{
	text_put(line, notes->folded);
	if (*notes->failed) {
		text_put(line, " ");
		text_style(line, TEXT_RED);
		text_put(line, notes->failed);
		text_style(line, TEXT_PLAIN);
	}
	if (*notes->unknown) {
		text_put(line, " ");
		text_put(line, notes->unknown);
	}
	if (*notes->running) {
		text_put(line, " ");
		text_put(line, notes->running);
	}
}

/* Whether to show the costliest process: for a mixed node with most of the cost its own. */
static bool tells_most(const struct tree_node *node)
{
	return node->is_mixed && *node->detail && node->most > 0 &&
	       2 * node->own_cost >= node->cost;
}

static unsigned least_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned label_line_cells(const struct text_signs *signs, const struct tree_node *node,
                          bool marks_living)
{
	unsigned cells = text_name_cells(signs, node->name);
	struct notes notes;

	describe(signs, node, marks_living, &notes);
	cells += notes_cells(&notes);
	if (!node->is_mixed && *node->detail)
		cells += 1 + text_name_cells(signs, node->detail);
	if (tells_most(node))
		cells += (unsigned)strlen(MOST) + text_name_cells(signs, node->detail);
	return cells;
}

/* Whether there is room for the detail and a blank before it. */
static bool has_room_for_detail(const struct text_signs *signs, const char *detail, unsigned room)
{
	return *detail && room > least_of(text_name_cells(signs, detail), DETAIL_LEAST);
}

static void put_name(struct text_line *line, const char *name, unsigned room, bool bold)
{
	if (bold)
		text_style(line, TEXT_BOLD);
	text_put_name(line, name, room);
	if (bold)
		text_style(line, TEXT_PLAIN);
}

void label_line_put(struct text_line *line, const struct tree_node *node, bool marks_living,
                    unsigned room, bool bold)
{
	const struct text_signs *signs = line->signs;
	unsigned name = text_name_cells(signs, node->name), least, after, left;
	struct notes notes;

	describe(signs, node, marks_living, &notes);
	after = notes_cells(&notes);
	/* The name matters more than how it ended. */
	least = name < NAME_LEAST ? name : NAME_LEAST;
	if (room < after + least) {
		put_name(line, node->name, room, bold);
		return;
	}
	left = room - after;
	put_name(line, node->name, left, bold);
	left = left > name ? left - name : 0;
	if (!node->is_mixed && has_room_for_detail(signs, node->detail, left)) {
		text_put(line, " ");
		text_put_middle(line, node->detail, left - 1);
	}
	put_notes(line, &notes);
	if (tells_most(node) &&
	    left >= strlen(MOST) + least_of(text_name_cells(signs, node->detail), MOST_LEAST)) {
		text_style(line, TEXT_DIM);
		text_put(line, MOST);
		text_put_middle(line, node->detail, left - (unsigned)strlen(MOST));
		text_style(line, TEXT_PLAIN);
	}
}

static void describe_ranked(const struct ranked *ranked, bool marks_living,
                            char text[static NOTE_SIZE])
{
	char status[FAILURE_TEXT_SIZE] = "";

	text[0] = '\0';
	if (ranked->ended && ranked->status_hidden)
		strcpy(status, STATUS_UNKNOWN);
	else if (ranked->ended)
		failure_describe(ranked->wait_status, ranked->oom_killed, status);
	else if (marks_living)
		strcpy(status, "still running");
	if (*status)
		snprintf(text, NOTE_SIZE, " (%s)", status);
}

unsigned label_line_ranked_cells(const struct text_signs *signs, const struct ranked *ranked,
                                 bool marks_living)
{
	char note[NOTE_SIZE];

	describe_ranked(ranked, marks_living, note);
	return text_name_cells(signs, *ranked->command ? ranked->command : ranked->label.name) +
	       text_own_cells(note);
}

void label_line_put_ranked(struct text_line *line, const struct ranked *ranked, bool marks_living,
                           unsigned room, bool bold)
{
	const struct text_signs *signs = line->signs;
	unsigned after, name = text_name_cells(signs, ranked->label.name);
	char note[NOTE_SIZE];

	describe_ranked(ranked, marks_living, note);
	after = text_own_cells(note);
	if (after + NAME_LEAST > room)
		after = 0;
	room -= after;
	if (*ranked->command && text_name_cells(signs, ranked->command) <= room) {
		put_name(line, ranked->command, room, bold);
	} else {
		put_name(line, ranked->label.name, room, bold);
		room = room > name ? room - name : 0;
		if (has_room_for_detail(signs, ranked->label.detail, room)) {
			text_put(line, " ");
			text_put_middle(line, ranked->label.detail, room - 1);
		}
	}
	if (after > 0 && *note) {
		text_style(line, ranked->ended ? TEXT_RED : TEXT_PLAIN);
		text_put(line, note);
		text_style(line, TEXT_PLAIN);
	}
}
