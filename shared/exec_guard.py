"""Runs between fork and exec: drops privileges, ties a child to its parent.

Usage: `python -I -S exec_guard.py PARENT SIGNAL UID:GID COMMAND...`.

It asks the kernel to send SIGNAL when the parent dies, and then executes COMMAND. A
`preexec_fn` cannot do that, because running Python code after fork is unsafe in a process with
threads. Imports only the standard library, because it is run as a file.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
"""The operation of prctl(2) that requests a signal at the parent's death."""


def drop_privileges(account: str) -> None:
    """Switch to `uid:gid` without supplementary groups; `-` changes nothing."""
    if account == "-":
        return
    uid, gid = (int(number) for number in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def set_parent_death_signal(parent: int, signal: int) -> None:
    """Request `signal` for when the parent thread dies; exit if the parent is dead already.

    Call it after `drop_privileges`: a change of the user id clears the request.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it died before the request
        sys.exit(1)


def main(parent: str, signal: str, account: str, *command: str) -> None:
    """Replace this process with `command`."""
    drop_privileges(account)
    set_parent_death_signal(int(parent), int(signal))
    os.execv(command[0], command)  # noqa: S606 - no shell: the command is a list of arguments


if __name__ == "__main__":
    main(*sys.argv[1:])
