"""The account that runs PostgreSQL when the supervisor is root.

PostgreSQL does not run as root, so an existing account runs it. No account is created and the
permissions of existing folders do not change.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.errors import NoPostgresAccount

CANDIDATE_ACCOUNTS = ("ostinato", "postgres", "nobody")
"""The first that exists is used; initdb rejects a uid without an entry in the passwd database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An entry of the passwd database."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_postgres(cls) -> Self | None:
        """The account for PostgreSQL; None if the supervisor's own account is not root."""
        if os.geteuid() != 0:
            return None
        entries = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in CANDIDATE_ACCOUNTS:
            if name in entries:
                return cls(name=name, uid=entries[name].pw_uid, gid=entries[name].pw_gid)
        raise NoPostgresAccount(
            "PostgreSQL does not run as root, and none of the accounts "
            f"{', '.join(CANDIDATE_ACCOUNTS)} exists: add one, or start as an ordinary user."
        )

    def can_access(self, path: Path) -> bool:
        """Whether the account may enter this folder or run this file; the kernel decides."""
        result = subprocess.run(  # noqa: S603 -- the path is not user input
            ["/usr/bin/env", "test", "-x", str(path)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            env={"PATH": "/usr/bin:/bin"},  # the caller may have none
            cwd="/",
            check=False,
        )
        return result.returncode == 0

    def chown(self, path: Path) -> None:
        """Make the account the owner of the path."""
        os.chown(path, self.uid, self.gid)
