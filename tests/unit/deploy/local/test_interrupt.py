"""Signals: the first brings us down in good order, the next ones do not disturb it."""

import signal

import pytest

from deploy.local.signals import SIGNALS, interrupted_by_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_once(number: signal.Signals) -> None:
    survived: list[signal.Signals] = []
    with pytest.raises(KeyboardInterrupt):
        be_interrupted(number, survived)
    assert survived == list(SIGNALS)


def be_interrupted(number: signal.Signals, survived: list[signal.Signals]) -> None:
    """By `number`; then by all of them while coming down."""
    with interrupted_by_signals():
        try:
            signal.raise_signal(number)
        finally:
            for other in SIGNALS:
                signal.raise_signal(other)
                survived.append(other)


def test_afterwards_signals_mean_what_they_meant() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with interrupted_by_signals():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == before
