"""Errors of the embedded stack.

StackError
+-- AlreadyRunning    another supervisor has locked the state folder
+-- NotRunning        no stack is running in the state folder
+-- StartupFailed     a program exited or did not become ready in time
`-- NoPostgresAccount   the supervisor is root and no account can run PostgreSQL
"""


class StackError(Exception):
    """The message is one sentence for the user, with the fix where there is one."""


class AlreadyRunning(StackError):
    """Another supervisor has locked the state folder."""


class NotRunning(StackError):
    """No stack is running in the state folder."""


class StartupFailed(StackError):
    """A program exited or did not become ready in time."""


class NoPostgresAccount(StackError):
    """The supervisor is root, and no account exists that can run PostgreSQL."""
