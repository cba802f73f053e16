/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parsing half of toml.h: toml++ compiled in, its tree copied into C values. */

/*
 * toml++ 3.3 asserts, instead of checking, that what follows a table header's '[' can begin a key:
 * it is not so in "[=]". What it asserts is a mistake in the document here.
 */
[[noreturn]] static void surprise();
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : surprise())

/* Lists of tables are the deepest that a setting is. */
#define TOML_MAX_NESTED_VALUES 16

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "agent/toml.h"

namespace
{

/* Thrown by an assertion of toml++'s, caught in this file only. */
struct surprised {
};

/* What ends the copying: the same. */
struct refused {
	toml_place place;
	const char *message;
};

toml_place place_of(const toml::source_region &region)
{
	return {region.begin.line, region.begin.column};
}

char *copy_text(std::string_view text, toml_place place)
{
	if (text.find('\0') != text.npos)
		throw refused{place, "a NUL character (\\u0000) is not possible here"};

	char *copy = static_cast<char *>(std::malloc(text.size() + 1));
	if (!copy)
		throw std::bad_alloc();
	std::memcpy(copy, text.data(), text.size());
	copy[text.size()] = '\0';
	return copy;
}

void copy_node(const toml::node &node, const char *origin, toml_value &value);

/* Room for n zeroed items; toml_free() takes those, should copying end half-way. */
void make_items(toml_value &value, size_t n)
{
	if (n == 0)
		return;
	value.items = static_cast<toml_value *>(std::calloc(n, sizeof(*value.items)));
	if (!value.items)
		throw std::bad_alloc();
	value.n = n;
}

bool stands_before(const toml::key *a, const toml::key *b)
{
	const toml::source_position &x = a->source().begin, &y = b->source().begin;

	return x.line != y.line ? x.line < y.line : x.column < y.column;
}

/* toml++ sorts a table's keys by name; the file's order makes for messages in reading order. */
void copy_table(const toml::table &table, const char *origin, toml_value &value)
{
	std::vector<const toml::key *> keys;

	for (auto &&[key, node] : table)
		keys.push_back(&key);
	std::stable_sort(keys.begin(), keys.end(), stands_before);

	value.type = TOML_TABLE;
	make_items(value, keys.size());
	for (size_t i = 0; i < keys.size(); i++) {
		value.items[i].key_place = place_of(keys[i]->source());
		value.items[i].key = copy_text(keys[i]->str(), value.items[i].key_place);
		copy_node(*table.get(keys[i]->str()), origin, value.items[i]);
	}
}

void copy_array(const toml::array &array, const char *origin, toml_value &value)
{
	value.type = TOML_ARRAY;
	make_items(value, array.size());
	for (size_t i = 0; i < array.size(); i++)
		copy_node(*array.get(i), origin, value.items[i]);
}

/*
 * The depth of the recursion, also that of toml++'s destructors, is bounded: by DOTS_MAX tables for
 * each of TOML_MAX_NESTED_VALUES values.
 */
void copy_node(const toml::node &node, const char *origin, toml_value &value)
{
	value.origin = origin;
	value.place = place_of(node.source());

	if (const toml::table *table = node.as_table()) {
		copy_table(*table, origin, value);
	} else if (const toml::array *array = node.as_array()) {
		copy_array(*array, origin, value);
	} else if (const toml::value<std::string> *string = node.as_string()) {
		value.string = copy_text(string->get(), value.place);
		value.type = TOML_STRING;
	} else if (const toml::value<int64_t> *integer = node.as_integer()) {
		value.type = TOML_INTEGER;
		value.integer = integer->get();
	} else if (const toml::value<double> *real = node.as_floating_point()) {
		value.type = TOML_FLOAT;
		value.real = real->get();
	} else if (const toml::value<bool> *boolean = node.as_boolean()) {
		value.type = TOML_BOOLEAN;
		value.boolean = boolean->get();
	} else {
		value.type = TOML_DATETIME;
	}
}

/* Most dots in a line: a dotted key makes a table for each. */
constexpr size_t DOTS_MAX = 500;

/* Whether a line may nest tables without bound: "a.a.a.a.a…". place: of the dot that is too many. */
bool nests_too_deep(std::string_view text, toml_place &place)
{
	size_t dots = 0;

	place = {1, 0};
	for (char byte : text) {
		place.column++;
		if (byte == '\n') {
			place = {place.line + 1, 0};
			dots = 0;
		}
		if (byte == '.' && ++dots > DOTS_MAX)
			return true;
	}
	return false;
}

bool surprises(std::string_view text)
{
	try {
		(void)toml::parse(text);
		return false;
	} catch (const surprised &) {
		return true;
	}
}

/* The last character of the shortest beginning of the text that surprises, as all of it does. */
toml_place place_of_surprise(std::string_view text)
{
	size_t fine = 0, too_long = text.size();
	toml_place place = {1, 0};

	while (too_long - fine > 1) {
		const size_t middle = fine + (too_long - fine) / 2;

		(surprises(text.substr(0, middle)) ? too_long : fine) = middle;
	}
	for (char byte : text.substr(0, too_long)) {
		if (byte == '\n')
			place = {place.line + 1, 0};
		else if ((byte & 0xc0) != 0x80) /* not a later byte of a character */
			place.column++;
	}
	return place;
}

int refuse(toml_error *error, toml_place place, std::string_view message)
{
	error->place = place;
	std::snprintf(error->message, sizeof(error->message), "%.*s",
	              static_cast<int>(message.size()), message.data());
	return -EINVAL;
}

} /* namespace */

static void surprise()
{
	throw surprised();
}

extern "C" int toml_parse(const char *text, size_t length, const char *origin,
                          struct toml_value **root, struct toml_error *error)
{
	toml_value *copy = nullptr;
	toml_place place;

	*root = nullptr;
	if (nests_too_deep(std::string_view(text, length), place))
		return refuse(error, place, "too many dots in one line");
	try {
		const toml::parse_result result = toml::parse(std::string_view(text, length));
		if (!result) {
			const toml::parse_error &e = result.error();
			return refuse(error, place_of(e.source()), e.description());
		}

		copy = static_cast<toml_value *>(std::calloc(1, sizeof(*copy)));
		if (!copy)
			return -ENOMEM;
		copy_node(result.table(), origin, *copy);
		*root = copy;
		return 0;
	} catch (const surprised &) {
		return refuse(error, place_of_surprise(std::string_view(text, length)),
		              "a table's name begins with a letter, a digit, '_' or '-'; other "
		              "names are written in quotes");
	} catch (const refused &r) {
		toml_free(copy);
		return refuse(error, r.place, r.message);
	} catch (...) {
		/* With toml++'s own exceptions switched off only memory can have run out. */
		toml_free(copy);
		return -ENOMEM;
	}
}
