/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/elsewhere.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "alumet/life.h"

/* A client mostly waits: it uses less than this share of a CPU, and takes at least this long. */
#define CLIENT_CPU_SHARE 0.25
#define CLIENT_WALL_NS 300000000

#define OF_CONTAINER                                                                               \
	"the work was done by a daemon, in the container's cgroup, and is not in this tree: "      \
	"while it runs, 'sudo alumet-agent watch --container ID' measures it"

static const struct client {
	const char *name;
	const char *sub_commands; /* that hand over work, each between blanks; NULL: all */
	const char *hint;
} clients[] = {
	{"docker", " run exec build buildx compose start ",
         OF_CONTAINER " (docker ps shows the id)"},
	{"podman", " run exec build start ", OF_CONTAINER " (podman ps shows the id)"},
	{"nerdctl", " run exec build compose start ", OF_CONTAINER " (nerdctl ps shows the id)"},
	{"kubectl", " exec run ",
         "the work was done in a pod, and is not in this tree: on its node, 'sudo alumet-agent "
         "watch --container ID' measures it (kubectl describe pod shows the id)"},
	{"ssh", NULL,
         "the work was done on another machine, and is not in this tree: 'ssh HOST alumet-agent "
         "exec COMMAND' measures it there"},
	{"srun", NULL,
         "the work was done by Slurm's daemon, and is not in this tree: 'srun alumet-agent exec "
         "COMMAND' measures it where it runs"},
	{"systemd-run", NULL,
         "the work was done by systemd, in a cgroup of its own, and is not in this tree: with "
         "--unit=NAME, 'sudo alumet-agent watch --cgroup system.slice/NAME.service' measures it"},
	{"bazel", " build test run ",
         "the work was done by Bazel's server, and is not in this tree: 'alumet-agent watch PID' "
         "measures it and its workers (bazel info server_pid shows the pid)"},
	{"buck2", " build test run ",
         "the work was done by Buck2's daemon, and is not in this tree: 'alumet-agent watch --comm "
         "buck2d' measures it and its workers"},
	{"nix-build", NULL,
         "the work was done by Nix's daemon, and is not in this tree: 'sudo alumet-agent watch "
         "--comm nix-daemon' measures it and its builders"},
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Programs that run another command, which follows their own options and words. */
static const struct wrapper {
	const char *name;
	/* Options of one letter that take an argument, which may be the next word. */
	const char *with_argument;
	const char *long_ones;     /* and long options, each between blanks */
	size_t words;              /* its own words before the command */
} wrappers[] = {
	{"sudo", "CDghpRrtTUu",
         " --close-from --chdir --group --host --prompt --chroot --role --type --command-timeout "
         "--other-user --user ",
         0},
	{"doas", "Cu", "", 0},
	{"env", "CuS", " --chdir --unset ", 0},
	{"nice", "n", " --adjustment ", 0},
	{"nohup", "", "", 0},
	{"setsid", "", "", 0},
	{"stdbuf", "eio", " --error --input --output ", 0},
	{"timeout", "ks", " --kill-after --signal ", 1},
};

static const struct wrapper *find_wrapper(const char *name)
{
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (strcmp(name, wrappers[i].name) == 0)
			return &wrappers[i];
	}
	return NULL;
}

static const struct client *find_client(const char *name)
{
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		if (strcmp(name, clients[i].name) == 0)
			return &clients[i];
	}
	return NULL;
}

static bool is_in_list(const char *list, const char *word)
{
	const size_t n = strlen(word);

	if (n == 0 || strchr(word, ' '))
		return false;
	for (const char *found = strstr(list, word); found; found = strstr(found + 1, word)) {
		if (found[-1] == ' ' && found[n] == ' ')
			return true;
	}
	return false;
}

/* Whether the option's argument is the next word: "-u nobody", "--user nobody"; not "-unobody". */
static bool takes_next(const struct wrapper *wrapper, const char *option)
{
	const char *letter;

	if (option[1] == '-')
		return is_in_list(wrapper->long_ones, option);
	/* Of several letters, only the last one can: "-nu nobody". */
	letter = option + strcspn(option + 1, wrapper->with_argument) + 1;
	return *letter && !letter[1];
}

/* The command's own words, after those of wrappers. */
static char *const *skip_wrappers(char *const *argv)
{
	const struct wrapper *wrapper;

	while (*argv && (wrapper = find_wrapper(base_name(*argv)))) {
		size_t words = wrapper->words;

		for (argv++; *argv; argv++) {
			if (strcmp(*argv, "--") == 0)
				continue;
			if (**argv == '-') {
				if (takes_next(wrapper, *argv) && argv[1])
					argv++;
				continue;
			}
			/* NAME=VALUE, for sudo and env. */
			if (strchr(*argv, '=') && !strchr(*argv, '/'))
				continue;
			if (!words)
				break;
			words--;
		}
	}
	return argv;
}

/* One of the first two words must be a known sub-command: an option's argument may precede it. */
static bool hands_over(const struct client *client, char *const *argv)
{
	size_t words = 0;

	if (!client->sub_commands)
		return true;
	for (char *const *word = argv + 1; *word && words < 2; word++) {
		if (**word == '-')
			continue;
		words++;
		if (is_in_list(client->sub_commands, *word))
			return true;
	}
	return false;
}

/* "ssh host" waits for a person; "ssh host make", with two words that are not options, does not. */
static bool is_interactive(const struct client *client, char *const *argv)
{
	size_t words = 0;

	if (strcmp(client->name, "ssh") != 0)
		return false;
	for (char *const *word = argv + 1; *word; word++) {
		/* Options of ssh(1) that take an argument. */
		const bool takes_next = strlen(*word) == 2 && **word == '-' &&
		                        strchr("BbcDEeFIiJLlmOopQRSWw", (*word)[1]);

		words += **word != '-';
		if (takes_next && word[1])
			word++;
	}
	return words < 2;
}

/* "docker" itself, a helper such as "docker-buildx", or a fork without exec: see tree/label.h. */
static bool is_client(const char *own, const char *name)
{
	const size_t n = strlen(name);

	return strncmp(own, name, n) == 0 &&
	       (!own[n] || own[n] == '-' || strcmp(own + n, " (fork)") == 0);
}

/* Whether only the client, its helpers and wrappers ran below the node. */
static bool is_client_only(const struct tree_node *node, const char *name)
{
	for (const struct tree_node *child = node->children; child; child = child->next) {
		const char *own = child->name ? child->name : "";

		if (!find_wrapper(own) && !is_client(own, name))
			return false;
		if (!is_client_only(child, name))
			return false;
	}
	return true;
}

static double cpu_ns(const struct tree *tree, const struct tree_node *node)
{
	const int field = life_field_index(tree_schema(tree), "cpu-time");
	double sum = field < 0 ? 0 : tree_number(&node->own[field]);

	for (const struct tree_node *child = node->children; child; child = child->next)
		sum += cpu_ns(tree, child);
	return sum;
}

const char *elsewhere_hint(char *const *argv, const struct tree *tree, uint64_t wall_ns)
{
	const struct client *client;

	if (!argv || !*argv || !tree || wall_ns < CLIENT_WALL_NS)
		return NULL;
	argv = skip_wrappers(argv);
	client = *argv ? find_client(base_name(*argv)) : NULL;
	if (!client || !hands_over(client, argv) || is_interactive(client, argv))
		return NULL;
	if (!is_client_only(tree_top(tree), client->name) ||
	    cpu_ns(tree, tree_top(tree)) > CLIENT_CPU_SHARE * (double)wall_ns)
		return NULL;
	return client->hint;
}
