"""A seccomp filter for a process that only computes: no sockets, no new processes, no programs, no signals to others.

It denies by name (a decoder's needs are wide and change with its version) and answers EPERM, so that the callee fails
with
an ordinary error. Kernel documentation: userspace-api/seccomp_filter; numbers from the kernel's syscall tables.
"""

import ctypes
import errno
import os
import platform
import struct

PR_SET_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FILTER_ALL_THREADS = 1
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, HAS_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
CLONE_THREAD = 0x00010000

# name: (x86_64, aarch64); -1 where the machine has no such call
DENIED = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "bind": (49, 200), "listen": (50, 201),
    "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269), "socketpair": (53, 199),
    "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "setsid": (112, 157), "setpgid": (109, 154), "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429,
    429),
    "fsopen": (430, 430), "mount_setattr": (442, 442), "add_key": (248, 217), "request_key": (249, 218), "keyctl":
    (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186), "semget": (64,
    190),
    "mq_open": (240, 180), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224), "syslog": (103, 116), "acct": (163, 89),
    "quotactl": (179, 60), "personality": (135, 92), "vhangup": (153, 58),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
# Calls whose first argument names a process: only this one may be meant (abort() sends itself a signal).
TO_A_PROCESS = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def program(machine: str, process_id: int) -> bytes:
    """The filter as BPF steps (struct sock_filter) for `machine`; struct seccomp_data: number at 0,
    machine at 4, arguments from 16.
    """
    column = ("x86_64", "aarch64").index(machine)
    refuse, absent = _step(RETURN, ERRNO | errno.EPERM), _step(RETURN, ERRNO | errno.ENOSYS)
    steps = [_step(LOAD, 4), _step(EQUAL, AUDIT_ARCH[machine], 1, 0), _step(RETURN, KILL), _step(LOAD, 0)]
    if machine == "x86_64":  # the x32 numbers would go round the list
        steps += [_step(AT_LEAST, 0x40000000, 0, 1), refuse]
    for numbers in DENIED.values():
        if numbers[column] >= 0:
            steps += [_step(EQUAL, numbers[column], 0, 1), refuse]
    # clone3 hides its flags behind a pointer: say "no such call", and the C library uses clone, which shows them.
    steps += [_step(EQUAL, CLONE3[column], 0, 1), absent]
    steps += [_step(EQUAL, CLONE[column], 0, 4), _step(LOAD, 16), _step(HAS_BITS, CLONE_THREAD, 1, 0), refuse]
    steps += [_step(RETURN, ALLOW)]
    for numbers in TO_A_PROCESS.values():
        steps += [_step(EQUAL, numbers[column], 0, 5), _step(LOAD, 16), _step(EQUAL, process_id, 2, 0)]
        steps += [_step(EQUAL, 0, 1, 0) if numbers == TO_A_PROCESS["prlimit64"] else _step(EQUAL, process_id, 1, 0)]
        steps += [refuse, _step(RETURN, ALLOW)]
    return b"".join([*steps, _step(RETURN, ALLOW)])


def install(libc: ctypes.CDLL) -> bool:
    """Filter every thread of this process, for good. False where the machine or its kernel cannot."""
    machine = platform.machine()
    if machine not in AUDIT_ARCH:
        return False
    steps = program(machine, os.getpid())
    buffer = ctypes.create_string_buffer(steps, len(steps))
    # struct sock_fprog: number of steps, padding, pointer to them; operation 1 sets a filter.
    filter_program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(buffer))
    call = PR_SET_SECCOMP_CALL[machine]
    return bool(libc.syscall(call, ctypes.c_uint(1), ctypes.c_uint(FILTER_ALL_THREADS), filter_program) == 0)
