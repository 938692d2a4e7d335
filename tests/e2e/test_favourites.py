"""Melodies can be marked as favourites, and favourites can be listed."""

import httpx

from tests.support.http_api import first_melody_id, post_generation


def favourites(http: httpx.Client, **params: str) -> list[str]:
    response = http.get("/v1/melodies", params={"favourites": "true", **params})
    assert response.status_code == 200, response.text
    assert all(item["favourite"] for item in response.json()["items"])
    return [item["id"] for item in response.json()["items"]]


def test_a_favourite_is_listed_until_it_is_unmarked(http: httpx.Client) -> None:
    first, second, third = [
        first_melody_id(http, post_generation(http, bars=1)["id"]) for _ in range(3)
    ]
    for melody in (first, third, third):
        response = http.put(f"/v1/melodies/{melody}/favourite")
        assert (response.status_code, response.json()["favourite"]) == (200, True)
    assert favourites(http)[:2] == [third, first]
    assert favourites(http, cursor=third)[:1] == [first]
    assert http.get(f"/v1/melodies/{first}").json()["favourite"] is True
    assert http.get(f"/v1/melodies/{second}").json()["favourite"] is False
    all_ids = [item["id"] for item in http.get("/v1/melodies").json()["items"]]
    assert {first, second, third} <= set(all_ids)
    response = http.delete(f"/v1/melodies/{third}/favourite")
    assert (response.status_code, response.json()["favourite"]) == (200, False)
    assert third not in favourites(http)
    assert first in favourites(http)


def test_marking_an_unknown_melody_is_404(http: httpx.Client) -> None:
    response = http.put(f"/v1/melodies/{'0' * 32}/favourite")
    assert (response.status_code, response.json()["code"]) == (404, "melody_not_found")
