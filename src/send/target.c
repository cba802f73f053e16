/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/log.h"

#define TOKEN_VARIABLE "ALUMET_TOKEN"

static const char usage[] =
	"write for example: --to 'influx+http://localhost:8086/write?db=alumet',\n"
	"--to 'clickhouse+http://localhost:8123/?table=processes' or\n"
	"--to otlp+http://localhost:4318/v1/traces";

static const struct {
	const char *prefix;
	enum send_protocol protocol;
} prefixes[] = {
	{"influx+", SEND_INFLUX},
	{"clickhouse+", SEND_CLICKHOUSE},
	{"otlp+", SEND_OTLP},
};

/* The parts of an address; not NUL-terminated. */
struct parts {
	const char *user, *authority, *path, *query; /* of lengths: */
	size_t n_user, n_authority, n_path, n_query;
	const char *scheme;
};

static bool path_is(const struct parts *parts, const char *path)
{
	return parts->n_path == strlen(path) && memcmp(parts->path, path, parts->n_path) == 0;
}

/* The address as messages show it: "…" if it may contain a password. */
static const char *shown(const char *address)
{
	return strpbrk(address, "@?") ? "…" : address;
}

static int split(const char *address, const char *url, struct parts *parts)
{
	const char *rest = url, *at;
	size_t n;

	if (strncmp(url, "http://", 7) == 0)
		parts->scheme = "http://";
	else if (strncmp(url, "https://", 8) == 0)
		parts->scheme = "https://";
	else
		return log_errno(-EINVAL, "send: '%s' is not the address of a store\n%s",
		                 shown(address), usage);
	rest += strlen(parts->scheme);
	n = strcspn(rest, "/?#");
	at = memrchr(rest, '@', n);
	if (at) {
		parts->user = rest;
		parts->n_user = (size_t)(at - rest);
		n -= parts->n_user + 1;
		rest = at + 1;
	}
	parts->authority = rest;
	parts->n_authority = n;
	rest += n;
	parts->path = rest;
	parts->n_path = strcspn(rest, "?#");
	rest += parts->n_path;
	if (*rest == '?') {
		parts->query = ++rest;
		parts->n_query = strcspn(rest, "#");
	}
	if (n == 0)
		return log_errno(-EINVAL, "send: '%s' names no host\n%s", shown(address), usage);
	return 0;
}

/* The value of a key in the query; NULL: it is not there. */
static const char *find_key(const struct parts *parts, const char *key, size_t *n)
{
	const size_t length = strlen(key);
	const char *at = parts->query, *end = at + parts->n_query;

	while (at && at < end) {
		const char *next = memchr(at, '&', (size_t)(end - at));

		next = next ? next : end;
		if ((size_t)(next - at) > length && memcmp(at, key, length) == 0 &&
		    at[length] == '=') {
			*n = (size_t)(next - at) - length - 1;
			return at + length + 1;
		}
		at = next + 1;
	}
	return NULL;
}

/* Keys of a query that hold passwords: of InfluxDB 1, ClickHouse and gateways. */
static const char *const secret_keys[] = {"p", "password", "token", "access_token"};

static bool has_secret_key(const struct parts *parts)
{
	size_t n;

	for (size_t i = 0; i < sizeof(secret_keys) / sizeof(secret_keys[0]); i++) {
		if (find_key(parts, secret_keys[i], &n))
			return true;
	}
	return false;
}

/* Refuse passwords: every user of the machine can read arguments. The address is not shown. */
static int check_secrets(const struct parts *parts)
{
	if (!(parts->user && memchr(parts->user, ':', parts->n_user)) && !has_secret_key(parts))
		return 0;
	return log_errno(
		-EINVAL,
		"send: the address has a password, which every user of this machine can see\n"
		"put it into a file (--token-file FILE) or the environment "
		"(" TOKEN_VARIABLE ")");
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
static int guess_protocol(const char *address, const struct parts *parts,
                          enum send_protocol *protocol)
{
	if (path_is(parts, "/write") || path_is(parts, "/api/v2/write"))
		*protocol = SEND_INFLUX;
	else if (path_is(parts, "/v1/traces"))
		*protocol = SEND_OTLP;
	else
		return log_errno(-EINVAL, "send: '%s' names no protocol\n%s", shown(address),
		                 usage);
	return 0;
}

/* The name becomes part of a statement: only letters, digits, '_' and '.' are allowed. */
static int take_table(struct send_target *target, const struct parts *parts)
{
	size_t n = strlen("processes");
	const char *table = find_key(parts, "table", &n);

	if (!table)
		table = "processes";
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)table[i]) && table[i] != '_' && table[i] != '.')
			return log_errno(-EINVAL, "send: '%.*s' is not the name of a table", (int)n,
			                 table);
	}
	target->table = strndup(table, n);
	return target->table ? 0 : log_oom();
}

/* Add the query without the key that the agent sets or uses itself. */
static void add_query_without(struct text *url, const struct parts *parts, const char *key)
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

static void add_path(struct text *url, const struct parts *parts, const char *initial)
{
	if (parts->n_path == 0 || path_is(parts, "/"))
		text_add_string(url, initial);
	else
		text_add(url, parts->path, parts->n_path);
}

static void make_influx(struct text *url, const struct parts *parts)
{
	size_t n;

	add_path(url, parts, find_key(parts, "bucket", &n) ? "/api/v2/write" : "/write");
	text_add_string(url, "?precision=ns");
	add_query_without(url, parts, "precision");
}

static void make_clickhouse(struct text *url, const struct parts *parts, const char *table)
{
	add_path(url, parts, "/");
	text_add_string(url, "?query=INSERT%20INTO%20");
	text_add_string(url, table);
	text_add_string(url, "%20FORMAT%20CSVWithNames");
	add_query_without(url, parts, "table");
}

static int make_url(struct send_target *target, const struct parts *parts)
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

/* --- the token -------------------------------------------------------------------------------- */

/* Refuse line breaks: they would begin further headers. */
static int take_token(struct send_target *target, const char *bytes, size_t n, const char *whence)
{
	while (n > 0 && isspace((unsigned char)bytes[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++) {
		if (!isgraph((unsigned char)bytes[i]) && bytes[i] != ' ')
			return log_errno(-EINVAL, "send: the token of %s is not one line of text",
			                 whence);
	}
	if (n == 0)
		return log_errno(-EINVAL, "send: the token of %s is empty", whence);
	target->token = strndup(bytes, n);
	return target->token ? 0 : log_oom();
}

static int read_token(struct send_target *target, const char *path)
{
	char bytes[SEND_TOKEN_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (n < 0)
		err = log_errno(-errno, "send: cannot read the token from '%s': %s", path,
		                strerror(errno));
	if (fd >= 0)
		close(fd);
	if (!err && n > SEND_TOKEN_MAX)
		err = log_errno(-EINVAL, "send: '%s' is not a token: it has more than %d bytes",
		                path, SEND_TOKEN_MAX);
	return err ? err : take_token(target, bytes, (size_t)n, path);
}

static int find_token(struct send_target *target, const char *path)
{
	const char *token = getenv(TOKEN_VARIABLE);

	if (path)
		return read_token(target, path);
	return token && *token ? take_token(target, token, strlen(token), TOKEN_VARIABLE) : 0;
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

int send_target_init(struct send_target *target, const char *address, const char *token_file)
{
	struct parts parts = {.user = NULL};
	bool has_protocol;
	const char *url;
	int err;

	*target = (struct send_target){.url = NULL};
	has_protocol = take_protocol(address, &url, &target->protocol);
	err = split(address, url, &parts);
	if (!err)
		err = check_secrets(&parts);
	if (!err && !has_protocol)
		err = guess_protocol(address, &parts, &target->protocol);
	if (!err)
		err = make_url(target, &parts);
	if (err)
		return err;
	target->host = strndup(parts.authority, parts.n_authority);
	if (parts.user)
		target->user = strndup(parts.user, parts.n_user);
	if (!target->host || (parts.user && !target->user))
		return log_oom();
	err = find_token(target, token_file);
	if (!err && target->token && strcmp(parts.scheme, "http://") == 0 &&
	    !is_loopback(target->host))
		log_warn("send: the token goes to %s unencrypted\nuse https", target->host);
	return err;
}

void send_target_fini(struct send_target *target)
{
	if (target->token)
		explicit_bzero(target->token, strlen(target->token));
	free(target->token);
	free(target->url);
	free(target->host);
	free(target->table);
	free(target->user);
	*target = (struct send_target){.url = NULL};
}
