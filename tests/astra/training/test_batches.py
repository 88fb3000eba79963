import threading

import numpy as np
import pytest
import torch

from astra.encoders import build
from astra.training.batches import Batches, collated
from astra.training.contrastive import Contrastive


@pytest.mark.parametrize(("rows", "size"), [(10, 3), (10, 10), (10, 64), (257, 256), (1, 4)])
def test_an_epoch_sees_every_row_once_in_nearly_equal_batches(rows: int, size: int) -> None:
    batches = Batches(np.arange(100, 100 + rows), size, seed=5)
    for epoch in range(3):
        steps = range(epoch * batches.per_epoch, (epoch + 1) * batches.per_epoch)
        parts = [batches.rows_of(step) for step in steps]
        assert sorted(np.concatenate(parts)) == list(range(100, 100 + rows))
        lengths = [len(part) for part in parts]
        assert max(lengths) <= size
        assert max(lengths) - min(lengths) <= 1


def test_epochs_and_seeds_shuffle_differently() -> None:
    one, other = Batches(np.arange(50), 50, seed=0), Batches(np.arange(50), 50, seed=1)
    assert not np.array_equal(one.rows_of(0), one.rows_of(1))
    assert not np.array_equal(one.rows_of(0), other.rows_of(0))
    assert one.generator_of(3).random() != one.generator_of(4).random()


@pytest.fixture
def objective() -> Contrastive:
    return Contrastive(build("astra_clr", width=8, heads=1, blocks=1))  # type: ignore[arg-type]


def test_a_thread_ahead_changes_nothing(objective, light_curves) -> None:
    batches = Batches(np.arange(10), 4, seed=0)
    plain = list(collated(objective, light_curves, batches, range(2, 7)))
    ahead = list(collated(objective, light_curves, batches, range(2, 7), prefetch=2))
    assert [step for step, _, _ in ahead] == [2, 3, 4, 5, 6]
    for (_, objects, one), (_, same, other) in zip(plain, ahead, strict=True):
        assert objects == same
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_an_error_in_the_thread_is_raised_here(objective, light_curves, monkeypatch) -> None:
    def fail(*_):
        raise OSError("disk on fire")

    monkeypatch.setattr(objective, "collate", fail)
    with pytest.raises(OSError, match="on fire"):
        list(collated(objective, light_curves, Batches(np.arange(10), 4, 0), range(3), prefetch=2))


def test_the_thread_ends_when_nobody_listens(objective, light_curves) -> None:
    before = threading.active_count()
    stream = collated(objective, light_curves, Batches(np.arange(10), 2, 0), range(50), prefetch=3)
    next(stream)
    stream.close()
    assert threading.active_count() == before
