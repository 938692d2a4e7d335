"""The page is built when its sources have changed, and only then; without Node the API runs."""

from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.web import build

NPM = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/asked"
case "$*" in
  *ci*) mkdir -p node_modules; touch node_modules/.package-lock.json ;;
  *build*) test ! -e broken || exit 1; mkdir -p out .next; cp page out/index.html ;;
esac
"""


class House:
    """A package, and an npm of four lines that builds it."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "web"
        self.sources.mkdir()
        for name in ("package.json", "package-lock.json", "page"):
            (self.sources / name).write_text(name)
        self.said: list[str] = []
        self.bin = folder / "bin"
        self.bin.mkdir()
        npm = self.bin / "npm"
        npm.write_text(NPM)
        npm.chmod(0o755)

    def build(self) -> Path | None:
        return build(self.sources, self.said.append)

    def asked(self) -> list[str]:
        lines = (self.bin / "asked").read_text().splitlines()
        return [line.removeprefix("--no-update-notifier ") for line in lines]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    house = House(tmp_path)
    monkeypatch.setenv("PATH", f"{house.bin}:/usr/bin:/bin")
    return house


def test_it_is_built_once_and_again_when_a_source_changes(house: House) -> None:
    assert house.build() == house.sources / "out"
    house.build()
    assert house.asked() == ["ci", "run build"]
    (house.sources / "page").write_text("better")
    house.build()
    assert house.asked() == ["ci", "run build", "run build"]
    assert (house.sources / "out/index.html").read_text() == "better"


def test_what_npm_made_is_no_source(house: House) -> None:
    house.build()
    (house.sources / "node_modules/anything").write_text("new")
    house.build()
    assert house.asked() == ["ci", "run build"]


def test_without_node_one_line_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert house.build() is None
    assert house.said == [
        "no web studio: it is built with Node 20 or newer, which is not here; the API runs"
    ]


def test_without_sources_one_line_says_so(house: House) -> None:
    assert build(house.bin, house.said.append) is None
    assert len(house.said) == 1


def test_a_failed_build_says_what_npm_said_and_is_tried_again(house: House) -> None:
    (house.sources / "broken").touch()
    with pytest.raises(StackError, match="npm run build"):
        house.build()
    (house.sources / "broken").unlink()
    assert house.build() is not None
