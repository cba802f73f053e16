/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The columns of numbers beside the tree and the lists below it, and their widths. */
#ifndef TREE_VIEW_COLUMNS_H
#define TREE_VIEW_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tree/tree.h"
#include "tree/view/scale.h"

#define COLUMNS_MAX 72
#define COLUMN_GAP 2
#define HEADING_SIZE 64

/* The subject of a line: one of the two. */
struct subject {
	const struct tree_node *node;
	const struct ranked *ranked;
};

enum column_kind { COLUMN_FIELD, COLUMN_WALL, COLUMN_PERCENT };

struct column {
	enum column_kind kind;
	int field;      /* of COLUMN_FIELD; the dividend of COLUMN_PERCENT; or TREE_BY_WALL */
	bool inclusive; /* with all below; of a ranked process always its own */
	double whole;   /* COLUMN_PERCENT: what is 100 % */
	int importance; /* 0: dropped last */
	char name[HEADING_SIZE];    /* without the unit */
	char heading[HEADING_SIZE]; /* with it */
	enum quantity quantity;
	struct scale scale;
	unsigned cells;
	unsigned end;              /* where it ends on the line */
	const struct column *twin; /* an earlier column with the same numbers; NULL: none */
	bool is_plain_repeat;      /* not requested: not named when left out */
	bool is_requested;         /* by name: columns are in the order of the names */
	bool has_room;
};

struct columns {
	size_t n;
	struct column column[COLUMNS_MAX];
};

/* The columns of the tree; wall_ns: of the run. */
void columns_for_tree(struct columns *columns, const struct tree *tree, uint64_t wall_ns);

/*
 * The columns of a list of processes: own cost and its share, CPU time, energy, peak memory, wall
 * time.
 */
void columns_for_list(struct columns *columns, const struct tree *tree, uint64_t wall_ns);

/* An error of this fraction is visible in the digits shown: the number is marked. */
#define COLUMN_ESTIMATED 0.01

/* Print the text of a cell: "-" if there is no number. */
void column_print(const struct column *column, const struct subject *subject,
                  const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE]);

/* Choose scales and widths for these lines, and find columns that repeat others. */
void columns_measure(struct columns *columns, const struct subject *subjects, size_t n,
                     const struct text_signs *signs);

/* Choose the most important columns that fit side by side into room cells. Returns their cells. */
unsigned columns_fit(struct columns *columns, unsigned room);

/* Set the end of each column; the first one begins COLUMN_GAP after start. */
void columns_place(struct columns *columns, unsigned start);

/* Whether the column has room and repeats no other. */
bool column_is_shown(const struct column *column);

#endif
