#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops of BPF programs that Linux 5.10 to 6.0 would refuse with "back-edge from insn N to M".

check_cfg() of kernel/bpf/verifier.c follows a program depth first. An edge to an instruction that
is on the way there is a loop, and allowed only from a jump: not from an instruction, or a call,
that runs into the next one. How clang lays a loop out depends on its version and on the code around
it.

back_edges.py OBJECT...: one line for each mistake, "object:program: what", and exit status 1 if
there is one.
"""

import os
import re
import subprocess
import sys

OBJDUMP = os.environ.get("LLVM_OBJDUMP", "llvm-objdump")
FUNCTION = re.compile(r"^[0-9a-f]+ <(?!LBB)(.+)>:$")
INSTRUCTION = re.compile(r"^ +(\d+):\s+((?:[0-9a-f]{2} )*[0-9a-f]{2})\s")
SLOT = 8  # bytes; an instruction with a constant of 64 bits takes two

# Of include/uapi/linux/bpf.h.
BPF_JMP, BPF_JMP32 = 0x05, 0x06
BPF_JA, BPF_CALL, BPF_EXIT = 0x00, 0x80, 0x90


def functions(path):
    """The functions of an object: a name, and the bytes of each instruction by its number."""
    text = subprocess.run([OBJDUMP, "-d", path], capture_output=True, text=True, check=True).stdout
    found = {}
    code = None
    for line in text.splitlines():
        begin, instruction = FUNCTION.match(line), INSTRUCTION.match(line)
        if begin:
            code = found.setdefault(begin[1], {})
        elif instruction:
            code[int(instruction[1])] = bytes.fromhex(instruction[2])
    return found


def edges(code, at):
    """Where it goes on after an instruction, in check_cfg()'s order, and whether that may be a
    loop."""
    opcode, after = code[at][0], at + len(code[at]) // SLOT
    target = at + 1 + int.from_bytes(code[at][2:4], "little", signed=True)
    operation = opcode & 0xF0
    if opcode & 0x07 not in (BPF_JMP, BPF_JMP32) or operation == BPF_CALL:
        return [(after, False)]
    if operation == BPF_EXIT:
        return []
    if operation == BPF_JA:
        return [(target, True)]
    return [(after, True), (target, True)]


def back_edges(code):
    """The pairs of instructions for which check_cfg() refuses the function."""
    first = min(code)
    on_path, done, refused = {first}, set(), []
    stack = [(first, iter(edges(code, first)))]
    while stack:
        at, rest = stack[-1]
        target, may_loop = next(rest, (None, True))
        if target is None:
            stack.pop()
            on_path.remove(at)
            done.add(at)
        elif target in on_path:
            refused += [] if may_loop else [(at, target)]
        elif target not in done:
            on_path.add(target)
            stack.append((target, iter(edges(code, target))))
    return refused


def mistakes(path):
    programs = functions(path)
    if not any(programs.values()):
        yield f"{path}: no program is in it"
    for name, code in programs.items():
        for at, target in back_edges(code) if code else []:
            yield f"{path}:{name}: back-edge from insn {at} to {target}: see barrier_var() in bpf/"


def main():
    found = [mistake for path in sys.argv[1:] for mistake in mistakes(path)]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found or len(sys.argv) < 2 else 0)


if __name__ == "__main__":
    main()
