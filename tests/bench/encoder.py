"""Time the encoder: one thread, interleaved, minima and medians.

`python tests/bench/encoder.py`

Windows of similar length together (bucketed) against every window padded to the longest that the
encoder takes, for embedding and for a training step; then the arithmetic of the forward pass
against the rate of the same machine's linear layers. Seconds are CPU seconds of the one thread, so
that other work on the machine counts less.
"""

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Annotated, Any, cast

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torch.nn.functional import pad

from astra.data.light_curves import LightCurves
from astra.data.simulation.simulate import simulate
from astra.encoders import astra_clr, build, embed
from astra.encoders.astra_clr import AstraCLR
from astra.encoders.base import Batch
from astra.readers import read
from astra.training.contrastive import Contrastive, view_of

Task = Callable[[], Any]
PADDED, BUCKETED = "padded", "bucketed"
BATCH, TRAINED = 64, 128
SIZES = {
    "shipped, 64 wide, 96 tokens": {},
    "128 wide, 4 blocks, 400 tokens": {
        "width": 128,
        "blocks": 4,
        "heads": 8,
        "feed_forward": 512,
        "tokens": 400,
    },
}


def cut_to(light_curves: LightCurves, lengths: np.ndarray, seed: int = 0) -> LightCurves:
    """Light curves of at most the given lengths: a random run of each."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(lengths, light_curves.lengths)
    start = light_curves.offsets[:-1] + rng.integers(0, light_curves.lengths - lengths + 1)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    kept = np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], lengths)
    names = ("time", "flux", "flux_error", "band_and_flag")
    columns = {name: np.asarray(getattr(light_curves, name))[kept] for name in names}
    return replace(light_curves, offsets=offsets, **columns)


def skies(objects: int) -> Iterator[tuple[str, LightCurves]]:
    """Simulated light curves as long as observed ones are, and observed ones where there are."""
    sky, _, _ = simulate(objects, seed=11)
    rng = np.random.default_rng(1)
    # Medians and quartiles of the canonical tables of observed transients and variables.
    transients = np.exp(rng.normal(np.log(31), 1.13, objects))
    variables = np.exp(rng.normal(np.log(246), 0.4, objects))
    gamma = np.minimum(rng.gamma(2, 74, objects), 400)
    for name, lengths in (
        ("as long as transients", transients),
        ("as long as variables", variables),
        ("gamma, mean 146, at most 400", gamma),
    ):
        yield f"simulated, {name}", cut_to(sky, np.maximum(lengths, 5).astype(np.int64))
    folder = os.environ.get("ASTRA_OBSERVED_DATA")
    for name in ("transients", "variables") if folder else ():
        light_curves = read(Path(str(folder)) / f"{name}_objects.parquet")
        chosen = rng.choice(len(light_curves), min(objects, len(light_curves)), replace=False)
        yield f"observed {name}", light_curves.take(np.sort(chosen))


@contextmanager
def in_order() -> Iterator[None]:
    """Compute windows in the order given and as they are padded, in pieces that fit the cache."""
    before = astra_clr.in_pieces

    def compute_all(compute: Callable[[Batch], Tensor], batch: Batch, size: int) -> Tensor:
        starts = range(0, len(batch["mask"]), size)
        return torch.cat([compute({k: t[s : s + size] for k, t in batch.items()}) for s in starts])

    astra_clr.in_pieces = compute_all  # type: ignore[assignment]
    try:
        yield
    finally:
        astra_clr.in_pieces = before


def widened(batch: Batch, tokens: int) -> Batch:
    """Pad windows to a length."""
    width = batch["mask"].shape[-1]
    return {
        name: pad(tensor, (0, tokens - width)) if tensor.shape[-1] == width else tensor
        for name, tensor in batch.items()
    }


@torch.inference_mode()
def embed_padded(encoder: AstraCLR, light_curves: LightCurves) -> np.ndarray:
    """Embed with every window padded to the longest that the encoder takes."""
    vectors = []
    with in_order():
        for start in range(0, len(light_curves), BATCH):
            rows = np.arange(start, min(start + BATCH, len(light_curves)))
            batch = encoder.collate(light_curves.take(rows))
            vectors.append(encoder(widened(batch, encoder.settings.tokens)))
    return torch.cat(vectors).numpy()


def steps_of(objective: Contrastive, light_curves: LightCurves) -> dict[str, Task]:
    """One training step of a batch, padded and bucketed, without the collation."""
    batch = objective.collate(light_curves, np.random.default_rng(0))
    views = {name: widened(view_of(batch, name), v.tokens) for name, v in objective.views.items()}
    full = {f"{name}/{key}": t for name, view in views.items() for key, t in view.items()}

    def step(batch: Batch) -> None:
        objective.zero_grad()
        objective.loss(batch).backward()

    def step_padded() -> None:
        with in_order():
            step(full)

    return {PADDED: step_padded, BUCKETED: lambda: step(batch)}


def tokens_of(encoder: AstraCLR, task: Task) -> int:
    """Tokens that reach the first block, padding and summaries included."""
    seen: list[int] = []
    hook = encoder.blocks[0].register_forward_pre_hook(
        lambda _, arguments: seen.append(arguments[0].shape[:2].numel())
    )
    task()
    hook.remove()
    return sum(seen)


def interleaved(tasks: dict[str, Task], repeats: int) -> dict[str, np.ndarray]:
    """CPU seconds of every repeat; the tasks take turns, so that a busy machine hits them all."""
    times = {name: np.empty(repeats) for name in tasks}
    for task in tasks.values():
        task()
    for repeat in range(repeats):
        for name, task in tasks.items():
            start = thread_time()
            task()
            times[name][repeat] = thread_time() - start
    return times


def bucketing(title: str, size: dict[str, int], objects: int, repeats: int) -> Table:
    """Objects per second, padded and bucketed."""
    table = Table(title=f"astra_clr, {title}: objects/s on one core, {repeats} repeats")
    for column in ("light curves", "", "tokens/object", "best", "median", "times faster"):
        table.add_column(column, justify="left" if column in ("light curves", "") else "right")
    torch.manual_seed(0)
    encoder = cast(AstraCLR, build("astra_clr", **size).eval())
    objective = Contrastive(encoder)
    for name, light_curves in skies(objects):
        tasks = {
            PADDED: partial(embed_padded, encoder, light_curves),
            BUCKETED: partial(embed, encoder, light_curves, "cpu", BATCH),
        }
        np.testing.assert_allclose(tasks[PADDED](), tasks[BUCKETED](), atol=1e-3)
        table.add_section()
        _add(table, f"{name}: embed", encoder, tasks, len(light_curves), repeats)
        batch = light_curves.take(np.arange(min(TRAINED, len(light_curves))))
        _add(table, "train", encoder, steps_of(objective, batch), len(batch), repeats)
    return table


def _add(
    table: Table, name: str, encoder: AstraCLR, tasks: dict[str, Task], objects: int, repeats: int
) -> None:
    times = interleaved(tasks, repeats)
    for kind, taken in times.items():
        table.add_row(
            name if kind == PADDED else "",
            kind,
            f"{tokens_of(encoder, tasks[kind]) / objects:.0f}",
            f"{objects / taken.min():.1f}",
            f"{objects / np.median(taken):.1f}",
            f"{times[PADDED].min() / taken.min():.2f}",
        )


@torch.inference_mode()
def arithmetic(repeats: int) -> Table:
    """Rate of the forward pass against that of its own linear layers, no window padded."""
    table = Table(title="astra_clr, forward pass without padding, one core")
    for column in ("size", "precision", "linear / GF/s", "forward / GF/s", "fraction"):
        table.add_column(column, justify="left" if column in ("size", "precision") else "right")
    for title, size in SIZES.items():
        encoder = cast(AstraCLR, build("astra_clr", **size).eval())
        block, tokens = encoder.blocks[0], 144 if size else 96
        batch = {
            name: torch.rand(encoder.cpu_batch, 1, tokens)
            for name in ("value", "log_error", "day", "colour")
        }
        batch["mask"] = torch.ones(encoder.cpu_batch, 1, tokens, dtype=torch.bool)
        batch["previous"] = torch.arange(tokens).expand_as(batch["mask"]).contiguous()
        batch["scale"] = torch.zeros(encoder.cpu_batch, 1, 1)
        rows = encoder.cpu_batch * (tokens + 1)
        layers = [block.query_key_value, block.attended, block.expand, block.contract]
        for precision in (torch.float32, torch.bfloat16):
            inputs = [torch.rand(rows, layer.in_features).to(precision) for layer in layers]
            cast_layers = [copy.deepcopy(layer).to(precision) for layer in layers]

            def linear(layers=cast_layers, inputs=inputs) -> None:
                for layer, rows_ in zip(layers, inputs, strict=True):
                    layer(rows_)

            def forward(encoder=encoder, batch=batch, precision=precision) -> None:
                with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
                    encoder(batch)

            times = interleaved({"linear": linear, "forward": forward}, 10 * repeats)
            of_layers = 2 * rows * sum(layer.weight.numel() for layer in layers)
            rate = of_layers / times["linear"].min() / 1e9
            reached = operations(encoder, rows, tokens + 1) / times["forward"].min() / 1e9
            table.add_row(
                title,
                str(precision).removeprefix("torch."),
                f"{rate:.0f}",
                f"{reached:.0f}",
                f"{reached / rate:.0%}",
            )
    return table


def operations(encoder: AstraCLR, rows: int, tokens: int) -> float:
    """Multiplications and additions of the linear layers and of attention."""
    modules = [*encoder.blocks.modules(), *encoder.observation.modules()]
    linear = sum(layer.weight.numel() for layer in modules if isinstance(layer, torch.nn.Linear))
    attention = 2 * tokens * encoder.settings.width * encoder.settings.blocks
    return 2.0 * rows * (linear + attention)


def main(
    objects: Annotated[int, typer.Option(help="Light curves of each kind.")] = 512,
    repeats: Annotated[int, typer.Option(help="Repeats of every task.")] = 5,
) -> None:
    """Print how fast the encoder is, and what bucketing and the arithmetic have to do with it."""
    torch.set_num_threads(1)
    console = Console()
    console.print(arithmetic(repeats))
    for title, size in SIZES.items():
        # A token of the larger size costs ten times as much.
        console.print(bucketing(title, size, objects // 4 if size else objects, repeats))


if __name__ == "__main__":
    typer.run(main)
