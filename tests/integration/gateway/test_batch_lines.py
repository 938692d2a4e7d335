"""Lines that are not valid, and bodies that have too few, too many, or are cut off."""

from collections.abc import AsyncIterator

import pytest

from tests.support.servers.batches import BATCHES, BatchFixture


async def test_the_first_invalid_lines_are_named(fixture: BatchFixture) -> None:
    lines = b"\n".join(
        [fixture.lines(1), fixture.lines(1, custom_id="bad", bars=999), b"{", fixture.lines(1)]
    )
    response = await fixture.post(lines)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "invalid_request")
    assert (problem["line"], problem["field"]) == (2, "bars")
    assert [(error["line"], error["custom_id"]) for error in problem["errors"]] == [
        *((2, "bad"), (3, None), (4, "c0"))
    ]
    assert "line 1 has it" in problem["errors"][2]["message"]
    assert (await fixture.http.get(BATCHES)).json()["items"] == []


@pytest.mark.parametrize(
    ("line", "custom_id", "field", "message"),
    [
        (b'["x"]', None, "body", 'It is not a JSON object, such as {"bars": 4}.'),
        (b"4", None, "body", 'It is not a JSON object, such as {"bars": 4}.'),
        (b"{x", None, "body", "Invalid JSON: key must be a string at column 2"),
        (
            b'{"custom_id": "a\\u0000b"}',
            None,
            "custom_id",
            "custom_id: it has the character NUL (U+0000), which cannot be stored; remove it.",
        ),
        (b'{"x\\u0000": 1}', None, "x\\u0000", "x\\u0000: Extra inputs are not permitted"),
        (
            b'{"bars": 1, "seed": 9007199254740991, "count": 2}',
            None,
            "seed",
            "seed: seed + count - 1 must not exceed 9007199254740991",
        ),
        (
            b'{"custom_id": "p", "bars": 1, "primer_id": "00000000-0000-0000-0000-000000000000"}',
            "p",
            "primer_id",
            "There is no primer '00000000-0000-0000-0000-000000000000'.",
        ),
    ],
)
async def test_an_invalid_line_is_described_as_a_line(
    fixture: BatchFixture, line: bytes, custom_id: str | None, field: str, message: str
) -> None:
    if line.startswith(b"{") and line.endswith(b"}"):
        line = b'{"model": "%s", %s' % (fixture.version.encode(), line[1:])
    lines = fixture.lines(1) + b"\n" + line
    problem = (await fixture.post(lines)).json()
    expected = {"line": 2, "custom_id": custom_id, "field": field, "message": message}
    assert problem["errors"] == [expected]
    batch_id = await fixture.submit(lines, invalid_lines="report")
    [error] = (await fixture.http.get(f"{BATCHES}/{batch_id}/errors")).json()["items"]
    assert error["custom_id"] == custom_id
    assert error["error"]["detail"] == f"Line 2: {message}"


async def test_an_unknown_model_of_a_line_is_named_with_those_that_exist(
    fixture: BatchFixture,
) -> None:
    problem = (await fixture.post(fixture.lines(1, model="nope"))).json()
    [error] = problem["errors"]
    assert error["field"] == "model"
    assert error["message"].startswith("There is no model 'nope'. Available models: ")
    assert fixture.version in error["message"]
    assert problem["detail"] == f"Line 1 (c0): {error['message']}"


async def test_a_file_in_utf_16_is_named(fixture: BatchFixture) -> None:
    problem = (await fixture.post(fixture.lines(2).decode().encode("utf-16"))).json()
    assert problem["detail"] == "The lines are in UTF-16; save them as UTF-8."


async def test_invalid_lines_can_become_failed_items(fixture: BatchFixture) -> None:
    lines = [
        fixture.lines(1),
        fixture.lines(1, custom_id="bad", bars=999),
        fixture.lines(1, custom_id="x"),
    ]
    batch_id = await fixture.submit(b"\n".join(lines), invalid_lines="report")
    await fixture.finish_all()
    batch = await fixture.batch(batch_id)
    assert (batch["state"], batch["counts"]["succeeded"], batch["counts"]["failed"]) == (  # type: ignore[index]  # JSON
        *("partial", 2, 1),
    )
    [error] = (await fixture.http.get(f"{BATCHES}/{batch_id}/errors")).json()["items"]
    assert (error["index"], error["custom_id"]) == (1, "bad")
    assert error["error"]["detail"].startswith("Line 2: bars:")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no valid line"),
        (b"\n \r\n", "no valid line"),
        (b"[" * 100_001, "Line 1 has more than"),
    ],
)
async def test_a_body_without_items_is_rejected(
    fixture: BatchFixture, body: bytes, message: str
) -> None:
    response = await fixture.post(body)
    assert (response.status_code, response.json()["field"]) == (422, "body")
    assert message in response.json()["detail"]


async def test_more_items_than_allowed_are_rejected(fixture: BatchFixture) -> None:
    response = await fixture.post(fixture.lines(11, count=10_000, custom_id=None))
    assert response.status_code == 422
    assert "at most 100,000 melodies" in response.json()["detail"]


async def test_a_body_that_is_cut_off_is_not_accepted(fixture: BatchFixture) -> None:
    async def cut_off() -> AsyncIterator[bytes]:
        yield fixture.lines(2)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await fixture.http.post(BATCHES, content=cut_off())
    assert (await fixture.http.get(BATCHES)).json()["items"] == []


async def test_invalid_lines_are_not_repeated(fixture: BatchFixture) -> None:
    lines = fixture.lines(1) + b"\n{"
    batch_id = await fixture.submit(lines, invalid_lines="report")
    await fixture.finish_all()
    response = await fixture.change(batch_id, "retry")
    assert response.status_code == 409
    assert response.json()["detail"] == (
        "Nothing failed in this batch but lines that are invalid: correct them, and submit them as "
        "another batch."
    )
