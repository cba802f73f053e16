/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/log.h"
#include "core/text.h"
#include "send/address.h"
#include "send/token.h"

static const struct {
	const char *prefix;
	enum send_protocol protocol;
} prefixes[] = {
	{"influx+", SEND_INFLUX},
	{"clickhouse+", SEND_CLICKHOUSE},
	{"otlp+", SEND_OTLP},
};

static bool path_is(const struct address *parts, const char *path)
{
	return parts->n_path == strlen(path) && memcmp(parts->path, path, parts->n_path) == 0;
}

/*
 * Take the protocol from the scheme. Returns false if it names none. *url: the address without the
 * protocol's name.
 */
static bool take_protocol(const char *address, const char **url, enum send_protocol *protocol)
{
	*url = address;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const size_t length = strlen(prefixes[i].prefix);

		if (strncmp(address, prefixes[i].prefix, length) != 0)
			continue;
		*url = address + length;
		*protocol = prefixes[i].protocol;
		return true;
	}
	return false;
}

/* Choose the protocol by the path, if the scheme does not name it. */
static int guess_protocol(const char *address, const struct address *parts,
                          enum send_protocol *protocol)
{
	if (path_is(parts, "/write") || path_is(parts, "/api/v2/write"))
		*protocol = SEND_INFLUX;
	else if (path_is(parts, "/v1/traces"))
		*protocol = SEND_OTLP;
	else
		return log_errno(-EINVAL, "send: '%s' names no protocol\n%s",
		                 address_shown(address), address_usage);
	return 0;
}

/* The name becomes part of a statement: only letters, digits, '_' and '.' are allowed. */
static int take_table(struct send_target *target, const struct address *parts)
{
	size_t n = strlen("processes");
	const char *table = address_find_key(parts, "table", &n);
	bool is_name = n > 0;

	if (!table)
		table = "processes";
	for (size_t i = 0; i < n; i++)
		is_name &= isalnum((unsigned char)table[i]) || table[i] == '_' || table[i] == '.';
	if (!is_name)
		return log_errno(-EINVAL, "send: '%.*s' is not the name of a table", (int)n, table);
	target->table = strndup(table, n);
	return target->table ? 0 : log_oom();
}

/* Add the query without the key that the agent sets or uses itself. */
static void add_query_without(struct text *url, const struct address *parts, const char *key)
{
	const char *at = parts->query, *end = at + parts->n_query;
	const size_t length = strlen(key);

	while (at && at < end) {
		const char *next = memchr(at, '&', (size_t)(end - at));

		next = next ? next : end;
		if (strncmp(at, key, length) != 0 || at[length] != '=') {
			text_add_char(url, '&');
			text_add(url, at, (size_t)(next - at));
		}
		at = next + 1;
	}
}

static void add_path(struct text *url, const struct address *parts, const char *initial)
{
	if (parts->n_path == 0 || path_is(parts, "/"))
		text_add_string(url, initial);
	else
		text_add(url, parts->path, parts->n_path);
}

static void make_influx(struct text *url, const struct address *parts)
{
	size_t n;

	add_path(url, parts, address_find_key(parts, "bucket", &n) ? "/api/v2/write" : "/write");
	text_add_string(url, "?precision=ns");
	add_query_without(url, parts, "precision");
}

static void make_clickhouse(struct text *url, const struct address *parts, const char *table)
{
	add_path(url, parts, "/");
	text_add_string(url, "?query=INSERT%20INTO%20");
	text_add_string(url, table);
	text_add_string(url, "%20FORMAT%20CSVWithNames");
	add_query_without(url, parts, "table");
}

static int make_url(struct send_target *target, const struct address *parts)
{
	struct text url = {.data = NULL};
	int err = 0;

	text_add_string(&url, parts->scheme);
	text_add(&url, parts->authority, parts->n_authority);
	switch (target->protocol) {
	case SEND_INFLUX:
		make_influx(&url, parts);
		break;
	case SEND_CLICKHOUSE:
		err = take_table(target, parts);
		if (!err)
			make_clickhouse(&url, parts, target->table);
		break;
	case SEND_OTLP:
		add_path(&url, parts, "/v1/traces");
		if (parts->query) {
			text_add_char(&url, '?');
			text_add(&url, parts->query, parts->n_query);
		}
		break;
	}
	text_add_char(&url, '\0');
	if (!err && url.failed)
		err = log_oom();
	target->url = url.data;
	return err;
}

/* host may include a port. "localhost.example.org" is not loopback. */
static bool is_loopback(const char *host)
{
	const size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	struct in_addr address;
	char name[64];

	if (n >= sizeof(name) || (host[n] && host[n] != ':'))
		return false;
	memcpy(name, host, n);
	name[n] = '\0';
	return strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
	       (inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/* The user's name becomes a header. */
static int take_user(struct send_target *target, const struct address *parts)
{
	if (!parts->user)
		return 0;
	target->user = address_unescape(parts->user, parts->n_user);
	if (!target->user)
		return log_oom();
	for (const char *at = target->user; *at; at++) {
		if (iscntrl((unsigned char)*at))
			return log_errno(-EINVAL, "send: the user's name has a control character");
	}
	return 0;
}

static int take_token(struct send_target *target, const struct address *parts,
                      const char *token_file)
{
	int err = send_token_find(token_file, &target->token);

	if (!err && target->token && strcmp(parts->scheme, "http://") == 0 && !target->is_loopback)
		log_warn("send: the token goes to %s unencrypted\nuse https", target->host);
	return err;
}

int send_target_init(struct send_target *target, const char *address, const char *token_file)
{
	struct address parts;
	bool has_protocol;
	const char *url;
	int err;

	*target = (struct send_target){.url = NULL};
	has_protocol = take_protocol(address, &url, &target->protocol);
	err = address_parse(address, url, &parts);
	if (!err && !has_protocol)
		err = guess_protocol(address, &parts, &target->protocol);
	if (!err)
		err = make_url(target, &parts);
	if (!err)
		err = take_user(target, &parts);
	if (err)
		return err;
	target->host = strndup(parts.authority, parts.n_authority);
	if (!target->host)
		return log_oom();
	target->is_loopback = is_loopback(target->host);
	return take_token(target, &parts, token_file);
}

void send_target_fini(struct send_target *target)
{
	send_token_free(target->token);
	free(target->url);
	free(target->host);
	free(target->table);
	free(target->user);
	*target = (struct send_target){.url = NULL};
}
