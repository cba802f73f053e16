/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the command is started, what it gets, and what is told when it cannot be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "run/command.h"
#include "unit/messages.h"
#include "unit/output_support.h"

#define SHELL(script) ((char *const[]){(char *)"sh", (char *)"-c", (char *)(script), NULL})

/* Succeeds when the kernel says this of the command itself; a shell would change its signals. */
#define GREP(pattern, file)                                                                        \
	((char *const[]){(char *)"grep", (char *)"-q", (char *)(pattern),                          \
	                 (char *)"/proc/self/" file, NULL})

static struct folder folder;

static int make(void **state)
{
	folder_make(&folder);
	return 0;
}

static int unmake(void **state)
{
	folder_remove(&folder);
	return 0;
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Starts the command, waits for its end; its wait status. */
static int run(char *const *argv, const struct inherited *inherited)
{
	int pidfd = -1, status = -1;
	pid_t pid = -1;

	assert_int_equal(command_start(argv, inherited, &pid, &pidfd), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pidfd);
	return status;
}

static int run_shell(const char *script)
{
	struct inherited inherited;

	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	return run(SHELL(script), &inherited);
}

/* Neither a descriptor nor a process is left. */
static void assert_cannot_start(const char *name, int err)
{
	struct inherited inherited;
	char *const argv[] = {(char *)name, NULL};
	int before = count_descriptors(), pidfd;
	pid_t pid;

	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	assert_int_equal(command_start(argv, &inherited, &pid, &pidfd), err);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void write_program(const char *name, const char *text, mode_t mode)
{
	write_file(folder_path(&folder, name), text);
	assert_int_equal(chmod(folder_path(&folder, name), mode), 0);
}

/* --- starting --------------------------------------------------------------------------------- */

static void a_command_is_looked_up_and_run(void **state)
{
	int status = run_shell("exit 7");

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(WTERMSIG(run_shell("kill -9 $$")), SIGKILL);
}

static void the_pidfd_is_of_the_command_and_not_inherited(void **state)
{
	struct inherited inherited;
	struct pollfd ready = {.events = POLLIN};
	pid_t pid;
	int status;

	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	assert_int_equal(command_start(SHELL("read x; exit 3"), &inherited, &pid, &ready.fd), 0);
	assert_true(fcntl(ready.fd, F_GETFD) & FD_CLOEXEC);
	syscall(SYS_pidfd_send_signal, ready.fd, SIGTERM, NULL, 0);
	assert_int_equal(poll(&ready, 1, 10000), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ready.fd);
}

static void the_environment_is_the_one_that_was_saved(void **state)
{
	char *environment[] = {(char *)"ONE=1", (char *)"TWO=two words", NULL};
	struct inherited inherited;

	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	inherited.environment = environment;
	assert_int_equal(
		run(SHELL("[ \"$ONE/$TWO\" = '1/two words' ] && [ -z \"$HOME\" ]"), &inherited), 0);
}

/* What the agent changes for itself between inherited_save() and the start. */
static void signals_and_limits_are_those_that_were_saved(void **state)
{
	struct rlimit first, small, large;
	struct inherited inherited;
	sigset_t mask, before;
	int mask_status, ignored_status, limit_status;

	getrlimit(RLIMIT_MEMLOCK, &first);
	small = (struct rlimit){65536, first.rlim_max};
	large = (struct rlimit){1 << 20, first.rlim_max};
	if (first.rlim_max < large.rlim_cur) {
		print_message("the hard RLIMIT_MEMLOCK is below 1 MiB\n");
		skip();
	}
	setrlimit(RLIMIT_MEMLOCK, &small);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, &before);
	signal(SIGCHLD, SIG_IGN);
	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	setrlimit(RLIMIT_MEMLOCK, &large);
	mask_status = run(GREP("SigBlk:.*0200$", "status"), &inherited);
	ignored_status = run(GREP("SigIgn:.*[13579bdf]....$", "status"), &inherited);
	limit_status = run(GREP("Max locked memory *65536 ", "limits"), &inherited);
	setrlimit(RLIMIT_MEMLOCK, &first);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(mask_status, 0);
	assert_int_equal(ignored_status, 0);
	assert_int_equal(limit_status, 0);
}

/* The agent may open as many files as it is allowed to; the command keeps its own limit. */
static void the_limit_of_open_files_is_raised_for_the_agent_alone(void **state)
{
	struct rlimit first, small, raised;
	struct inherited inherited;
	int status;

	getrlimit(RLIMIT_NOFILE, &first);
	small = (struct rlimit){64, first.rlim_max};
	setrlimit(RLIMIT_NOFILE, &small);
	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	getrlimit(RLIMIT_NOFILE, &raised);
	status = run(GREP("Max open files *64 ", "limits"), &inherited);
	setrlimit(RLIMIT_NOFILE, &first);
	assert_int_equal(raised.rlim_cur, first.rlim_max);
	assert_int_equal(raised.rlim_max, first.rlim_max);
	assert_int_equal(status, 0);
}

static void a_script_without_an_interpreter_line_is_the_shells(void **state)
{
	struct inherited inherited;
	char *const argv[] = {(char *)folder_path(&folder, "script"), (char *)"4", NULL};

	write_program("script", "exit $1\n", 0755);
	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	assert_int_equal(WEXITSTATUS(run(argv, &inherited)), 4);
}

/* --- not starting ----------------------------------------------------------------------------- */

static void what_cannot_be_executed_is_an_error_and_leaves_nothing(void **state)
{
	assert_cannot_start("no-such-command-anywhere", -ENOENT);
	assert_cannot_start("/no/such/command", -ENOENT);
	assert_cannot_start("/etc/passwd/command", -ENOTDIR);
	assert_cannot_start(folder.path, -EACCES);
	write_program("plain", "#!/bin/sh\n", 0644);
	assert_cannot_start(folder_path(&folder, "plain"), -EACCES);
	write_program("lost", "#!/no/such/interpreter\n", 0755);
	assert_cannot_start(folder_path(&folder, "lost"), -ENOENT);
}

static void arguments_beyond_the_kernels_limit_are_an_error(void **state)
{
	size_t n = (size_t)sysconf(_SC_ARG_MAX) + 1000000;
	char *argument = malloc(131000);
	char **argv = calloc(n / 130000 + 2, sizeof(*argv));
	struct inherited inherited;
	int pidfd;
	pid_t pid;

	memset(argument, 'x', 130999);
	argument[130999] = '\0';
	argv[0] = (char *)"true";
	for (size_t i = 1; i < n / 130000 + 1; i++)
		argv[i] = argument;
	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	assert_int_equal(command_start(argv, &inherited, &pid, &pidfd), -E2BIG);
	free(argument);
	free(argv);
}

static void assert_explained_for(pid_t pid, const char *name, int err, int status,
                                 const char *words)
{
	struct messages messages;
	const char *said;
	int result;

	messages_catch(&messages, STDERR_FILENO);
	result = command_explain(name, err, pid);
	said = messages_text(&messages);
	if (!strstr(said, words))
		fail_msg("\"%s\" is not in: %s", words, said);
	assert_int_equal(result, status);
}

static void assert_explained(const char *name, int err, int status, const char *words)
{
	assert_explained_for(4711, name, err, status, words);
}

static void without_a_process_it_is_the_agent_that_failed(void **state)
{
	assert_explained_for(-1, "true", -EAGAIN, 125, "raise 'ulimit -u' (now ");
	assert_explained_for(-1, "true", -EMFILE, 125, "raise 'ulimit -n' (now ");
	assert_explained_for(-1, "true", -ENOMEM, 125,
	                     "cannot create the command's process: Cannot allocate memory");
}

static void a_process_that_cannot_be_created_has_no_pid(void **state)
{
	struct rlimit before;
	struct inherited inherited;
	int pidfd = -1;
	pid_t pid = 0;

	inherited_save(&inherited, (char *[]){(char *)"test", NULL});
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
	assert_int_equal(command_start(SHELL("exit 0"), &inherited, &pid, &pidfd), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(pid, -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void what_is_not_found_is_127_with_a_hint(void **state)
{
	char *path = strdup(getenv("PATH"));

	assert_explained("/no/such/command", -ENOENT, 127, "no such file");
	write_program("compile", "#!/bin/sh\n", 0755);
	setenv("PATH", folder.path, 1);
	assert_explained("compiel", -ENOENT, 127, "did you mean 'compile'?");
	assert_explained("something-else", -ENOENT, 127, "not found in PATH");
	unsetenv("PATH");
	assert_explained("something-quite-else", -ENOENT, 127, "not found in PATH");
	setenv("PATH", path, 1);
	free(path);
	write_program("lost", "#!/no/such/interpreter\n", 0755);
	assert_explained(folder_path(&folder, "lost"), -ENOENT, 127,
	                 "interpreter does not exist: /no/such/interpreter");
	write_program("foreign", "\177ELF", 0755);
	assert_explained(folder_path(&folder, "foreign"), -ENOENT, 127, "another system");
}

/* Each in one word, as exec has it: a shell would have made another command of it. */
static void a_shells_command_line_is_told_from_a_name(void **state)
{
	char longest[5000];

	assert_explained("sleep 1", -ENOENT, 127, "exec sh -c 'sleep 1'\n");
	assert_explained("./job --fast", -ENOENT, 127, "exec sh -c './job --fast'\n");
	assert_explained("a && b", -ENOENT, 127, "exec sh -c 'a && b'\n");
	assert_explained("ls|wc", -ENOENT, 127, "exec sh -c 'ls|wc'\n");
	assert_explained("echo 'a b'", -ENOENT, 127, "exec sh -c 'echo '\\''a b'\\'''\n");
	assert_explained("X=1 make", -ENOENT, 127, "exec sh -c 'X=1 make'\n");
	assert_explained("FOO=1", -ENOENT, 127, "exec env FOO=1 COMMAND\n");
	assert_explained("PATH=/a/b", -ENOENT, 127, "exec env PATH=/a/b COMMAND\n");
	assert_explained("cd", -ENOENT, 127, "exec sh -c 'cd ...'\n");
	assert_explained("source", -ENOENT, 127, "exec sh -c 'source ...'\n");
	assert_explained("1=2", -ENOENT, 127, "not found in PATH");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	longest[4000] = ' ';
	assert_explained(longest, -ENAMETOOLONG, 127, "a whole shell command line");

	/* A program of that name is what was meant. */
	write_program("two words", "#!/no/such/interpreter\n", 0755);
	assert_explained(folder_path(&folder, "two words"), -ENOENT, 127, "its interpreter");
}

static void a_program_beside_the_user_is_pointed_at(void **state)
{
	char here[4096];

	assert_non_null(getcwd(here, sizeof(here)));
	write_program("tool", "#!/bin/sh\n", 0755);
	assert_int_equal(chdir(folder.path), 0);
	assert_explained("tool", -ENOENT, 127, "did you mean ./tool?");
	assert_int_equal(chdir(here), 0);
}

static void what_cannot_be_run_is_126_with_a_reason(void **state)
{
	assert_explained(folder.path, -EACCES, 126, "is a directory");
	write_program("plain", "x", 0644);
	assert_explained(folder_path(&folder, "plain"), -EACCES, 126, "chmod +x");
	assert_explained("/bin/sh", -EACCES, 126, "permission denied");
	assert_explained("sh", -E2BIG, 126, "too long for the kernel");
	assert_explained("sh", -EAGAIN, 126, "its user has more processes than 'ulimit -u'");
	assert_explained("sh", -ETXTBSY, 126, strerror(ETXTBSY));
}

/* What execvp() finds is explained, wherever the user is; never is a name suggested for itself. */
static void a_program_of_path_is_explained_by_its_file(void **state)
{
	char *path = strdup(getenv("PATH")), here[4096];

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(folder.path), 0);
	assert_int_equal(mkdir("bin", 0755), 0);
	assert_int_equal(mkdir("plain", 0755), 0);
	assert_int_equal(mkdir("bin/folder", 0755), 0);
	write_program("bin/lost", "#!/no/such/interpreter\n", 0755);
	write_program("bin/dos", "#!/bin/sh\r\n", 0755);
	write_program("bin/plain", "x", 0644);
	setenv("PATH", "/no/such/folder::bin", 1);
	assert_explained("lost", -ENOENT, 127,
	                 "bin/lost: its interpreter does not exist: /no/such/interpreter");
	assert_explained("dos", -ENOENT, 127, "carriage return");
	assert_explained("plain", -EACCES, 126, "chmod +x bin/plain");
	assert_explained("folder", -EACCES, 127, "folder: command not found in PATH");
	write_program("here", "#!/no/such/interpreter\n", 0755);
	assert_explained("here", -ENOENT, 127, "./here: its interpreter does not exist");
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(chdir(here), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_looked_up_and_run),
		TEST(the_pidfd_is_of_the_command_and_not_inherited),
		TEST(the_environment_is_the_one_that_was_saved),
		TEST(signals_and_limits_are_those_that_were_saved),
		TEST(the_limit_of_open_files_is_raised_for_the_agent_alone),
		TEST(a_script_without_an_interpreter_line_is_the_shells),
		TEST(what_cannot_be_executed_is_an_error_and_leaves_nothing),
		TEST(arguments_beyond_the_kernels_limit_are_an_error),
		TEST(what_is_not_found_is_127_with_a_hint),
		TEST(a_shells_command_line_is_told_from_a_name),
		TEST(a_program_beside_the_user_is_pointed_at),
		TEST(what_cannot_be_run_is_126_with_a_reason),
		TEST(without_a_process_it_is_the_agent_that_failed),
		TEST(a_process_that_cannot_be_created_has_no_pid),
		TEST(a_program_of_path_is_explained_by_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
