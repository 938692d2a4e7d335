"""`up`: runs the stack in the foreground and says how to use it."""

import shlex

import httpx
from rich.console import Console, Group
from rich.rule import Rule
from rich.text import Text

from deploy.local.checkpoints import adopt_versions, require_versions
from deploy.local.errors import NoModels, StudioNotBuilt
from deploy.local.machine import ports
from deploy.local.settings import SHIPPED_CHECKPOINTS, LocalSettings
from deploy.local.signals import SHUTDOWN_REQUESTED
from deploy.local.stack import Stack
from deploy.local.state_dir import StateDir
from deploy.local.supervisor import Supervisor
from deploy.local.web import build, earlier_build
from shared.models.native.build import describe


def up(settings: LocalSettings, console: Console) -> int:
    """Run the stack and show the merged log until a signal arrives."""
    with open_stack(settings, console) as stack:
        notes = [*_port_note(settings, stack), *_build_studio(settings, stack)]
        stack.bring_up(lambda text: stack.log.write("stack", text))
        summary = Text("\n".join((*_summary(settings, stack), *_refusals(stack), *notes)))
        # One call: the programs of the stack print at the same time.
        console.print(
            Group(Rule("Ostinato is up"), summary, Rule("Ctrl-C stops it")), soft_wrap=True
        )
        Supervisor(stack).run(until=SHUTDOWN_REQUESTED)
    return 0


def open_stack(settings: LocalSettings, console: Console | None = None) -> Stack:
    """A stack of the user's settings, whose programs are not started yet.

    Raises:
        NoModels: there is no model version to serve.
        UnusableFolder: the user chose a state folder that has other files.
    """
    state_dir = StateDir(settings.state_dir)
    own, checkpoints = state_dir.checkpoints_dir, settings.checkpoints_dir
    require_versions(*([checkpoints] if checkpoints else [SHIPPED_CHECKPOINTS, own]))
    if "state_dir" in settings.model_fields_set:
        state_dir.reject_foreign_files()
    stack = Stack(
        settings.state_dir,
        checkpoints_dir=checkpoints or own,
        port=settings.port,
        port_is_required=settings.port_is_required,
        console=console,
    )
    try:
        if checkpoints is None:
            adopt_versions(SHIPPED_CHECKPOINTS, own, lambda text: stack.log.write("stack", text))
    except BaseException:
        stack.close()
        raise
    return stack


def _port_note(settings: LocalSettings, stack: Stack) -> list[str]:
    """Why the gateway does not listen on the default port."""
    if settings.port in {stack.port, 0}:
        return []
    return [
        f"Port {settings.port} is in use by {ports.listener(settings.port)}: the gateway listens "
        f"on {stack.port} instead."
    ]


def _build_studio(settings: LocalSettings, stack: Stack) -> list[str]:
    """Build the studio; returns the reason if it cannot be built. The API needs no studio."""

    def report(text: str) -> None:
        stack.log.write("web", text)

    try:
        stack.static_dir = build(settings.web_sources, report)
    except StudioNotBuilt as error:
        stack.static_dir = earlier_build(settings.web_sources)
        state = "is not served" if stack.static_dir is None else "is an earlier build"
        report(reason := f"The web studio {state}: {error}")
        return [reason]
    return []


def _model_versions(stack: Stack) -> list[str]:
    """The versions that clients can request.

    Raises:
        NoModels: there is none, because no folder is a valid version.
    """
    headers = {"Authorization": f"Bearer {stack.key_file.read_text().strip()}"}
    response = httpx.get(f"{stack.url}/v1/models", headers=headers, trust_env=False)
    versions = sorted({item["version"] for item in response.raise_for_status().json()["items"]})
    if not versions:
        raise NoModels(
            f"No folder of {stack.checkpoints_dir} is a valid model version: the lines "
            f"`not registered` in {stack.state_dir.path / 'log'} have the reasons."
        )
    return versions


def _refusals(stack: Stack) -> list[str]:
    """Why no worker serves a version; the others may still be loading."""
    models = httpx.get(f"{stack.url}/readyz", trust_env=False).json()["models"]
    return [model["reason"] for model in models if model["state"] == "refused"]


def _summary(settings: LocalSettings, stack: Stack) -> list[str]:
    """What a user needs next: addresses, key, models, folders."""
    lines = [f"studio  {stack.url}/"] if stack.static_dir is not None else []
    models = ", ".join(_model_versions(stack))
    how = "on the GPU" if settings.device == "cuda" else describe()
    lines += [
        f"API     {stack.url}",
        f"docs    {stack.url}/docs",
        f"key     {stack.key_file.read_text().strip()}   (in {stack.key_file})",
        f"models  {models}: {how}",
        f"data    {stack.state_dir.path}",
    ]
    if not stack.data_dir.is_relative_to(stack.state_dir.path):
        lines.append(f"        PostgreSQL, because of root: {stack.data_dir}")
    if "state_dir" in settings.model_fields_set:
        folder = shlex.quote(str(stack.state_dir.path))
        lines.append(f"In other terminals first run: export OSTINATO_STATE_DIR={folder}")
    return lines
