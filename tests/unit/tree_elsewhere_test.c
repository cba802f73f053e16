/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Commands whose work is done elsewhere, and those that only look so. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tree/elsewhere.h"
#include "unit/tree_support.h"

#define SECOND 1000000000ULL

/*
 * The words of a command line that ran for a second, the names of its processes, each other's
 * parent.
 */
static const char *hint_of(const char *line, const char *names, uint64_t cpu_ns)
{
	struct tree *tree = tree_new(&SCHEMA, CPU);
	char words[256], comms[256], *argv[16] = {NULL}, *rest = NULL;
	const char *hint;
	uint32_t pid = 0;
	size_t n = 0;

	strcpy(words, line);
	strcpy(comms, names);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[n++] = word;
	for (char *comm = strtok_r(comms, " ", &rest); comm; comm = strtok_r(NULL, " ", &rest)) {
		struct process process;

		const char *mark = strchr(comm, '*');
		char name[16] = "";

		memcpy(name, comm, mark ? (size_t)(mark - comm) : strlen(comm));
		make(&process, pid + 1, pid, name);
		process.life.executed = !mark; /* else it is a copy of its parent */
		process.values[CPU].u64 = cpu_ns;
		pid++;
		assert_int_equal(tree_add(tree, &process.life), 0);
	}
	hint = elsewhere_hint(argv, tree, SECOND);
	tree_free(tree);
	return hint;
}

static void not_told(const char *line, const char *names)
{
	const char *hint = hint_of(line, names, 1000000);

	if (hint)
		fail_msg("'%s': the hint is: %s", line, hint);
}

static void clients_of_daemons_and_other_machines_are_told(void **state)
{
	static const struct {
		const char *line, *names, *phrase;
	} cases[] = {
		{"docker run --rm debian make", "docker", "watch --container ID"},
		{"/usr/bin/docker -H tcp://x run debian", "docker", "watch --container ID"},
		{"sudo -n docker build .", "sudo docker docker-buildx", "docker ps"},
		{"sudo -u nobody docker run x", "sudo docker", "docker ps"},
		{"sudo -nu nobody A=b docker run x", "sudo docker", "docker ps"},
		{"sudo --user=nobody -- docker run x", "sudo docker", "docker ps"},
		{"sudo --user nobody docker run x", "sudo docker", "docker ps"},
		{"timeout -k 5 60 ssh host make", "timeout ssh", "on another machine"},
		{"env A=b nice -n 5 docker run x", "docker", "docker ps"},
		{"podman --remote run x", "podman", "podman ps"},
		{"kubectl -n x exec pod -- make", "kubectl", "on its node"},
		{"ssh -p 22 host make -j8", "ssh", "on another machine"},
		{"srun -n4 ./job", "srun srun*", "srun alumet-agent exec"},
		{"systemd-run --wait make", "systemd-run", "watch --cgroup"},
		{"bazel build //...", "bazel", "watch PID"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *hint = hint_of(cases[i].line, cases[i].names, 1000000);

		if (!hint || !strstr(hint, cases[i].phrase))
			fail_msg("'%s': the hint is: %s", cases[i].line, hint ? hint : "none");
	}
}

static void who_works_in_the_tree_is_not(void **state)
{
	not_told("docker run x", "docker sh make");
	not_told("podman run x", "podman conmon crun make");
	not_told("systemd-run --scope make", "make cc1");
	not_told("bazel build //...", "bazel java");
	not_told("srun ./job", "srun srunner*");
	not_told("make", "make");
	not_told("sudo -u docker make run", "sudo make");
	not_told("timeout 5 make docker run", "timeout make");
	assert_null(hint_of("docker run x", "docker", SECOND / 2));
}

static void who_hands_nothing_over_is_not(void **state)
{
	not_told("docker ps -a", "docker");
	not_told("docker logs -f run-1", "docker");
	not_told("kubectl get pods", "kubectl");
	not_told("ssh host", "ssh");
	not_told("ssh -t -p 22 host", "ssh");
}

/* " run" is where the list begins: there is nothing before it to be read. */
static void a_word_with_blanks_is_no_sub_command(void **state)
{
	char *argv[] = {"docker", " run", "exec build", NULL};
	struct tree *tree = tree_new(&SCHEMA, CPU);

	assert_null(elsewhere_hint(argv, tree, SECOND));
	tree_free(tree);
}

static void a_command_that_has_just_begun_is_not(void **state)
{
	char *argv[] = {"docker", "run", "x", NULL};
	struct tree *tree = tree_new(&SCHEMA, CPU);

	assert_null(elsewhere_hint(argv, tree, SECOND / 10));
	assert_null(elsewhere_hint(argv, NULL, SECOND));
	assert_null(elsewhere_hint(NULL, tree, SECOND));
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_of_daemons_and_other_machines_are_told),
		cmocka_unit_test(who_works_in_the_tree_is_not),
		cmocka_unit_test(who_hands_nothing_over_is_not),
		cmocka_unit_test(a_word_with_blanks_is_no_sub_command),
		cmocka_unit_test(a_command_that_has_just_begun_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
