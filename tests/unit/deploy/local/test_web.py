"""The web studio is built when its sources have changed, and skipped without Node."""

from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.web import build

NPM = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/commands"
case "$*" in
  *ci*) mkdir -p node_modules; touch node_modules/.package-lock.json ;;
  *build*) test ! -e broken || exit 1; mkdir -p out .next; cp page out/index.html ;;
esac
"""


class Studio:
    """A package, and a fake npm that builds it."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "web"
        self.sources.mkdir()
        for name in ("package.json", "package-lock.json", "page"):
            (self.sources / name).write_text(name)
        self.reports: list[str] = []
        self.bin = folder / "bin"
        self.bin.mkdir()
        npm = self.bin / "npm"
        npm.write_text(NPM)
        npm.chmod(0o755)

    def build(self) -> Path | None:
        return build(self.sources, self.reports.append)

    def npm_commands(self) -> list[str]:
        lines = (self.bin / "commands").read_text().splitlines()
        return [line.removeprefix("--no-update-notifier ") for line in lines]


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = Studio(tmp_path)
    monkeypatch.setenv("PATH", f"{studio.bin}:/usr/bin:/bin")
    return studio


def test_it_is_built_once_and_again_when_a_source_changes(studio: Studio) -> None:
    assert studio.build() == studio.sources / "out"
    studio.build()
    assert studio.npm_commands() == ["ci", "run build"]
    (studio.sources / "page").write_text("better")
    studio.build()
    assert studio.npm_commands() == ["ci", "run build", "run build"]
    assert (studio.sources / "out/index.html").read_text() == "better"


def test_files_that_npm_generates_are_not_sources(studio: Studio) -> None:
    studio.build()
    (studio.sources / "node_modules/anything").write_text("new")
    studio.build()
    assert studio.npm_commands() == ["ci", "run build"]


def test_without_node_the_reason_is_reported(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert studio.build() is None
    assert studio.reports == [
        "no web studio: building it needs Node 20 or newer; only the API is served"
    ]


def test_without_node_an_earlier_build_is_used(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = studio.build()
    (studio.sources / "page").write_text("newer")
    monkeypatch.setenv("PATH", "/nowhere")
    assert studio.build() == built
    assert "may be out of date" in studio.reports[-1]


def test_without_sources_the_reason_is_reported(studio: Studio) -> None:
    assert build(studio.bin, studio.reports.append) is None
    assert len(studio.reports) == 1


def test_a_failed_build_reports_the_output_of_npm_and_is_repeated(studio: Studio) -> None:
    (studio.sources / "broken").touch()
    with pytest.raises(StackError, match="npm run build"):
        studio.build()
    (studio.sources / "broken").unlink()
    assert studio.build() is not None
