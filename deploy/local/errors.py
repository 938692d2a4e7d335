"""Errors of the embedded stack.

StackError
+-- AlreadyRunning    another supervisor has locked the state folder
+-- NotRunning        no stack is running in the state folder
+-- StartupFailed     a program exited or did not become ready in time
+-- NoModels          no folder has a model version that the stack could serve
+-- PortNotFree       the port that OSTINATO_PORT names is not available
+-- StudioNotBuilt    npm failed
+-- UnusableFolder    the state folder cannot be written, or belongs to other programs
+-- NotDeleted        the state folder is not deleted
`-- NoPostgresAccount   the supervisor is root and no account can run PostgreSQL
"""

import errno


class StackError(Exception):
    """The message is one sentence for the user, with the fix where there is one."""


class AlreadyRunning(StackError):
    """Another supervisor has locked the state folder."""


class NotRunning(StackError):
    """No stack is running in the state folder."""


class StartupFailed(StackError):
    """A program exited or did not become ready in time."""


class NoModels(StackError):
    """No folder has a model version that the stack could serve."""


class PortNotFree(StackError):
    """The port that OSTINATO_PORT names is not available."""


class StudioNotBuilt(StackError):
    """npm failed; the stack can serve the API without the studio."""


class UnusableFolder(StackError):
    """The state folder cannot be written, or belongs to other programs."""


class NotDeleted(StackError):
    """The state folder is not deleted: it is not one, or the user did not agree."""


class NoPostgresAccount(StackError):
    """The supervisor is root, and no account exists that can run PostgreSQL."""


OTHER_FOLDER = "set OSTINATO_STATE_DIR to another folder"
ADVICE = {
    errno.ENOSPC: "delete files on that disk, or set OSTINATO_STATE_DIR to a folder on another one",
    errno.EDQUOT: "delete files of this user, or set OSTINATO_STATE_DIR to a folder elsewhere",
    errno.EROFS: OTHER_FOLDER,
    errno.EACCES: f"start as the owner of that folder, or {OTHER_FOLDER}",
    errno.EPERM: f"start as the owner of that folder, or {OTHER_FOLDER}",
    errno.ENOTDIR: OTHER_FOLDER,
    errno.ENAMETOOLONG: OTHER_FOLDER,
    errno.ELOOP: OTHER_FOLDER,
    errno.EMFILE: "raise the limit of open files with `ulimit -n 1024`",
    errno.ENFILE: "end other programs: this machine has too many open files",
    errno.EAGAIN: "end other programs, or raise the limit of processes with `ulimit -u`",
    errno.ENOMEM: "end other programs: this machine has too little memory",
}
"""What a user can do about errors of the operating system that are not faults of the stack."""


def explain(error: OSError, place: object) -> str | None:
    """One sentence about an error that the user can fix; None for all others.

    `place` stands for the file if the error does not name one, as for a full disk.
    """
    advice = ADVICE.get(error.errno or 0)
    if advice is None:
        return None
    return f"{error.filename or place}: {error.strerror}: {advice}."
