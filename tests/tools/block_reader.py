#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reads a file past the page cache, and tells as its last deed how long it waited for block devices,
by the kernel's taskstats (include/uapi/linux/taskstats.h, as getdelays has it): "ns count".
"""

import mmap
import os
import random
import socket
import struct
import sys

GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID = 1, 1
TASKSTATS_TYPE_AGGR_PID, TASKSTATS_TYPE_STATS = 4, 3
NETLINK_GENERIC = 16
BLKIO_COUNT, BLKIO_DELAY_TOTAL = 32, 40  # offsets in struct taskstats
BLOCK = 1 << 20


def attributes(data):
    """The attributes that follow each other in data: {type: value}."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def ask(netlink, family, command, kind, value):
    """Send a generic netlink request with one attribute; the attributes of the reply."""
    value += b"\0" * (-len(value) % 4)
    body = struct.pack("=BBxx", command, 1) + struct.pack("=HH", 4 + len(value), kind) + value
    netlink.send(struct.pack("=IHHII", 16 + len(body), family, 1, 1, 0) + body)
    reply = netlink.recv(65536)
    if struct.unpack_from("=H", reply, 4)[0] == 2:  # NLMSG_ERROR
        raise OSError(-struct.unpack_from("=i", reply, 16)[0], "netlink")
    return attributes(reply[20:])


def main():
    path, n = sys.argv[1], int(sys.argv[2])
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    netlink.bind((0, 0))
    family = struct.unpack("=H", ask(netlink, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                                     CTRL_ATTR_FAMILY_NAME, b"TASKSTATS\0")[CTRL_ATTR_FAMILY_ID])[0]
    file = os.open(path, os.O_RDONLY | os.O_DIRECT)
    blocks = os.fstat(file).st_size // BLOCK
    buffer = mmap.mmap(-1, BLOCK)
    for _ in range(n):
        os.preadv(file, [buffer], random.randrange(blocks) * BLOCK)
    reply = ask(netlink, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID,
                struct.pack("=I", os.getpid()))
    stats = attributes(reply[TASKSTATS_TYPE_AGGR_PID])[TASKSTATS_TYPE_STATS]
    count, delay_ns = (struct.unpack_from("=Q", stats, at)[0]
                       for at in (BLKIO_COUNT, BLKIO_DELAY_TOTAL))
    os.write(1, f"{os.getpid()} {delay_ns} {count}\n".encode())
    os._exit(0)  # nothing more is read


main()
