/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a command costs:
 *
 *   measure [-a] OUTPUT COMMAND [ARGUMENT]…
 *
 * Writes lines of "name value" into OUTPUT:
 *   wall_ns, cpu_ns           of the command and of everything that it waited for
 *   peak_kb                   the largest resident memory of one of those processes
 * and with -a, for the agent:
 *   own_cpu_ns                of its own threads alone, its very last moments included
 *   own_peak_kb               its own largest resident memory
 *   bpf NAME RUNS NS          how often each BPF program ran that was loaded meanwhile, and for how
 *                             long, what the statistics themselves take included
 *   bpf empty RUNS NS         likewise, of a program that does nothing, on sched_switch: what all
 *                             the others have more than this is their own
 *
 * The command's own streams are the caller's. The exit status is the command's. With -a the time is
 * not to be compared: the statistics cost, and the agent is stopped once, at its end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define PROGRAMS_MAX 32

/* Between two looks for new programs, for a run so short that they live for milliseconds. */
#define LOOK_INTERVAL_NS 300000

struct programs {
	int fds[PROGRAMS_MAX];
	int n;
	__u32 last_id;
	int empty_link; /* -1: none */
};

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long ns_of(struct timeval time)
{
	return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

/* --- BPF programs ----------------------------------------------------------------------------- */

/* Programs that are there already are somebody else's. */
static void skip_programs(struct programs *programs)
{
	while (!bpf_prog_get_next_id(programs->last_id, &programs->last_id))
		;
}

/*
 * What is measured takes two readings of the clock, which in a virtual machine is most of it: this
 * one meets the same machine at the same time. The first of programs.
 */
static void add_empty(struct programs *programs)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "empty", "GPL", nothing, 2, NULL);

	if (fd < 0) {
		perror("measure: empty program");
		return;
	}
	programs->empty_link = bpf_raw_tracepoint_open("sched_switch", fd);
	programs->fds[programs->n++] = fd;
}

/* Hold those that are new: what they have counted stays readable when the agent lets them go. */
static void find_programs(struct programs *programs)
{
	__u32 id = programs->last_id;

	while (programs->n < PROGRAMS_MAX && !bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);

		programs->last_id = id;
		if (fd >= 0)
			programs->fds[programs->n++] = fd;
	}
}

static void print_programs(const struct programs *programs, FILE *output)
{
	int i;

	for (i = 0; i < programs->n; i++) {
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);

		if (!bpf_obj_get_info_by_fd(programs->fds[i], &info, &size) && info.run_cnt)
			fprintf(output, "bpf %s %llu %llu\n", info.name,
			        (unsigned long long)info.run_cnt,
			        (unsigned long long)info.run_time_ns);
	}
}

/* --- the agent -------------------------------------------------------------------------------- */

/* The number behind a key in /proc/PID/FILE; without a key, the first one. */
static long long read_proc(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	long long value = -1;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	stream = fopen(path, "r");
	if (!stream)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), stream)) {
		if (!strncmp(line, key, strlen(key)))
			value = atoll(line + strlen(key));
	}
	fclose(stream);
	return value;
}

/* One stop of the agent: a signal, or its end, where its memory still is. */
static void handle_stop(pid_t pid, int status, long long *peak_kb)
{
	int event = status >> 16;

	if (event == PTRACE_EVENT_EXIT)
		*peak_kb = read_proc(pid, "status", "VmHWM:");
	ptrace(PTRACE_CONT, pid, NULL, event ? 0 : WSTOPSIG(status));
}

/* Until it is a zombie: that one can still be asked for its own time. */
static void watch_agent(pid_t pid, struct programs *programs, long long *peak_kb)
{
	const struct timespec interval = {.tv_nsec = LOOK_INTERVAL_NS};
	siginfo_t info;
	int status;

	for (;;) {
		find_programs(programs);
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT))
			return;
		if (!info.si_pid) {
			nanosleep(&interval, NULL);
		} else if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) {
			return;
		} else if (waitpid(pid, &status, WNOHANG) == pid) {
			handle_stop(pid, status, peak_kb);
		}
	}
}

/* --- the run ---------------------------------------------------------------------------------- */

/* With traced the child waits until it is. */
static pid_t start(char **argv, int traced)
{
	int gate[2];
	char byte;
	pid_t pid;

	if (pipe(gate))
		return -1;
	pid = traced ? fork() : vfork();
	if (!pid) {
		close(gate[1]);
		if (traced && read(gate[0], &byte, 1))
			_exit(127);
		close(gate[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid > 0 && traced && ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT))
		perror("measure: ptrace");
	close(gate[0]);
	close(gate[1]);
	return pid;
}

static int run(char **argv, int is_agent, FILE *output)
{
	int stats_fd = is_agent ? bpf_enable_stats(BPF_STATS_RUN_TIME) : -1;
	struct programs programs = {.empty_link = -1};
	long long begin, peak_kb = -1;
	struct rusage usage;
	int status;
	pid_t pid;

	if (is_agent) {
		add_empty(&programs);
		skip_programs(&programs);
	}
	begin = now_ns();
	pid = start(argv, is_agent);
	if (pid < 0)
		return 127;
	if (is_agent) {
		watch_agent(pid, &programs, &peak_kb);
		fprintf(output, "own_cpu_ns %lld\n", read_proc(pid, "schedstat", ""));
		fprintf(output, "own_peak_kb %lld\n", peak_kb);
	}
	if (wait4(pid, &status, 0, &usage) < 0)
		return 127;
	fprintf(output, "wall_ns %lld\n", now_ns() - begin);
	fprintf(output, "cpu_ns %lld\n", ns_of(usage.ru_utime) + ns_of(usage.ru_stime));
	fprintf(output, "peak_kb %ld\n", usage.ru_maxrss);
	if (programs.empty_link >= 0)
		close(programs.empty_link);
	print_programs(&programs, output);
	if (stats_fd >= 0)
		close(stats_fd); /* which switches the statistics off again */
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int is_agent = argc > 1 && !strcmp(argv[1], "-a");
	char **rest = argv + 1 + is_agent;
	FILE *output;
	int status;

	if (argc - is_agent < 3) {
		fprintf(stderr, "usage: measure [-a] OUTPUT COMMAND [ARGUMENT]...\n");
		return 2;
	}
	output = fopen(rest[0], "we");
	if (!output) {
		fprintf(stderr, "measure: %s: %s\n", rest[0], strerror(errno));
		return 2;
	}
	status = run(rest + 1, is_agent, output);
	fclose(output);
	return status;
}
