/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/light_loader.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sources/perf/bpf/btf_search.h"

/* MAX_BPF_STACK of include/linux/filter.h. */
#define STACK_SIZE 512

/* Descriptors that a loader has open at once: one for each map, the types, a map within another. */
#define DESCRIPTORS_MAX 64

/* Executes the loader's calls: see light_loader_run(). */
struct caller {
	light_loader_adjust *adjust;
	void *data;
	int open[DESCRIPTORS_MAX]; /* descriptors that the loader was given and has not closed */
	size_t open_n;
};

/* Returns the descriptor, which the loader owns from now on, or a negative errno. */
static int note_open(struct caller *caller, int fd)
{
	if (caller->open_n == DESCRIPTORS_MAX) {
		close(fd);
		return -EMFILE;
	}
	caller->open[caller->open_n++] = fd;
	return fd;
}

/*
 * A loader that fails closes the map within another a second time (bpf_gen__init() in libbpf's
 * gen_loader.c). Another thread may have got that number meanwhile, for one of the agent's files.
 */
static int close_own(struct caller *caller, int fd)
{
	for (size_t i = 0; i < caller->open_n; i++) {
		if (caller->open[i] != fd)
			continue;
		caller->open[i] = caller->open[--caller->open_n];
		return close(fd) ? -errno : 0;
	}
	return -EBADF;
}

/* Of the commands that a loader uses, only those that return a descriptor do not return 0. */
static int call_bpf(struct caller *caller, int command, union bpf_attr *attr, uint32_t size)
{
	int result;

	if (!caller->adjust || !caller->adjust(caller->data, command, attr, size, &result)) {
		result = (int)syscall(SYS_bpf, command, attr, size);
		result = result < 0 ? -errno : result;
	}
	return result > 0 ? note_open(caller, result) : result;
}

/* Call the function with this number; its arguments are in r1 to r5, its result goes to r0. */
static int64_t call(struct caller *caller, int32_t function, const uint64_t *r)
{
	switch (function) {
	case BPF_FUNC_sys_bpf:
		return call_bpf(caller, (int)r[1], (union bpf_attr *)r[2], (uint32_t)r[3]);
	case BPF_FUNC_btf_find_by_name_kind:
		return btf_search((const char *)r[1], (size_t)r[2], (int)r[3]);
	case BPF_FUNC_sys_close:
		return close_own(caller, (int)r[1]);
	/* Initial value of a map; here it is in the same address space. */
	case BPF_FUNC_copy_from_user:
		memcpy((void *)r[1], (const void *)r[3], (uint32_t)r[2]);
		return 0;
	case BPF_FUNC_probe_read_kernel: /* reads from NULL, in order to clear the stack */
		memset((void *)r[1], 0, (uint32_t)r[2]);
		return -EFAULT;
	default:
		return -ENOTSUP;
	}
}

/* Whether a conditional jump is taken. */
static bool is_taken(uint8_t operation, uint64_t value, int64_t operand)
{
	switch (operation) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return value == (uint64_t)operand;
	case BPF_JNE:
		return value != (uint64_t)operand;
	case BPF_JSET:
		return value & (uint64_t)operand;
	case BPF_JSLT:
		return (int64_t)value < operand;
	case BPF_JSLE:
		return (int64_t)value <= operand;
	case BPF_JSGT:
		return (int64_t)value > operand;
	default:
		return (int64_t)value >= operand;
	}
}

/* --- what can be run here --------------------------------------------------------------------- */

static bool can_call(const struct bpf_insn *instruction)
{
	if (instruction->src_reg)
		return false;
	switch (instruction->imm) {
	case BPF_FUNC_sys_bpf:
	case BPF_FUNC_sys_close:
	case BPF_FUNC_copy_from_user:
	case BPF_FUNC_probe_read_kernel:
	case BPF_FUNC_btf_find_by_name_kind:
		return true;
	default:
		return false;
	}
}

static bool can_run(const struct bpf_insn *instruction, size_t data_size)
{
	switch (instruction->code) {
	case BPF_LD | BPF_IMM | BPF_DW:
		return instruction->src_reg == 0 ||
		       (instruction->src_reg == BPF_PSEUDO_MAP_IDX_VALUE && !instruction->imm &&
		        (uint32_t)instruction[1].imm < data_size);
	case BPF_LDX | BPF_MEM | BPF_W:
	case BPF_LDX | BPF_MEM | BPF_DW:
	case BPF_STX | BPF_MEM | BPF_W:
	case BPF_STX | BPF_MEM | BPF_DW:
	case BPF_ALU64 | BPF_MOV | BPF_K:
	case BPF_ALU64 | BPF_MOV | BPF_X:
	case BPF_ALU64 | BPF_ADD | BPF_K:
	case BPF_ALU64 | BPF_RSH | BPF_K:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JNE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSLT | BPF_K:
	case BPF_JMP | BPF_JSLE | BPF_K:
	case BPF_JMP | BPF_JSGT | BPF_K:
	case BPF_JMP | BPF_JSGE | BPF_K:
	case BPF_JMP | BPF_EXIT:
		return true;
	case BPF_JMP | BPF_CALL:
		return can_call(instruction);
	default:
		return false;
	}
}

static bool can_run_all(const struct bpf_insn *instructions, size_t n, size_t data_size)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!can_run(&instructions[i], data_size))
			return false;
		/* The only instruction that takes two slots. */
		if (instructions[i].code == (BPF_LD | BPF_IMM | BPF_DW) && ++i == n)
			return false;
	}
	return true;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Load or store. Registers hold addresses in this process. */
static void move_memory(const struct bpf_insn *instruction, uint64_t *r)
{
	bool is_load = BPF_CLASS(instruction->code) == BPF_LDX;
	size_t size = BPF_SIZE(instruction->code) == BPF_W ? sizeof(uint32_t) : sizeof(uint64_t);
	uint64_t base = r[is_load ? instruction->src_reg : instruction->dst_reg];
	void *address = (void *)(base + (uint64_t)(int64_t)instruction->off);
	uint32_t word;

	if (!is_load && size == sizeof(word)) {
		word = (uint32_t)r[instruction->src_reg];
		memcpy(address, &word, size);
	} else if (!is_load) {
		memcpy(address, &r[instruction->src_reg], size);
	} else if (size == sizeof(word)) {
		memcpy(&word, address, size);
		r[instruction->dst_reg] = word;
	} else {
		memcpy(&r[instruction->dst_reg], address, size);
	}
}

static void calculate(const struct bpf_insn *instruction, uint64_t *r)
{
	uint64_t operand = BPF_SRC(instruction->code) == BPF_X
	                           ? r[instruction->src_reg]
	                           : (uint64_t)(int64_t)instruction->imm;

	switch (BPF_OP(instruction->code)) {
	case BPF_ADD:
		r[instruction->dst_reg] += operand;
		break;
	case BPF_RSH:
		r[instruction->dst_reg] >>= operand & 63;
		break;
	default:
		r[instruction->dst_reg] = operand;
		break;
	}
}

/* The address of a byte of the data, or a 64-bit constant, from both halves of the instruction. */
static uint64_t constant(const struct bpf_insn *halves, void *data)
{
	if (halves->src_reg)
		return (uint64_t)data + (uint32_t)halves[1].imm;
	return (uint64_t)(uint32_t)halves[1].imm << 32 | (uint32_t)halves[0].imm;
}

int light_loader_run(const struct light_loader *loader, void *context, light_loader_adjust *adjust,
                     void *data)
{
	struct caller caller = {.adjust = adjust, .data = data};
	uint64_t stack[STACK_SIZE / sizeof(uint64_t)] = {0};
	uint64_t r[11] = {
		[1] = (uint64_t)context, [10] = (uint64_t)(stack + STACK_SIZE / sizeof(*stack))};
	const struct bpf_insn *at = loader->instructions;

	if (!can_run_all(loader->instructions, loader->n, loader->data_size))
		return -ENOTSUP;
	for (;; at++) {
		switch (BPF_CLASS(at->code)) {
		case BPF_LD:
			r[at->dst_reg] = constant(at, loader->data);
			at++;
			break;
		case BPF_LDX:
		case BPF_STX:
			move_memory(at, r);
			break;
		case BPF_ALU64:
			calculate(at, r);
			break;
		default:
			if (BPF_OP(at->code) == BPF_EXIT)
				return (int)r[0];
			if (BPF_OP(at->code) == BPF_CALL)
				r[0] = (uint64_t)call(&caller, at->imm, r);
			else if (is_taken(BPF_OP(at->code), r[at->dst_reg], at->imm))
				at += at->off;
			break;
		}
	}
}
