"""The first signal interrupts; further ones do not disturb the shutdown."""

import signal

import pytest

from deploy.local.signals import SIGNALS, keyboard_interrupt_on_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_only_the_first_signal_interrupts(number: signal.Signals) -> None:
    ignored: list[signal.Signals] = []
    with pytest.raises(KeyboardInterrupt):
        raise_signals(number, ignored)
    assert ignored == list(SIGNALS)


def raise_signals(first: signal.Signals, ignored: list[signal.Signals]) -> None:
    """Raise `first`, and then every signal during the shutdown."""
    with keyboard_interrupt_on_signals():
        try:
            signal.raise_signal(first)
        finally:
            for number in SIGNALS:
                signal.raise_signal(number)
                ignored.append(number)


def test_the_previous_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with keyboard_interrupt_on_signals():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == before
