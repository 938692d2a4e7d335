"""How long attempts go on, and how the pauses between them grow."""

import pytest

from ostinato.errors import ApiError, ConnectionLost
from ostinato.retry import LONGEST_DELAY, Patience
from ostinato.schemas.problems import Problem

BROKEN = ConnectionLost("The line broke.")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("ostinato.retry.time.sleep", pauses.append)
    return pauses


def away(retry_after: float) -> ApiError:
    problem = Problem(title="No", status=503, detail="Away.", code="redis_unavailable")
    return ApiError(problem, retry_after=retry_after)


def test_pauses_double_up_to_the_longest(pauses: list[float]) -> None:
    patience = Patience(60.0)
    for _ in range(7):
        patience.pause(BROKEN)
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, LONGEST_DELAY, LONGEST_DELAY]


def test_a_good_sign_starts_over(pauses: list[float]) -> None:
    patience = Patience(60.0)
    patience.pause(BROKEN)
    patience.pause(BROKEN)
    patience.renew()
    patience.pause(BROKEN)
    assert pauses == [0.1, 0.2, 0.1]


def test_a_pause_is_at_least_what_the_gateway_asked(pauses: list[float]) -> None:
    Patience(60.0).pause(away(retry_after=5.0))
    assert pauses == [5.0]


def test_nobody_waits_longer_than_there_is_patience(pauses: list[float]) -> None:
    with pytest.raises(ApiError, match="Away"):
        Patience(60.0).pause(away(retry_after=3600.0))
    assert pauses == []


def test_what_will_not_pass_is_not_waited_for(pauses: list[float]) -> None:
    problem = Problem(title="No", status=404, detail="There is no such job.", code="job_not_found")
    with pytest.raises(ApiError, match="no such job"):
        Patience(60.0).pause(ApiError(problem))
    assert pauses == []
