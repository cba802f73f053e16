/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/processes/process_columns.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/args_text.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/number.h"
#include "core/signal_name.h"
#include "core/utf8.h"
#include "outputs/file/csv_cell.h"

/* Memory kept for a command line. */
#define CELL_KEEP ((size_t)16 * 1024)

#define REPLACEMENT "\xef\xbf\xbd"

/* After those of the identity. */
static const char *const fixed_columns[] = {
	"run",      "pid",    "started", "life", "ppid",     "parent_started",
	"finished", "comm",   "exe",     "args", "args_cut", "root",
	"status",   "signal", "core",    "oom",  "threads",  "execs",
};

/* Fields with a column in every file, so that files of different runs fit into one table. */
static const struct {
	const char *name;
	const struct unit *unit;
} known_fields[] = {
	{"cpu-time", &UNIT_NANOSECOND},
	{"user-time", &UNIT_NANOSECOND},
	{"system-time", &UNIT_NANOSECOND},
	{"wall-time", &UNIT_NANOSECOND},
	{"runqueue-wait", &UNIT_NANOSECOND},
	{"block-wait", &UNIT_NANOSECOND},
	{"peak-rss", &UNIT_BYTE},
	{"read-bytes", &UNIT_BYTE},
	{"write-bytes", &UNIT_BYTE},
	{"read-chars", &UNIT_BYTE},
	{"write-chars", &UNIT_BYTE},
	{"voluntary-switches", &UNIT_NONE},
	{"involuntary-switches", &UNIT_NONE},
	{"attributed-energy", &UNIT_JOULE},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void end_cell(struct process_columns *columns, struct text *out)
{
	csv_add_delimiter(out, columns->delimiter);
}

static void add_text(struct process_columns *columns, struct text *out, const char *text)
{
	if (text)
		csv_add_cell(out, text, strlen(text), columns->delimiter);
	end_cell(columns, out);
}

static void add_u64(struct process_columns *columns, struct text *out, uint64_t value)
{
	char digits[NUMBER_U64_SIZE];

	text_add(out, digits, number_format_u64(value, digits));
	end_cell(columns, out);
}

static void add_flag(struct process_columns *columns, struct text *out, bool flag)
{
	text_add_char(out, flag ? '1' : '0');
	end_cell(columns, out);
}

static void add_time(struct process_columns *columns, struct text *out, uint64_t monotonic_ns)
{
	char time[CLOCK_RFC3339_SIZE];

	text_add(out, time, clock_format_rfc3339(clock_to_realtime(monotonic_ns), time));
	end_cell(columns, out);
}

/* Add the n bytes, followed by a NUL, as UTF-8. */
static void add_foreign(struct process_columns *columns, struct text *out, const char *bytes,
                        size_t n)
{
	struct text *cell = &columns->cell;
	uint32_t code;

	text_clear(cell, CELL_KEEP);
	for (size_t at = 0; at < n;) {
		const size_t length = utf8_decode(bytes + at, &code);

		if (length == 0 || at + length > n) {
			text_add_string(cell, REPLACEMENT);
			at++;
		} else {
			text_add(cell, bytes + at, length);
			at += length;
		}
	}
	out->failed |= cell->failed;
	csv_add_cell(out, cell->n ? cell->data : "", cell->n, columns->delimiter);
	end_cell(columns, out);
}

/* --- the header ------------------------------------------------------------------------------- */

static const char *unit_suffix(const char *name, const struct unit *unit)
{
	const size_t length = strlen(name);

	if (unit == &UNIT_NANOSECOND)
		return "_ns";
	if (unit == &UNIT_BYTE) /* "read-bytes" has it */
		return length > 5 && strcmp(name + length - 5, "bytes") == 0 ? "" : "_bytes";
	return unit == &UNIT_JOULE ? "_joules" : "";
}

/* As an SQL identifier without quotes. */
static void make_name(struct text *out, const char *name, const struct unit *unit)
{
	out->n = 0;
	for (const char *c = name; *c; c++)
		text_add_char(out, isalnum((unsigned char)*c) ? (char)tolower(*c) : '_');
	text_add_string(out, unit_suffix(name, unit));
}

static void name_column(const struct process_columns *columns, size_t column, struct text *name)
{
	const struct life_field *field = columns->schema->fields + columns->fields[column];

	if (column < COUNT(known_fields))
		make_name(name, known_fields[column].name, known_fields[column].unit);
	else
		make_name(name, field->name, field->unit);
}

/* Whether a column before has the name: replacing characters by '_' can make names equal. */
static bool is_taken(const struct process_columns *columns, size_t column, const struct text *name)
{
	struct text other = {.data = NULL};
	bool taken = false;

	for (size_t i = 0; !taken && i < column; i++) {
		name_column(columns, i, &other);
		taken = other.n == name->n && !other.failed && !name->failed &&
		        (name->n == 0 || memcmp(other.data, name->data, name->n) == 0);
	}
	text_fini(&other);
	return taken;
}

static void add_field_name(struct process_columns *columns, struct text *out, size_t column)
{
	struct text *name = &columns->cell;
	char number[NUMBER_U64_SIZE];

	name_column(columns, column, name);
	if (is_taken(columns, column, name)) {
		text_add_char(name, '_');
		text_add(name, number, number_format_u64(column, number));
	}
	out->failed |= name->failed;
	text_add(out, name->data, name->n);
}

void process_columns_add_header(struct process_columns *columns, struct text *out)
{
	const char *key;

	for (size_t i = 0; identity_field(&columns->identity, i, &key), key; i++)
		add_text(columns, out, key);
	for (size_t i = 0; i < COUNT(fixed_columns); i++) {
		text_add_string(out, fixed_columns[i]);
		end_cell(columns, out);
	}
	for (size_t i = 0; i < columns->n_fields; i++) {
		if (i > 0)
			end_cell(columns, out);
		add_field_name(columns, out, i);
	}
	text_add_char(out, '\n');
}

/* --- a row ------------------------------------------------------------------------------------ */

static void add_end(struct process_columns *columns, struct text *out, const struct life *life)
{
	const bool is_known = life->ended && !life->status_hidden;
	const bool killed = is_known && WIFSIGNALED(life->wait_status);
	const int signal = killed ? WTERMSIG(life->wait_status) : 0;
	char name[SIGNAL_NAME_SIZE] = "";

	if (is_known)
		add_u64(columns, out,
		        (uint64_t)(killed ? 128 + signal : WEXITSTATUS(life->wait_status)));
	else
		end_cell(columns, out);
	if (killed)
		signal_name(signal, name);
	add_text(columns, out, killed ? name : NULL);
	add_flag(columns, out, killed && WCOREDUMP(life->wait_status));
	add_flag(columns, out, killed && life->oom_killed);
}

static void add_names(struct process_columns *columns, struct text *out, const struct life *life)
{
	struct text args = {.data = NULL};

	add_foreign(columns, out, life->comm, strlen(life->comm));
	add_foreign(columns, out, life->exe, strlen(life->exe));
	if (life->args)
		args_text_add(&args, life->args, life->args_length);
	text_add_char(&args, '\0');
	if (args.failed)
		out->failed = true;
	else
		add_foreign(columns, out, args.data, args.n - 1);
	text_fini(&args);
	add_flag(columns, out, life->args_cut);
}

static void add_value(struct text *out, const struct life_value *value)
{
	char digits[NUMBER_F64_SIZE];

	if (value->type == VALUE_U64)
		text_add(out, digits, number_format_u64(value->u64, digits));
	else if (value->type == VALUE_F64)
		text_add(out, digits, number_format_f64(value->f64, digits));
}

void process_columns_add(struct process_columns *columns, struct text *out, const struct life *life)
{
	text_add(out, columns->prefix.data, columns->prefix.n);
	add_text(columns, out, life->rank && *life->rank ? life->rank : columns->rank);
	text_add(out, columns->suffix.data, columns->suffix.n);
	add_u64(columns, out, life->key.pid);
	add_time(columns, out, life->key.start_ns);
	add_u64(columns, out, life->number);
	if (life->parent.pid) {
		add_u64(columns, out, life->parent.pid);
		add_time(columns, out, life->parent.start_ns);
	} else {
		end_cell(columns, out);
		end_cell(columns, out);
	}
	if (life->ended)
		add_time(columns, out, life->end_ns);
	else
		end_cell(columns, out);
	add_names(columns, out, life);
	add_flag(columns, out, life->is_root);
	add_end(columns, out, life);
	add_u64(columns, out, life->threads);
	add_u64(columns, out, life->execs);
	for (size_t i = 0; i < columns->n_fields; i++) {
		if (i > 0)
			end_cell(columns, out);
		if (columns->fields[i] >= 0)
			add_value(out, &life->values[columns->fields[i]]);
	}
	text_add_char(out, '\n');
}

/* --- set-up ----------------------------------------------------------------------------------- */

static void make_common(struct process_columns *columns)
{
	struct text *cells = &columns->prefix;
	const char *key, *value;

	for (size_t i = 0; value = identity_field(&columns->identity, i, &key), key; i++) {
		if (strcmp(key, "rank") == 0) {
			columns->rank = value;
			cells = &columns->suffix;
		} else {
			add_text(columns, cells, value);
		}
	}
	add_u64(columns, cells, columns->run->number ? columns->run->number : 1);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < COUNT(known_fields); i++) {
		if (strcmp(known_fields[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Returns false on out of memory. */
static bool order_fields(struct process_columns *columns)
{
	const struct life_schema *schema = columns->schema;

	columns->fields = calloc(COUNT(known_fields) + schema->n, sizeof(*columns->fields));
	if (!columns->fields)
		return false;
	for (size_t i = 0; i < COUNT(known_fields); i++)
		columns->fields[columns->n_fields++] =
			life_field_index(schema, known_fields[i].name);
	for (size_t i = 0; i < schema->n; i++) {
		if (!is_known(schema->fields[i].name))
			columns->fields[columns->n_fields++] = (int)i;
	}
	return true;
}

int process_columns_init(struct process_columns *columns, const struct life_schema *schema,
                         const struct run_info *run, const char *delimiter)
{
	*columns = (struct process_columns){
		.schema = schema,
		.run = run,
		.delimiter = {delimiter, strlen(delimiter)},
	};
	identity_read(&columns->identity, run->id);
	make_common(columns);
	if (columns->prefix.failed || columns->suffix.failed || !order_fields(columns))
		return log_oom();
	return 0;
}

void process_columns_fini(struct process_columns *columns)
{
	free(columns->fields);
	text_fini(&columns->prefix);
	text_fini(&columns->suffix);
	text_fini(&columns->cell);
}
