"""What can go wrong with the embedded stack.

    StackError
    +-- AlreadyRunning   another supervisor holds the folder
    +-- NotRunning       nothing runs in the folder
    +-- NeverReady       a program ended or stayed silent instead of getting ready
    `-- NoAccount        root has no account to run PostgreSQL under

Refuses to know how a command shows them.
"""


class StackError(Exception):
    """One sentence for a person; it says what to do where something can be done."""


class AlreadyRunning(StackError):
    """Another supervisor holds the folder."""


class NotRunning(StackError):
    """Nothing runs in the folder."""


class NeverReady(StackError):
    """A program ended or stayed silent instead of getting ready."""


class NoAccount(StackError):
    """PostgreSQL refuses root, and there is no other account to run it under."""
