/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/btf_search.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

/* Of the name, with its NUL: what the program has on its stack. */
#define NAME_SIZE 64

/* Three for each eight bytes of the name, and the rest of the program. */
#define INSTRUCTIONS (NAME_SIZE / 8 * 3 + 10)

static int sys_bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	const long result = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return result < 0 ? -errno : (int)result;
}

/*
 * r6 = context; name on the stack; r0 = bpf_btf_find_by_name_kind(name, size, kind, 0); context[0]
 * = r0; return 0. Returns how many instructions they are.
 */
static uint32_t write_program(struct bpf_insn *at, const char *name, size_t size, int kind)
{
	const struct bpf_insn *const first = at;
	uint64_t words[NAME_SIZE / 8] = {0};

	memcpy(words, name, size);
	*at++ = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_1};
	for (int i = 0; i < NAME_SIZE / 8; i++) {
		*at++ = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW,
		                          .dst_reg = BPF_REG_1,
		                          .imm = (int32_t)words[i]};
		*at++ = (struct bpf_insn){.imm = (int32_t)(words[i] >> 32)};
		*at++ = (struct bpf_insn){.code = BPF_STX | BPF_MEM | BPF_DW,
		                          .dst_reg = BPF_REG_10,
		                          .src_reg = BPF_REG_1,
		                          .off = (int16_t)(8 * i - NAME_SIZE)};
	}
	*at++ = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10};
	*at++ = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = -NAME_SIZE};
	*at++ = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K,
	                          .dst_reg = BPF_REG_2,
	                          .imm = (int32_t)size};
	*at++ = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = kind};
	*at++ = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4};
	*at++ = (struct bpf_insn){.code = BPF_JMP | BPF_CALL,
	                          .imm = BPF_FUNC_btf_find_by_name_kind};
	*at++ = (struct bpf_insn){
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_0};
	*at++ = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0};
	*at++ = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	return (uint32_t)(at - first);
}

int64_t btf_search(const char *name, size_t size, int kind)
{
	struct bpf_insn program[INSTRUCTIONS];
	int64_t found = 0;
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.prog_flags = BPF_F_SLEEPABLE,
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "Dual BSD/GPL",
	};
	union bpf_attr run = {
		.test.ctx_in = (uintptr_t)&found,
		.test.ctx_size_in = sizeof(found),
	};
	int fd, err;

	if (!size || size > NAME_SIZE || name[size - 1])
		return -EINVAL;
	load.insn_cnt = write_program(program, name, size, kind);
	fd = sys_bpf(BPF_PROG_LOAD, &load);
	if (fd < 0)
		return fd;
	run.test.prog_fd = (uint32_t)fd;
	err = sys_bpf(BPF_PROG_TEST_RUN, &run);
	close(fd);
	return err ? err : found;
}
