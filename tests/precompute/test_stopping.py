import os
import signal

import pytest

from precompute.stopping import Stopped, StopRequest


@pytest.fixture
def stop():
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    request = StopRequest()
    request.listen()
    yield request
    for number, handler in handlers.items():
        signal.signal(number, handler)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def test_it_interrupts_once(stop):
    assert not stop()
    with pytest.raises(Stopped):
        terminate()
    terminate()
    assert stop()


def test_a_patient_block_is_asked_and_stopped_at_its_end(stop):
    steps = []
    with pytest.raises(Stopped), stop.patiently():
        terminate()
        assert stop()
        steps.append("finished")
    assert steps == ["finished"]
