import threading

import numpy as np
import pytest
import torch

from astra.encoders import build
from astra.training.batches import Ahead, Batches, collated
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


@pytest.mark.parametrize(("rows", "size", "parts"), [(10, 4, 2), (257, 64, 3), (9, 9, 9)])
def test_parts_of_a_step_make_up_its_rows(rows: int, size: int, parts: int) -> None:
    batches = Batches(np.arange(rows), size, seed=5, parts=parts)
    whole = Batches(np.arange(rows), size, seed=5)
    smallest = size
    for step in range(2 * batches.per_epoch):
        cut = [batches.part_of(step, part) for part in range(parts)]
        np.testing.assert_array_equal(np.concatenate(cut), whole.rows_of(step))
        assert max(map(len, cut)) - min(map(len, cut)) <= 1
        smallest = min(smallest, *map(len, cut))
    assert batches.smallest_part == smallest
    assert len({batches.generator_of(3, part).random() for part in range(parts)}) == parts


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_ahead_change_nothing(objective, light_curves, threads: int) -> None:
    batches = Batches(np.arange(10), 4, seed=0, parts=2)
    plain = list(collated(objective, light_curves, batches, range(2, 7), range(2)))
    ahead = Ahead(steps=2, threads=threads)
    made = list(collated(objective, light_curves, batches, range(2, 7), range(2), ahead))
    assert [step for step, _ in made] == [2, 3, 4, 5, 6]
    for (_, parts), (_, same) in zip(plain, made, strict=True):
        assert [part.number for part in same] == [0, 1]
        for part, other in zip(parts, same, strict=True):
            assert part.objects == other.objects
            assert all(torch.equal(part.batch[name], other.batch[name]) for name in part.batch)


def test_a_process_collates_its_own_parts_alone(objective, light_curves) -> None:
    batches = Batches(np.arange(10), 4, seed=0, parts=4)
    everything = list(collated(objective, light_curves, batches, range(3), range(4)))
    mine = list(collated(objective, light_curves, batches, range(3), range(2, 4)))
    for (_, parts), (_, some) in zip(everything, mine, strict=True):
        assert [part.number for part in some] == [2, 3]
        for part, other in zip(parts[2:], some, strict=True):
            assert all(torch.equal(part.batch[name], other.batch[name]) for name in part.batch)


def test_an_error_in_a_thread_is_raised_here(objective, light_curves, monkeypatch) -> None:
    def fail(*_):
        raise OSError("disk on fire")

    monkeypatch.setattr(objective, "collate", fail)
    batches = Batches(np.arange(10), 4, 0)
    with pytest.raises(OSError, match="on fire"):
        list(collated(objective, light_curves, batches, range(3), ahead=Ahead(2)))


def test_the_threads_end_when_nobody_listens(objective, light_curves) -> None:
    before = set(threading.enumerate())
    batches = Batches(np.arange(10), 2, 0)
    stream = collated(objective, light_curves, batches, range(50), ahead=Ahead(3, 2))
    next(stream)
    stream.close()
    assert set(threading.enumerate()) <= before
