"""docs/configuration.md agrees with the settings classes."""

from tests.architecture.source import ROOT
from tests.support.configuration import SECTIONS, page

COMMITTED = ROOT / "docs" / "configuration.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert COMMITTED.read_text() == page(), "run: make docs"


def test_every_setting_is_explained() -> None:
    unexplained = [
        f"{settings.__name__}.{name}"
        for _, settings in SECTIONS
        for name, field in settings.model_fields.items()
        if not field.description
    ]
    assert unexplained == []
