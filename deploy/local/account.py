"""Who runs PostgreSQL when we are root: it refuses root, so an account that exists already does.

Refuses to create accounts or to change the permissions of anybody's folders.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.errors import NoAccount

CANDIDATES = ("ostinato", "postgres", "nobody")
"""The first that exists; a uid without a passwd entry is refused by initdb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An entry of the passwd database."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Self | None:
        """None when we are not root: then the servers run as we do."""
        if os.geteuid() != 0:
            return None
        entries = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in CANDIDATES:
            if name in entries:
                return cls(name=name, uid=entries[name].pw_uid, gid=entries[name].pw_gid)
        raise NoAccount(
            "PostgreSQL does not run as root, and there is none of the accounts "
            f"{', '.join(CANDIDATES)}: add one, or start as an ordinary user."
        )

    def can_reach(self, path: Path) -> bool:
        """May it enter this folder or run this file? Asked of the kernel, as the account."""
        tried = subprocess.run(  # noqa: S603 -- our own path
            ["/usr/bin/env", "test", "-x", str(path)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return tried.returncode == 0

    def own(self, path: Path) -> None:
        """Give the path to the account."""
        os.chown(path, self.uid, self.gid)
