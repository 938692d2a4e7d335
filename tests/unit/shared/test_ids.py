"""Tests of identifiers: UUIDs of version 7 that sort by age."""

from uuid import RFC_4122

from shared.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    generated = new_id()
    assert (generated.version, generated.variant) == (7, RFC_4122)


def test_ids_are_unique_and_sort_by_age() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert ids[::100] == sorted(ids[::100])
