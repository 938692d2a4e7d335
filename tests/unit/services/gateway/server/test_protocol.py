"""Limits of connections, headers, paths and time, on real sockets."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from services.gateway.server import protocol
from services.gateway.server.protocol import (
    MAX_DISCARDED_BYTES,
    MAX_HEADER_BYTES,
    MAX_PIPELINED_REQUESTS,
    MAX_URI_BYTES,
)
from tests.unit.services.gateway.server.raw_http import GET, HOST, POST, gateway

CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
HEADERS = b"host: a\r\n"
LENGTH_OF_HEADERS = len(b"hosta")


async def test_requests_within_the_limits_are_served_on_one_connection() -> None:
    async with gateway() as server:
        connection = await server.connect()
        for length in (0, 1, 300_000):
            await connection.send(POST + b"content-length: %d\r\n\r\n" % length + b"x" * length)
            response = await connection.response()
            assert (response.status, response.body) == (200, b"%d" % length)
        await connection.send(CHUNKED + b"3\r\nabc\r\n" * 2000 + b"0\r\n\r\n")
        assert (await connection.response()).body == b"6000"


@pytest.mark.parametrize("excess", [0, 1])
async def test_the_size_of_the_headers_is_limited(excess: int) -> None:
    size = MAX_HEADER_BYTES - LENGTH_OF_HEADERS + excess
    many = b"".join(b"%08d: 1234567\r\n" % number for number in range(size // 15))
    rest = b"a: " + b"x" * (size % 15 - 1) + b"\r\n"
    one = b"a: " + b"x" * (size - 1) + b"\r\n"
    async with gateway() as server:
        for headers in (one, many + rest):
            response = await (await server.send(GET + headers + b"\r\n")).response()
            assert response.status == (431 if excess else 200)
            if excess:
                assert response.code == "headers_too_large"
                assert json.loads(response.body)["max_bytes"] == MAX_HEADER_BYTES


@pytest.mark.parametrize("start", [GET + b"a: ", GET + b"a", b"G", b"GET /", CHUNKED + b"0\r\na: "])
async def test_headers_without_an_end_are_rejected_while_they_arrive(start: bytes) -> None:
    async with gateway() as server:
        connection = await server.send(start)
        with pytest.raises(ConnectionError):  # noqa: PT012 - the connection breaks at some piece
            for _ in range(10_000):
                await connection.send(b"x" * 10_000)
                await asyncio.sleep(0)
        assert (await (await server.send(GET + b"\r\n")).response()).status == 200


@pytest.mark.parametrize("excess", [0, 1])
async def test_the_length_of_path_and_query_is_limited(excess: int) -> None:
    path = b"/?" + b"q" * (MAX_URI_BYTES - 2 + excess)
    async with gateway() as server:
        connection = await server.send(b"GET %b HTTP/1.1\r\n%b\r\n" % (path, HEADERS))
        response = await connection.response()
        assert response.status == (414 if excess else 200)
        if excess:
            assert response.code == "uri_too_long"
            assert await connection.is_closed()


async def test_trailers_count_as_headers() -> None:
    async with gateway() as server:
        trailers = b"".join(b"a: %01000d\r\n" % number for number in range(17))
        connection = await server.send(CHUNKED + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n")
        assert (await connection.response()).code == "headers_too_large"


async def test_requests_that_wait_for_an_earlier_one_are_limited() -> None:
    async with gateway() as server:
        server.app.delay = 0.001
        connection = await server.send((GET + b"\r\n") * (MAX_PIPELINED_REQUESTS + 1))
        for _ in range(MAX_PIPELINED_REQUESTS + 1):
            assert (await connection.response()).status == 200
        connection = await server.send((GET + b"\r\n") * (MAX_PIPELINED_REQUESTS + 2))
        assert await connection.is_closed()


async def test_a_client_that_reads_nothing_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_TIMEOUT_SECONDS", 0.1)
    async with gateway() as server:
        connection = await server.send(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        await server.app.ended.wait()
        assert await connection.read_all()


async def test_what_is_not_http_is_a_problem() -> None:
    async with gateway() as server:
        response = await (await server.send(b"\x16\x03\x01\x02\x00\x01")).response()
        assert (response.status, response.code) == (400, "bad_request")


@pytest.mark.parametrize(
    "start",
    [
        *(b"GET", GET, b"\r\n", POST + b"content-length: 2\r\n\r\n", CHUNKED),
        *(POST + b"content-length: 2\r\n\r\na", CHUNKED + b"1\r\n", CHUNKED + b"1\r\na\r\n0\r\n"),
    ],
)
async def test_half_a_request_is_408(start: bytes) -> None:
    async with gateway(receive_timeout=0.1) as server:
        connection = await server.send(start)
        response = await connection.response()
        assert (response.status, response.code) == (408, "request_timeout")
        assert response.headers["connection"] == "close"
        assert await connection.is_closed()
        assert server.app.disconnects == (1 if start.startswith(b"POST") else 0)


async def test_half_a_request_after_another_one_is_408() -> None:
    async with gateway(receive_timeout=0.1) as server:
        connection = await server.send(GET + b"\r\n")
        assert (await connection.response()).status == 200
        await connection.send(GET)
        assert (await connection.response()).code == "request_timeout"


async def test_a_connection_without_a_request_is_closed() -> None:
    async with gateway(receive_timeout=0.1) as server:
        assert await (await server.connect()).is_closed()


async def test_a_body_that_arrives_slowly_is_accepted() -> None:
    async with gateway(receive_timeout=1.0) as server:
        connection = await server.send(POST + b"content-length: 4000\r\n\r\n")
        for _ in range(4):
            await asyncio.sleep(0.3)
            await connection.send(b"x" * 1000)
        assert (await connection.response()).body == b"4000"


async def test_a_response_may_take_longer_than_a_request() -> None:
    async with gateway(receive_timeout=0.05) as server:
        server.app.delay = 0.15
        connection = await server.send(GET + b"\r\n" + GET)
        assert (await connection.response()).status == 200
        assert (await connection.response()).code == "request_timeout"


async def test_the_rest_of_a_body_is_not_read_forever_after_the_response() -> None:
    size = 2 * MAX_DISCARDED_BYTES
    head = b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n"
    async with gateway() as server:
        connection = await server.send(head % size)
        assert (await connection.response()).status == 200
        with pytest.raises(ConnectionError):  # noqa: PT012 - the connection breaks at some piece
            for _ in range(size // 100_000):
                await connection.send(b"x" * 100_000)
        connection = await server.send(head % 100_000 + b"x" * 100_000 + GET + b"\r\n")
        assert [(await connection.response()).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("limit", "status", "code"),
    [
        ("max_connections", 503, "overloaded"),
        ("max_connections_per_address", 429, "too_many_connections"),
    ],
)
async def test_connections_are_limited(limit: str, status: int, code: str) -> None:
    async with gateway(**{limit: 2}) as server:
        first, second = [await server.connect() for _ in range(2)]
        excess = await server.connect()
        response = await excess.response()
        assert (response.status, response.code) == (status, code)
        assert int(response.headers["Retry-After".lower()]) > 0
        assert await excess.is_closed()
        assert (await (await first.send(GET + b"\r\n")).response()).status == 200
        await second.close()
        await server.wait_until_it_accepts()


async def test_a_websocket_is_a_connection_without_a_deadline() -> None:
    async with gateway(max_connections_per_address=1, receive_timeout=0.1) as server:
        async with connect(f"ws://{HOST}:{server.port}/", proxy=None) as socket:
            assert (await (await server.connect()).response()).code == "too_many_connections"
            await asyncio.sleep(0.2)
            await (await socket.ping())
        await server.wait_until_it_accepts()
