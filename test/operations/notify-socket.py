"""Stands in for systemd's end of NOTIFY_SOCKET: one JSON line for each message that comes.

The only argument is the path of the socket. Each line has the message, and the cgroup of the process
that sent it: systemd goes by that, and can look it up only while the process is still there. What
comes with a BARRIER=1 is closed, as sd_notify_barrier(3) waits for.
"""

import array
import json
import os
import socket
import struct
import sys


def cgroup(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/cgroup") as file:
            return file.read()
    except OSError:
        return None


listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(sys.argv[1])
print("{}", flush=True)
while True:
    data, ancillary, _, _ = listener.recvmsg(4096, 1024)
    sender = None
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            sender = cgroup(struct.unpack("3i", content[: struct.calcsize("3i")])[0])
    print(json.dumps({"message": data.decode(), "cgroup": sender}), flush=True)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            for descriptor in array.array("i", content):
                os.close(descriptor)
