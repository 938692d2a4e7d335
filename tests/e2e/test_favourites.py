"""What somebody is fond of is remembered, and listed alone."""

import httpx

from tests.wire import melody_of, post_job


def favourites(http: httpx.Client, **params: str) -> list[str]:
    answer = http.get("/v1/melodies", params={"favourites": "true", **params})
    assert answer.status_code == 200, answer.text
    assert all(item["favourite"] for item in answer.json()["items"])
    return [item["id"] for item in answer.json()["items"]]


def test_a_favourite_is_kept_until_it_is_none_any_more(http: httpx.Client) -> None:
    first, second, third = [melody_of(http, post_job(http, bars=1)["id"]) for _ in range(3)]
    for melody in (first, third, third):
        answer = http.put(f"/v1/melodies/{melody}/favourite")
        assert (answer.status_code, answer.json()["favourite"]) == (200, True)
    assert favourites(http)[:2] == [third, first]
    assert favourites(http, cursor=third)[:1] == [first]
    assert http.get(f"/v1/melodies/{first}").json()["favourite"] is True
    assert http.get(f"/v1/melodies/{second}").json()["favourite"] is False
    everything = [item["id"] for item in http.get("/v1/melodies").json()["items"]]
    assert {first, second, third} <= set(everything)
    gone = http.delete(f"/v1/melodies/{third}/favourite")
    assert (gone.status_code, gone.json()["favourite"]) == (200, False)
    assert third not in favourites(http)
    assert first in favourites(http)


def test_nobody_is_fond_of_what_is_not_there(http: httpx.Client) -> None:
    answer = http.put(f"/v1/melodies/{'0' * 32}/favourite")
    assert (answer.status_code, answer.json()["code"]) == (404, "melody_not_found")
