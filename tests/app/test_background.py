"""Who waits for whom, and that messages leave when they are written."""

import threading

import pytest
from bokeh.server.views.ws import WSHandler

from app import background, prompt_messages
from app.background import Urgent


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(background, "_REST", 0.01)
    monkeypatch.setattr(background, "_LONGEST_WAIT", 30.0)


def waiting(urgent):
    """A patient request that has begun to wait, and the event that it sets when it may start."""
    may_start = threading.Event()

    def wait():
        urgent.wait()
        may_start.set()

    threading.Thread(target=wait, daemon=True).start()
    return may_start


def test_a_patient_request_starts_when_the_last_urgent_one_is_done(brief):
    urgent = Urgent()
    urgent.add(1)
    urgent.add(1)
    may_start = waiting(urgent)
    urgent.add(-1)
    assert not may_start.wait(0.2)
    urgent.add(-1)
    assert may_start.wait(20)


def test_a_patient_request_does_not_wait_for_ever(brief, monkeypatch):
    monkeypatch.setattr(background, "_LONGEST_WAIT", 0.05)
    urgent = Urgent()
    urgent.add(1)
    assert waiting(urgent).wait(20)


def test_without_anything_urgent_a_patient_request_starts(brief):
    assert waiting(Urgent()).wait(20)


def test_sockets_are_opened_without_delay(monkeypatch):
    told = []

    class Handler:
        def set_nodelay(self, on):
            told.append(on)

    monkeypatch.setattr(prompt_messages, "_open", lambda handler: told.append("opened"))
    monkeypatch.setattr(WSHandler, "open", WSHandler.open)
    prompt_messages.send_promptly()
    WSHandler.open(Handler())
    assert told == [True, "opened"]
