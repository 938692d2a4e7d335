"""The web studio is built when its sources have changed, and skipped without Node."""

from pathlib import Path

import pytest

from deploy.local.errors import StudioNotBuilt
from deploy.local.web import build, earlier_build

NPM = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/commands"
case "$*" in
  *ci*) mkdir -p node_modules; touch node_modules/.package-lock.json ;;
  *build*)
    test ! -e broken || { echo 'Type error: line 7' >&2; exit 1; }
    mkdir -p out .next; cp page out/index.html ;;
esac
"""


class Studio:
    """A package, and fake programs that build it."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "web"
        self.sources.mkdir()
        for name in ("package.json", "package-lock.json", "page"):
            (self.sources / name).write_text(name)
        self.reports: list[str] = []
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.install("npm", NPM)
        self.install("node", "#!/bin/sh\necho v20.0.0\n")

    def install(self, name: str, script: str) -> None:
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def build(self) -> Path:
        return build(self.sources, self.reports.append)

    def npm_commands(self) -> list[str]:
        commands = self.bin / "commands"
        lines = commands.read_text().splitlines() if commands.exists() else []
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


def test_without_node_the_error_says_what_to_install_and_an_earlier_build_remains(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert earlier_build(studio.sources) is None
    built = studio.build()
    (studio.sources / "page").write_text("newer")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StudioNotBuilt, match="building it needs Node 20 or newer with npm"):
        studio.build()
    assert earlier_build(studio.sources) == built


def test_without_node_an_up_to_date_build_is_used(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = studio.build()
    monkeypatch.setenv("PATH", "/nowhere")
    assert studio.build() == built


@pytest.mark.parametrize(("printed", "version"), [("v18.20.4", 18), ("nonsense", 0)])
def test_an_old_version_of_node_is_named(studio: Studio, printed: str, version: int) -> None:
    studio.install("node", f"#!/bin/sh\necho {printed}\n")
    expected = f"needs Node 20 or newer, and {studio.bin}/node is version {version}"
    with pytest.raises(StudioNotBuilt, match=expected):
        studio.build()
    assert studio.npm_commands() == []


def test_without_sources_the_error_names_the_folder(studio: Studio) -> None:
    with pytest.raises(StudioNotBuilt, match=f"{studio.bin} has no sources"):
        build(studio.bin, studio.reports.append)


def test_a_failed_build_reports_the_output_of_npm_and_is_repeated(studio: Studio) -> None:
    (studio.sources / "broken").touch()
    with pytest.raises(StudioNotBuilt, match=r"`npm run build` failed in .*its output is above"):
        studio.build()
    assert studio.reports[-1] == "Type error: line 7"
    (studio.sources / "broken").unlink()
    assert studio.build().exists()
