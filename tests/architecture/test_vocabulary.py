"""The words of code, documents and messages follow docs/glossary.md."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, files

GLOSSARY = Path("docs/glossary.md")
EXEMPT = {
    GLOSSARY,
    Path("CHANGELOG.md"),  # this and the next three quote old names
    Path("shared/card_migration.py"),
    Path("tests/unit/shared/test_card_migration.py"),
    Path("tests/unit/services/trainer/training/test_run_migration.py"),
    Path("tests/architecture/test_vocabulary.py"),
}
EXEMPT_FOLDERS = ("tests/upgrade/", "shared/db/migrations/versions/", "tests/music/")
SUFFIXES = {".py", ".ts", ".tsx", ".md", ".yml", ".toml", ".lua", ".cpp", ".h", ".mjs"}


def table(heading: str) -> Iterator[list[str]]:
    """The rows of the table under a heading of the glossary."""
    section = (ROOT / GLOSSARY).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def banned() -> list[str]:
    """Every word that the glossary bans."""
    rows = table("Words that are not used")
    return [word.strip() for words, _ in rows for word in words.split(",")]


def bound_terms() -> dict[str, tuple[str, ...]]:
    """Each term that is bound to folders, and these folders."""
    return {
        term: tuple(re.findall(r"`([^`]+)`", folders))
        for term, folders in table("Terms bound to folders")
    }


def words_of(text: str) -> str:
    """The text in lower case, with identifiers such as `laneId` and `lane_id` split into words."""
    text = text.replace("slots=True", "")  # of dataclasses
    text = text.replace('"nobody"', "")  # the Unix account
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[_\-\s]+", " ", split).lower()


def finder(terms: list[str]) -> re.Pattern[str]:
    """Matches any of the terms as whole words."""
    longest_first = sorted(terms, key=len, reverse=True)
    spaced = [re.escape(words_of(term)) for term in longest_first]
    return re.compile(rf"\b(?:{'|'.join(spaced)})\b")


def banned_words_in(text: str) -> list[str]:
    """The banned words that a text uses."""
    return sorted(set(finder(banned()).findall(words_of(text))))


def misplaced_terms_in(path: Path, text: str) -> list[str]:
    """The terms that a file of the packages uses although they belong to other folders."""
    foreign = [
        term for term, where in bound_terms().items() if not str(path).startswith(tuple(where))
    ]
    plural = [*foreign, *(f"{term}s" for term in foreign)]
    return sorted(set(finder(plural).findall(words_of(text)))) if foreign else []


def checked_files() -> list[Path]:
    """The files whose words are checked."""
    return [
        path
        for path in files()
        if path.suffix in SUFFIXES
        and path not in EXEMPT
        and not str(path).startswith(EXEMPT_FOLDERS)
        and path.name not in {"schema.ts", "package-lock.json"}
    ]


def test_no_file_uses_a_banned_word() -> None:
    found = {path: banned_words_in((ROOT / path).read_text()) for path in checked_files()}
    assert {str(path): words for path, words in found.items() if words} == {}


def test_no_file_name_uses_a_banned_word() -> None:
    assert [path for path in checked_files() if banned_words_in(str(path.with_suffix("")))] == []


def test_a_term_is_used_only_where_the_glossary_places_it() -> None:
    package_files = [
        path for path in checked_files() if path.parts[0] in PACKAGES and path.suffix == ".py"
    ]
    found = {path: misplaced_terms_in(path, (ROOT / path).read_text()) for path in package_files}
    assert {str(path): terms for path, terms in found.items() if terms} == {}


@pytest.mark.parametrize(
    "planted",
    ["Refuses to know tokens.", "def send_hint(): ...", "const leaningsOf = 1", "Written anew."],
)
def test_a_planted_word_is_found(planted: str) -> None:
    assert banned_words_in(planted) != []


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("shared/models/decoder.py", "def next_shard(): ..."),
        ("services/worker/worker.py", "A crop of the melody."),
        ("services/trainer/jobs/runner.py", "freeSlots = 1"),
    ],
)
def test_a_planted_misuse_is_found(path: str, planted: str) -> None:
    assert misplaced_terms_in(Path(path), planted) != []


def test_every_term_is_defined_once_and_in_a_file() -> None:
    terms = {term: path.strip("`") for term, _, path in table("Terms")}
    assert len(terms) == len(list(table("Terms")))
    assert {term: path for term, path in terms.items() if not (ROOT / path).exists()} == {}
    assert not set(terms) & set(banned())
    assert set(bound_terms()) <= set(terms)
