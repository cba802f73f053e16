/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alumet/life.h"

#define NAME_CELLS 20 /* a heading widens its column to this at most */

/*
 * Smaller numbers may be equal by chance; from here on, columns are the same within this precision.
 */
#define REPEAT_LEAST 1000
#define REPEAT_PRECISION 1e-3

/* The column of a line's own cost, beside the cost with all below. */
#define OWN "own"

/* --- which ------------------------------------------------------------------------------------ */

static struct column *add(struct columns *columns, enum column_kind kind, int field, bool inclusive,
                          const char *name, int importance)
{
	struct column *column = &columns->column[columns->n];

	if (columns->n == COLUMNS_MAX)
		return NULL;
	columns->n++;
	*column = (struct column){
		.kind = kind,
		.field = field,
		.inclusive = inclusive,
		.importance = importance,
	};
	snprintf(column->name, sizeof(column->name), "%s", name);
	return column;
}

static void add_field(struct columns *columns, const struct tree *tree, int field, bool inclusive,
                      const char *name, int importance)
{
	struct column *column = add(columns, COLUMN_FIELD, field, inclusive, name, importance);

	if (column)
		column->quantity = quantity_of(tree_schema(tree)->fields[field].unit);
}

static void add_wall(struct columns *columns, int importance)
{
	struct column *column = add(columns, COLUMN_WALL, TREE_BY_WALL, false, "wall", importance);

	if (column)
		column->quantity = QUANTITY_TIME;
}

static void add_percent(struct columns *columns, int field, bool inclusive, double whole)
{
	struct column *column = add(columns, COLUMN_PERCENT, field, inclusive, "%", 1);

	if (column) {
		column->quantity = QUANTITY_PERCENT;
		column->whole = whole;
	}
}

/* The column that sorts the tree comes first, with its share of the total. */
static void add_criterion(struct columns *columns, const struct tree *tree, uint64_t wall_ns,
                          bool inclusive)
{
	const struct life_schema *schema = tree_schema(tree);
	const int by = tree_by(tree), cpu = life_field_index(schema, "cpu-time");
	const int energy = life_field_index(schema, "attributed-energy");
	const char *name;

	if (by == TREE_BY_WALL) {
		add_wall(columns, 0);
		add_percent(columns, by, false, (double)wall_ns);
		return;
	}
	name = by == cpu ? "CPU" : by == energy ? "" : schema->fields[by].name;
	add_field(columns, tree, by, inclusive, name, 0);
	if (schema->fields[by].fold == LIFE_FOLD_SUM) {
		add_percent(columns, by, inclusive, tree_number(&tree_top(tree)->inclusive[by]));
		if (inclusive)
			add_field(columns, tree, by, false, OWN, 2);
	}
}

/* Add requested fields that have no column yet, in the order of the request. */
static void add_requested(struct columns *columns, const struct tree *tree, int by, int cpu,
                          int energy)
{
	const struct life_field *fields = tree_schema(tree)->fields;
	int order[COLUMNS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < tree_schema(tree)->n && n < COLUMNS_MAX; i++) {
		const int field = (int)i;
		size_t at = n;

		if (!fields[i].requested || field == by || field == cpu || field == energy)
			continue;
		for (; at > 0 && fields[order[at - 1]].requested > fields[i].requested; at--)
			order[at] = order[at - 1];
		order[at] = field;
		n++;
	}
	for (size_t i = 0; i < n && columns->n < COLUMNS_MAX; i++) {
		/* The first two rank before the wall time, the others after it. */
		add_field(columns, tree, order[i], false, fields[order[i]].name, i < 2 ? 5 : 7);
		columns->column[columns->n - 1].is_requested = true;
	}
}

void columns_for_tree(struct columns *columns, const struct tree *tree, uint64_t wall_ns)
{
	const struct life_schema *schema = tree_schema(tree);
	const int by = tree_by(tree), cpu = life_field_index(schema, "cpu-time");
	const int energy = life_field_index(schema, "attributed-energy");

	columns->n = 0;
	add_criterion(columns, tree, wall_ns, true);
	if (cpu >= 0 && cpu != by) {
		add_field(columns, tree, cpu, true, "CPU", 3);
		add_field(columns, tree, cpu, false, OWN, 9);
	}
	if (energy >= 0 && energy != by) {
		add_field(columns, tree, energy, true, "", 3);
		add_field(columns, tree, energy, false, OWN, 9);
	}
	if (by != TREE_BY_WALL)
		add_wall(columns, 6);
	add_requested(columns, tree, by, cpu, energy);
}

void columns_for_list(struct columns *columns, const struct tree *tree, uint64_t wall_ns)
{
	const struct life_schema *schema = tree_schema(tree);
	const int by = tree_by(tree), cpu = life_field_index(schema, "cpu-time");
	const int energy = life_field_index(schema, "attributed-energy");
	const int rss = life_field_index(schema, "peak-rss");

	columns->n = 0;
	add_criterion(columns, tree, wall_ns, false);
	if (cpu >= 0 && cpu != by)
		add_field(columns, tree, cpu, false, "CPU", 2);
	if (energy >= 0 && energy != by)
		add_field(columns, tree, energy, false, "", 2);
	if (rss >= 0 && rss != by)
		add_field(columns, tree, rss, false, "peak", 3);
	if (by != TREE_BY_WALL)
		add_wall(columns, 4);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* A number in a cell, and what is shown with it. */
struct column_number {
	double value;
	bool is_partial;   /* some process had none: the true sum is larger */
	bool is_estimated; /* it may be wrong by more than COLUMN_ESTIMATED */
};

static bool node_value(const struct column *column, const struct tree_node *node,
                       struct column_number *number)
{
	/* The top node, hosts and ranks have no processes of their own: they show their total. */
	bool is_total = !node->parent || node->is_group;
	const struct tree_value *values =
		column->inclusive || is_total ? node->inclusive : node->own;

	if (column->field == TREE_BY_WALL) {
		number->value =
			node->end_ns > node->begin_ns ? (double)(node->end_ns - node->begin_ns) : 0;
		return node->parent != NULL;
	}
	number->value = tree_number(&values[column->field]);
	number->is_partial = values[column->field].is_partial;
	number->is_estimated = values[column->field].estimated > COLUMN_ESTIMATED * number->value;
	return values[column->field].type != VALUE_NONE;
}

static bool ranked_value(const struct column *column, const struct ranked *ranked,
                         struct column_number *number)
{
	if (column->field == TREE_BY_WALL) {
		number->value = (double)ranked->wall_ns;
		return true;
	}
	number->value = life_number(&ranked->values[column->field]);
	number->is_estimated =
		ranked->values[column->field].estimated > COLUMN_ESTIMATED * number->value;
	return ranked->values[column->field].type != VALUE_NONE;
}

/* Get the number in a cell. Returns false if there is none. */
static bool number_in(const struct column *column, const struct subject *subject,
                      struct column_number *number)
{
	bool has_value;

	*number = (struct column_number){.value = 0};
	has_value = subject->node ? node_value(column, subject->node, number)
	                          : ranked_value(column, subject->ranked, number);
	if (column->kind == COLUMN_PERCENT) {
		number->is_partial = number->is_estimated = false;
		has_value = has_value && column->whole > 0;
		if (has_value)
			number->value /= column->whole;
	}
	return has_value;
}

void column_print(const struct column *column, const struct subject *subject,
                  const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE])
{
	struct column_number number;
	char digits[TEXT_NUMBER_SIZE];

	/* The previous column has the sum of a host or a rank. */
	if (subject->node && subject->node->is_group && strcmp(column->name, OWN) == 0) {
		*text = '\0';
		return;
	}
	if (!number_in(column, subject, &number)) {
		strcpy(text, subject->node && !subject->node->parent ? "" : "-");
		return;
	}
	scale_print(&column->scale, number.value, digits);
	snprintf(text, TEXT_NUMBER_SIZE, "%s%s%.*s", number.is_partial ? signs->at_least : "",
	         number.is_estimated ? "~" : "", TEXT_NUMBER_SIZE - 8, digits);
}

/* --- widths ----------------------------------------------------------------------------------- */

static double largest_of(const struct column *column, const struct subject *subjects, size_t n)
{
	struct column_number number;
	double largest = 0;

	for (size_t i = 0; i < n; i++) {
		if (number_in(column, &subjects[i], &number) && number.value > largest)
			largest = number.value;
	}
	return largest;
}

static bool has_fractions(const struct column *column, const struct subject *subjects, size_t n)
{
	struct column_number number;

	for (size_t i = 0; i < n; i++) {
		if (number_in(column, &subjects[i], &number) && fabs(number.value) < 0x1p53 &&
		    number.value != (double)(int64_t)number.value)
			return true;
	}
	return false;
}

static bool is_same(const struct column *a, const struct column *b, const struct subject *subjects,
                    size_t n)
{
	struct column_number x, y;

	for (size_t i = 0; i < n; i++) {
		const bool a_has = number_in(a, &subjects[i], &x);
		const bool b_has = number_in(b, &subjects[i], &y);
		const double more = x.value > y.value ? x.value : y.value;
		const double less = x.value > y.value ? y.value : x.value;

		if (a_has != b_has || x.is_partial != y.is_partial)
			return false;
		if (a_has && more - less > more * REPEAT_PRECISION)
			return false;
	}
	return true;
}

/*
 * Find an earlier column with the same numbers: an event that counts the same, or own costs if
 * there is nothing below.
 */
static void find_twin(struct columns *columns, struct column *column,
                      const struct subject *subjects, size_t n)
{
	if (column->kind == COLUMN_PERCENT || largest_of(column, subjects, n) < REPEAT_LEAST)
		return;
	for (const struct column *other = columns->column; other < column; other++) {
		if (other->kind == COLUMN_PERCENT || other->twin ||
		    !is_same(other, column, subjects, n))
			continue;
		column->twin = other;
		column->is_plain_repeat = column->field == other->field;
		return;
	}
}

static unsigned widest_of(const struct column *column, const struct subject *subjects, size_t n,
                          const struct text_signs *signs)
{
	unsigned widest = text_name_cells(signs, column->heading);
	char text[TEXT_NUMBER_SIZE];

	if (widest > NAME_CELLS)
		widest = NAME_CELLS;
	for (size_t i = 0; i < n; i++) {
		unsigned cells;

		column_print(column, &subjects[i], signs, text);
		cells = text_own_cells(text);
		widest = cells > widest ? cells : widest;
	}
	return widest;
}

void columns_measure(struct columns *columns, const struct subject *subjects, size_t n,
                     const struct text_signs *signs)
{
	for (size_t i = 0; i < columns->n; i++) {
		struct column *column = &columns->column[i];
		char name[HEADING_SIZE];
		const char *unit;

		scale_choose(column->quantity, largest_of(column, subjects, n), signs,
		             &column->scale);
		if (column->quantity == QUANTITY_COUNT && has_fractions(column, subjects, n))
			scale_show_fractions(&column->scale, largest_of(column, subjects, n));
		unit = column->scale.unit;
		memcpy(name, column->name, sizeof(name));
		snprintf(column->heading, sizeof(column->heading), "%.40s%s%s", name,
		         *column->name && *unit ? " " : "", unit);
		column->cells = widest_of(column, subjects, n, signs);
		column->twin = NULL;
		find_twin(columns, column, subjects, n);
	}
}

bool column_is_shown(const struct column *column)
{
	return column->has_room && !column->twin;
}

unsigned columns_fit(struct columns *columns, unsigned room)
{
	unsigned taken = 0;
	bool one_is_left_out = false; /* a requested column: then all later ones are, too */

	for (size_t i = 0; i < columns->n; i++)
		columns->column[i].has_room = false;
	for (int importance = 0; importance < 10; importance++) {
		for (size_t i = 0; i < columns->n; i++) {
			struct column *column = &columns->column[i];
			unsigned more = COLUMN_GAP + column->cells;

			if (column->importance != importance || column->twin)
				continue;
			column->has_room = (taken + more <= room || importance == 0) &&
			                   !(column->is_requested && one_is_left_out);
			one_is_left_out |= column->is_requested && !column->has_room;
			if (column->has_room)
				taken += more;
		}
	}
	return taken;
}

void columns_place(struct columns *columns, unsigned start)
{
	for (size_t i = 0; i < columns->n; i++) {
		struct column *column = &columns->column[i];

		if (column_is_shown(column)) {
			start += COLUMN_GAP + column->cells;
			column->end = start;
		}
	}
}
