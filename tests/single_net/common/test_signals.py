"""Signals are noted, and acted on later."""

from __future__ import annotations

import os
import signal

import pytest

from encoded_text.common.errors import Interrupted
from single_net.common.signals import StopSignal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_handlers_come_back(number):
    before = signal.getsignal(number)
    with StopSignal() as stop:
        assert stop.received == 0
        os.kill(os.getpid(), number)
        assert stop.received == number
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_stops_at_once_and_a_second_sigterm_does_not():
    with StopSignal() as stop:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.received == signal.SIGTERM
        with pytest.raises(Interrupted, match="last checkpoint is kept") as caught:
            os.kill(os.getpid(), signal.SIGINT)
    assert caught.value.number == signal.SIGINT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_where_nothing_is_left_to_complete_the_first_signal_stops_at_once(number):
    with StopSignal() as stop:
        stop.raise_at_once("all is saved")
        with pytest.raises(Interrupted, match="all is saved") as caught:
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGTERM)  # what is left is cleaning up
    assert caught.value.number == number


def test_a_signal_that_was_noted_before_counts_as_well():
    with StopSignal() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Interrupted, match="all is saved") as caught:
            stop.raise_at_once("all is saved")
    assert caught.value.number == signal.SIGTERM
