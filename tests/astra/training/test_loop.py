import time
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from astra.encoders import build
from astra.training.contrastive import Contrastive
from astra.training.loop import Cancelled, TrainingError, fit
from astra.training.meter import Meter
from astra.training.objective import Objective
from astra.training.settings import FitSettings

SETTINGS = FitSettings(epochs=3, batch=4, seed=1)


class Recorder:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: str, **facts: Any) -> None:
        self.events.append({"event": event, **facts})


def small_encoder():
    torch.manual_seed(0)
    return build("astra_clr", width=8, heads=1, blocks=1, dropout=0.1)


class Level(Objective):
    """Regresses the number of observations on the embedding; may be told to break."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = small_encoder()
        self.head = nn.Linear(8, 1)
        self.scores: list[float] = []
        self.poison_at: int | None = None
        self.calls = 0

    def collate(self, light_curves, generator):
        target = torch.from_numpy(light_curves.lengths.astype(np.float32) / 100)
        return self.encoder.collate(light_curves) | {"target": target}

    def loss(self, batch):
        self.calls += 1
        target = batch.pop("target")
        loss = (self.head(self.encoder(batch))[:, 0] - target).square().mean()
        return loss * torch.nan if self.calls == self.poison_at else loss

    def validate(self, light_curves, rows, device):
        if self.scores:
            score = self.scores.pop(0)
            return {"score": score, "validation_loss": -score}
        return super().validate(light_curves, rows, device)


def weights_of(objective: Objective) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in objective.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns(light_curves) -> None:
    objective = Level()
    settings = FitSettings(epochs=60, batch=5, learning_rate=1e-2)
    result = fit(objective, light_curves, np.arange(10), settings, device="cpu")
    assert result.steps == 120
    assert result.epochs == len(result.history) == 60
    assert result.loss < 0.2 * result.history[0]["loss"]
    assert result.loss == result.history[-1]["loss"]
    assert not objective.training


def contrast(light_curves, noise: int, **settings) -> dict[str, torch.Tensor]:
    objective = Contrastive(small_encoder())  # type: ignore[arg-type]
    torch.manual_seed(noise)
    changed = FitSettings(epochs=3, batch=4, **settings)
    fit(objective, light_curves, np.arange(10), changed, device="cpu")
    return weights_of(objective)


def test_the_seed_decides_everything(light_curves) -> None:
    one = contrast(light_curves, noise=1, seed=1)
    assert same(one, contrast(light_curves, noise=99, seed=1, prefetch=2, collators=3))
    assert not same(one, contrast(light_curves, noise=1, seed=2))


def test_random_numbers_outside_are_left_alone(light_curves) -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    objective = Level()
    torch.manual_seed(7)
    fit(objective, light_curves, np.arange(10), SETTINGS, device="cpu")
    assert torch.equal(torch.rand(1), expected)


def test_a_loss_that_is_not_a_number_stops_with_step_and_rows(light_curves) -> None:
    objective = Level()
    objective.poison_at = 5
    with pytest.raises(TrainingError, match=r"step 4 \(epoch 1.*loss nan.*learning rate.*rows"):
        fit(objective, light_curves, np.arange(10), SETTINGS, device="cpu")


def test_no_rows_are_refused(light_curves) -> None:
    with pytest.raises(TrainingError, match="no rows"):
        fit(Level(), light_curves, np.arange(0), SETTINGS, device="cpu")


def test_progress_tells_steps_loss_and_score(light_curves) -> None:
    recorder = Recorder()
    rows = np.arange(8)
    fit(
        Level(), light_curves, rows, SETTINGS, recorder, device="cpu", validation_rows=np.array([9])
    )
    scored = [event for event in recorder.events if "score" in event]
    assert [event["epoch"] for event in scored] == [0, 1, 2]
    assert [event["done"] for event in scored] == [2, 4, 6]
    for event in scored:
        assert event["event"] == "progress"
        assert event["total"] == 6
        assert np.isfinite([event["loss"], event["score"], event["eta"]]).all()
        assert event["objects_per_second"] > 0
        assert 0 <= event["waiting"] < 1


def test_the_share_of_time_spent_waiting_for_data_is_told(monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    recorder = Recorder()
    meter = Meter(recorder, steps=4, objects_per_step=5)

    def batches():
        for seconds in (3.0, 1.0):
            clock[0] += seconds
            yield seconds

    for _ in meter.timed(batches()):
        clock[0] += 6.0
        meter.objects += 5
    meter.tell(2, loss=1.0, epoch=0)
    (told,) = recorder.events
    assert told["waiting"] == pytest.approx(4 / 16)
    assert told["objects_per_second"] == pytest.approx(10 / 16, abs=0.1)
    assert told["eta"] == pytest.approx(16)


def test_a_probe_is_told_and_changes_nothing(light_curves) -> None:
    plain, probed, recorder = Level(), Level(), Recorder()
    fit(plain, light_curves, np.arange(8), SETTINGS, device="cpu")
    seen: list[bool] = []

    def probe(encoder, device) -> float:
        seen.append(encoder is probed.encoder and not encoder.training)
        torch.rand(3)
        return 0.1 * len(seen)

    result = fit(probed, light_curves, np.arange(8), SETTINGS, recorder, device="cpu", probe=probe)
    assert seen == [True] * 3
    assert [epoch["probe"] for epoch in result.history] == pytest.approx([0.1, 0.2, 0.3])
    told = [event["probe"] for event in recorder.events if "probe" in event]
    assert told == pytest.approx([0.1, 0.2, 0.3])
    assert result.score is None
    assert same(weights_of(probed), weights_of(plain))


def test_parts_are_refused_that_would_be_empty(light_curves) -> None:
    settings = FitSettings(batch=4, accumulate=4)
    with pytest.raises(TrainingError, match=r"9 rows in batches of 4 are too few for 4 parts"):
        fit(Level(), light_curves, np.arange(9), settings, device="cpu")


def test_bfloat16_learns(light_curves) -> None:
    objective = Level()
    settings = FitSettings(epochs=60, batch=5, learning_rate=1e-2, precision="bfloat16")
    result = fit(objective, light_curves, np.arange(10), settings, device="cpu")
    assert result.loss < 0.3 * result.history[0]["loss"]
    assert all(tensor.dtype == torch.float32 for tensor in objective.state_dict().values())


def test_the_best_epoch_is_kept_and_patience_ends_the_fit(light_curves) -> None:
    objective = Level()
    objective.scores = [0.1, 0.5, 0.4, 0.3, 0.9]
    seen: list[dict[str, torch.Tensor]] = []

    def tell(event: str, **facts: Any) -> None:
        if "score" in facts:
            seen.append(weights_of(objective))

    settings = FitSettings(epochs=5, batch=5, patience=2)
    rows = np.arange(10)
    result = fit(
        objective, light_curves, rows, settings, tell, device="cpu", validation_rows=rows[:2]
    )
    assert (result.score, result.best_epoch, result.epochs) == (0.5, 1, 4)
    assert same(weights_of(objective), seen[1])
    assert not same(seen[1], seen[3])


def test_stopping_saves_and_going_on_gives_the_same(light_curves, tmp_path) -> None:
    rows, straight = np.arange(10), Level()
    fit(straight, light_curves, rows, SETTINGS, device="cpu", validation_rows=rows[:3])
    for attempt in range(20):
        begun_again = Level()
        steps = iter(range(1, 100))
        try:
            fit(
                begun_again,
                light_curves,
                rows,
                SETTINGS,
                checkpoint=tmp_path,
                device="cpu",
                validation_rows=rows[:3],
                should_stop=lambda steps=steps: next(steps) == 2,
            )
            break
        except Cancelled as cancelled:
            assert f"after {2 * attempt + 2} of 9" in str(cancelled)
    assert attempt == 4
    assert same(weights_of(begun_again), weights_of(straight))
    assert not list(tmp_path.iterdir())


def test_an_interrupt_from_outside_passes(light_curves) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(Level(), light_curves, np.arange(10), SETTINGS, device="cpu", should_stop=interrupt)


def test_cancelling_is_not_an_exception_that_could_be_swallowed() -> None:
    assert not issubclass(Cancelled, Exception)
