"""The step between fork and exec: run as `python -I -S launch.py PARENT SIGNAL UID:GID COMMAND...`.

It asks the kernel to send SIGNAL when the parent dies, gives up root if told to, and becomes
COMMAND. That cannot be a `preexec_fn`: running Python after fork is unsafe beside threads. Refuses
to know what it starts; imports the standard library only, since it is run as a file.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2)."""


def give_up_root(account: str) -> None:
    """Become `uid:gid` without other groups; `-` stays who we are."""
    if account == "-":
        return
    uid, gid = (int(number) for number in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, signal: int) -> None:
    """Ask for `signal` at the death of the thread that started us; end if it is dead already.

    After `give_up_root`, which would clear it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def main(parent: str, signal: str, account: str, *command: str) -> None:
    """Become `command`."""
    give_up_root(account)
    die_with(int(parent), int(signal))
    os.execv(command[0], command)  # noqa: S606 -- to become the command is what this file is for


if __name__ == "__main__":
    main(*sys.argv[1:])
