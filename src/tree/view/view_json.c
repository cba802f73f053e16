/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docs/summary.schema.json says what each key means. */
#include <sys/wait.h>

#include "tree/view/hottest.h"
#include "tree/view/json.h"
#include "tree/view/view.h"

static void put_exit(struct json *json, int wait_status, bool oom_killed)
{
	json_open(json, "exit", '{');
	if (WIFSIGNALED(wait_status)) {
		json_u64(json, "signal", (uint64_t)WTERMSIG(wait_status));
		json_bool(json, "core_dumped", WCOREDUMP(wait_status));
		json_bool(json, "out_of_memory", oom_killed);
	} else {
		json_u64(json, "status", (uint64_t)WEXITSTATUS(wait_status));
	}
	json_close(json, '}');
}

static void put_label(struct json *json, const char *name, const char *detail)
{
	json_text(json, "name", name);
	json_text(json, "arguments", detail);
}

/* Nothing, if there is no value. */
static void put_value(struct json *json, const char *name, struct tree_value value)
{
	if (value.type == VALUE_U64)
		json_u64(json, name, value.u64);
	else if (value.type == VALUE_F64)
		json_double(json, name, value.f64);
}

static void put_node_values(struct json *json, const char *key, const struct life_schema *schema,
                            const struct tree_value *values)
{
	json_open(json, key, '{');
	for (size_t i = 0; i < schema->n; i++)
		put_value(json, schema->fields[i].name, values[i]);
	json_close(json, '}');
}

static void put_life_values(struct json *json, const struct life_schema *schema,
                            const struct life_value *values)
{
	json_open(json, "values", '{');
	for (size_t i = 0; i < schema->n; i++)
		put_value(json, schema->fields[i].name, tree_value_of(&values[i]));
	json_close(json, '}');
}

/* Beside the values, for each estimated one: by how much it may be wrong. */
static void put_bound(struct json *json, const char *key, const char *name, double bound,
                      bool *is_open)
{
	if (!(bound > 0))
		return;
	if (!*is_open)
		json_open(json, key, '{');
	*is_open = true;
	json_double(json, name, bound);
}

static void put_node_estimated(struct json *json, const char *key, const struct life_schema *schema,
                               const struct tree_value *values)
{
	bool is_open = false;

	for (size_t i = 0; i < schema->n; i++)
		put_bound(json, key, schema->fields[i].name, values[i].estimated, &is_open);
	if (is_open)
		json_close(json, '}');
}

static void put_life_estimated(struct json *json, const struct life_schema *schema,
                               const struct life_value *values)
{
	bool is_open = false;

	for (size_t i = 0; i < schema->n; i++)
		put_bound(json, "estimated", schema->fields[i].name, values[i].estimated, &is_open);
	if (is_open)
		json_close(json, '}');
}

/* --- the parts -------------------------------------------------------------------------------- */

static void put_run(struct json *json, const struct view *view)
{
	if (view->heading) {
		json_text(json, "command_line", view->heading);
	} else if (view->argv) {
		json_open(json, "command", '[');
		for (char *const *arg = view->argv; *arg; arg++)
			json_text(json, NULL, *arg);
		json_close(json, ']');
	}
	if (view->wall_ns > 0)
		json_u64(json, "wall_ns", view->wall_ns);
	if (view->has_status)
		put_exit(json, view->wait_status, false);
	json_bool(json, "detached", view->detached);
}

static void put_totals(struct json *json, const struct tree *tree)
{
	static const char *const folds[] = {
		[LIFE_FOLD_SUM] = "sum", [LIFE_FOLD_MAX] = "max", [LIFE_FOLD_LAST] = "last"};
	const struct tree_totals *totals = tree_totals(tree);
	const struct life_schema *schema = tree_schema(tree);
	const int by = tree_by(tree);

	json_u64(json, "processes", totals->processes);
	json_u64(json, "threads", totals->threads);
	json_u64(json, "failed_processes", totals->failed);
	json_u64(json, "running_processes", totals->running);
	json_u64(json, "unknown_processes", totals->unknown);
	json_text(json, "sorted_by", by == TREE_BY_WALL ? "wall" : schema->fields[by].name);
	json_open(json, "fields", '[');
	for (size_t i = 0; i < schema->n; i++) {
		json_open(json, NULL, '{');
		json_text(json, "name", schema->fields[i].name);
		json_text(json, "unit", schema->fields[i].unit->display);
		json_text(json, "fold", folds[schema->fields[i].fold]);
		json_close(json, '}');
	}
	json_close(json, ']');
	put_node_values(json, "totals", schema, tree_top(tree)->inclusive);
}

static void put_energy(struct json *json, const struct view *view)
{
	static const char *const kinds[] = {
		[RESOURCE_LOCAL_MACHINE] = "local_machine",
		[RESOURCE_CPU_PACKAGE] = "cpu_package",
		[RESOURCE_DRAM] = "dram",
		[RESOURCE_CPU_CORE] = "cpu_core",
	};

	json_open(json, "energy", '[');
	for (size_t i = 0; view->energies && i < view->energies->n; i++) {
		const struct energy_sum *energy = &view->energies->sums[i];

		json_open(json, NULL, '{');
		json_text(json, "domain", energy->domain);
		json_text(json, "resource_kind", kinds[energy->kind]);
		if (energy->kind != RESOURCE_LOCAL_MACHINE)
			json_u64(json, "resource_id", energy->id);
		json_double(json, "joules", energy->joules);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "figures", '[');
	for (size_t i = 0; i < view->n_figures; i++) {
		const struct run_figure *figure = &view->figures[i];

		json_open(json, NULL, '{');
		json_text(json, "label", figure->label);
		json_double(json, "value", figure->value);
		json_text(json, "unit", figure->unit ? figure->unit->display : "");
		if (figure->note)
			json_text(json, "note", figure->note);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void open_node(struct json *json, const struct life_schema *schema,
                      const struct tree_node *node)
{
	json_open(json, NULL, '{');
	put_label(json, node->name, node->detail);
	json_bool(json, "arguments_differ", node->is_mixed);
	json_u64(json, "processes", node->processes);
	json_u64(json, "failed_processes", node->failed);
	json_u64(json, "running_processes", node->running);
	json_u64(json, "unknown_processes", node->unknown);
	if (node->processes == 1 && node->running == 0 && node->unknown == 0)
		put_exit(json, node->failed ? node->failed_status : 0, node->oom_killed);
	if (node->end_ns >= node->begin_ns)
		json_u64(json, "wall_ns", node->end_ns - node->begin_ns);
	put_node_values(json, "own", schema, node->own);
	put_node_values(json, "inclusive", schema, node->inclusive);
	put_node_estimated(json, "own_estimated", schema, node->own);
	put_node_estimated(json, "inclusive_estimated", schema, node->inclusive);
	json_open(json, "children", '[');
}

static void close_node(struct json *json)
{
	json_close(json, ']');
	json_close(json, '}');
}

/* Not recursive: a tree may be thousands of processes deep. */
static void put_tree(struct json *json, const struct tree *tree)
{
	const struct tree_node *top = tree_top(tree), *node = top->children;

	json_open(json, "tree", '[');
	while (node) {
		open_node(json, tree_schema(tree), node);
		if (node->children) {
			node = node->children;
			continue;
		}
		close_node(json);
		while (node != top && !node->next) {
			node = node->parent;
			if (node != top)
				close_node(json);
		}
		node = node == top ? NULL : node->next;
	}
	json_close(json, ']');
}

static void put_ranking(struct json *json, const char *key, const struct tree *tree,
                        const struct ranking *ranking)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < ranking->n; i++) {
		const struct ranked *ranked = ranking->entries[i];

		json_open(json, NULL, '{');
		json_u64(json, "pid", ranked->key.pid);
		json_u64(json, "life", ranked->number);
		put_label(json, ranked->label.name, ranked->label.detail);
		json_text(json, "command_line", ranked->command);
		if (ranked->ended && !ranked->status_hidden)
			put_exit(json, ranked->wait_status, ranked->oom_killed);
		json_u64(json, "wall_ns", ranked->wall_ns);
		put_life_values(json, tree_schema(tree), ranked->values);
		put_life_estimated(json, tree_schema(tree), ranked->values);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_failures(struct json *json, const struct failures *failures)
{
	json_open(json, "failed", '[');
	for (size_t i = 0; i < failures->n; i++) {
		const struct failure *failure = &failures->groups[i];

		json_open(json, NULL, '{');
		put_label(json, failure->label.name, failure->label.detail);
		put_exit(json, failure->wait_status, failure->oom_killed);
		json_u64(json, "processes", failure->processes);
		json_u64(json, "last_pid", failure->pid);
		json_bool(json, "child_failed_first", !failure->is_cause);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_notices(struct json *json, const struct view *view)
{
	json_open(json, "notices", '[');
	for (size_t i = 0; i < view->n_notices; i++) {
		json_open(json, NULL, '{');
		json_text(json, "kind", view->notices[i].kind == REPORT_LOSS ? "loss" : "note");
		json_text(json, "text", view->notices[i].line);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "files", '[');
	for (size_t i = 0; i < view->n_paths; i++)
		json_text(json, NULL, view->paths[i]);
	json_close(json, ']');
}

int view_json(const struct view *view, FILE *file)
{
	struct json json;
	int err = view->tree ? tree_settle(view->tree, TREE_VARIANTS_MAX) : 0;

	if (err)
		return err;
	json_start(&json, file);
	json_open(&json, NULL, '{');
	json_text(&json, "format", "alumet-agent summary");
	json_u64(&json, "version", 1);
	put_run(&json, view);
	if (view->tree)
		put_totals(&json, view->tree);
	put_energy(&json, view);
	if (view->tree) {
		put_tree(&json, view->tree);
		put_ranking(&json, "costliest", view->tree, tree_costliest(view->tree));
		put_failures(&json, tree_failures(view->tree));
		put_ranking(&json, "waited_for_cpu", view->tree, tree_waited_to_run(view->tree));
		put_ranking(&json, "waited_for_disks", view->tree,
		            tree_waited_for_disks(view->tree));
	}
	hottest_put_json(view, &json);
	put_notices(&json, view);
	json_close(&json, '}');
	json_finish(&json);
	return 0;
}
