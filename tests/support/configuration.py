"""`python -m tests.support.configuration > docs/configuration.md`: every setting of every process.

The page is generated from the settings classes, so it always agrees with the code.
"""

import inspect
import re
import sys
from collections.abc import Sequence
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from deploy.local.settings import LocalSettings
from ostinato.settings import ClientSettings
from services.dispatcher.settings import DispatcherSettings
from services.gateway.settings import GatewaySettings
from services.trainer.settings import TrainerSettings
from services.worker.settings import WorkerSettings
from shared.models.native.settings import NativeSettings
from shared.settings import RENAMED_SETTINGS, CommonSettings

SECTIONS: Sequence[tuple[str, type[BaseSettings]]] = (
    ("All services", CommonSettings),
    ("Gateway", GatewaySettings),
    ("Dispatcher", DispatcherSettings),
    ("Worker", WorkerSettings),
    ("Trainer", TrainerSettings),
    ("Native code of worker and trainer", NativeSettings),
    ("Embedded stack", LocalSettings),
    ("Client and command", ClientSettings),
)
HEAD = """# Configuration

Written by `make docs` from the settings classes. Every process reads environment variables once,
when it starts. The embedded stack sets environment, addresses, folders and the drain timeout
automatically; of these, `OSTINATO_CACHE_DIR` and `OSTINATO_CHECKPOINTS_DIR` can be overridden.
Containers get the values of `docker-compose.yml`.
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """The whole document."""
    parts = [HEAD]
    for title, settings in SECTIONS:
        rows = [
            row(name, field)
            for name, field in settings.model_fields.items()
            if settings is CommonSettings or not is_common(settings, name)
        ]
        parts.append(table(title, inspect.getdoc(settings) or "", rows))
    parts.append(renamed())
    return "\n".join(parts)


def is_common(settings: type[BaseSettings], name: str) -> bool:
    """Whether a field is inherited from the settings of all services."""
    return issubclass(settings, CommonSettings) and name in CommonSettings.model_fields


def table(title: str, about: str, rows: Sequence[str]) -> str:
    head = "| variable | type | default | meaning |\n|---|---|---|---|\n"
    return f"## {title}\n\n{about}\n\n{head}" + "\n".join(rows) + "\n"


def row(name: str, field: FieldInfo) -> str:
    """One setting."""
    meaning = " ".join((field.description or "").split()).replace("|", "\\|")
    return f"| `OSTINATO_{name.upper()}` | {kind(field)} | {default(field)} | {meaning} |"


def kind(field: FieldInfo) -> str:
    """The type with its bounds."""
    annotation = field.annotation
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    bounds = [
        f"{sign} {getattr(bound, attribute)}"
        for bound in field.metadata
        for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if getattr(bound, attribute, None) is not None
    ]
    text = re.sub(r"\b(?:\w+\.)+(?=\w)", "", name).removesuffix(" | None")
    return f"`{text}`" + (f" {', '.join(bounds)}" if bounds else "")


def default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "unset"
    return f"`{value}`" if value != frozenset() else "none"


def renamed() -> str:
    """The names of release 0.1.0, with which a process does not start."""
    rows = [f"| `{old}` | `{new}` |" for old, new in RENAMED_SETTINGS.items()]
    head = "## Renamed in 0.2.0\n\nA process that finds an old name does not start.\n\n"
    return head + "| old | new |\n|---|---|\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
