import numpy as np
import pytest
import torch
from torch import nn

from astra.data.light_curves import LightCurves
from astra.encoders.base import Encoder
from astra.training.probing import EpochProbe

CPU = torch.device("cpu")
OBJECTS = 300


class Lengths(Encoder):
    """Embeds the number of observations."""

    name = "lengths"
    embedding_size = 1

    def collate(self, light_curves):
        return {"length": torch.from_numpy(light_curves.lengths.astype(np.float32))[:, None]}

    def forward(self, batch):
        return batch["length"]

    def layer_groups(self) -> list[list[nn.Parameter]]:
        return []


@pytest.fixture(scope="module")
def sky(make_light_curves) -> LightCurves:
    return make_light_curves(list(np.random.default_rng(0).integers(0, 60, OBJECTS)))


@pytest.fixture(scope="module")
def held_out() -> np.ndarray:
    return np.random.default_rng(1).random(OBJECTS) < 0.3


def test_classes_that_the_embedding_tells_apart_score_high(sky, held_out) -> None:
    by_length = np.where(sky.lengths < 30, "short", "long").tolist()
    at_random = np.random.default_rng(2).permutation(by_length).tolist()
    scores = []
    for labels in (by_length, at_random):
        probe = EpochProbe.of(sky, labels, held_out)
        assert probe is not None
        scores.append(probe(Lengths(), CPU))
    assert scores[0] > 0.95
    assert scores[1] < 0.7


def test_objects_without_a_label_are_left_out_and_no_more_are_drawn_than_asked(
    sky, held_out
) -> None:
    labels = [None if n % 3 == 0 else ("a", "b")[n % 2] for n in range(OBJECTS)]
    probe, same = (EpochProbe.of(sky, labels, held_out, most=90) for _ in range(2))
    assert probe is not None
    assert same is not None
    assert len(probe.light_curves) == len(probe.known.codes) == len(probe.held_out) == 90
    assert (probe.known.codes >= 0).all()
    np.testing.assert_array_equal(probe.light_curves.time, same.light_curves.time)
    everything = EpochProbe.of(sky, labels, held_out)
    assert everything is not None
    assert len(everything.light_curves) == 200


@pytest.mark.parametrize(
    "labels",
    [[None] * OBJECTS, ["a"] * OBJECTS, ["a"] * (OBJECTS - 3) + ["b"] * 3],
    ids=["none", "one class", "one rare class"],
)
def test_too_few_labels_make_no_probe(sky, held_out, labels) -> None:
    assert EpochProbe.of(sky, labels, held_out) is None


def test_nothing_held_out_makes_no_probe(sky) -> None:
    labels = [("a", "b")[n % 2] for n in range(OBJECTS)]
    assert EpochProbe.of(sky, labels, np.zeros(OBJECTS, bool)) is None
