from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from astra.encoders.light_curve_embed import LightCurveEmbed
from astra.encoders.published import PUBLISHED

# One thread a process, as in production; more only fight for the cores of a busy machine.
torch.set_num_threads(1)

# Inputs and the output that is asked for, as the published files have them; None is any length.
GRAPHS: dict[str, tuple[dict[str, tuple], str]] = {
    "AstraCLR": (
        {
            "input": (None, 700, 1),
            "times": (None, 700, 1),
            "band_info": (None, 700, 1),
            "mask": (None, 700),
        },
        "embedding",
    ),
    "Astromer": (
        {"input": (None, 200, 1), "times": (None, 200, 1), "mask_in": (None, 200, 1)},
        "mean",
    ),
    "ATAT": ({"data": (None, 65, 6), "time": (None, 65, 6), "mask": (None, 65, 6)}, "token"),
    "ATCAT": (
        {
            "flux": (None, 243),
            "flux_err": (None, 243),
            "time": (None, 243),
            "mask": (None, 243),
            "channel_index": (None, 243),
        },
        "last",
    ),
    "Chronos": ({"context": (None, None)}, "mean"),
    "Moment": ({"context": (None, 512)}, "mean"),
}
WAVES = ("Tanh", "Sin")
OF_OTHER_TYPES = {("ATCAT", "mask"): "BOOL", ("ATCAT", "channel_index"): "INT64"}


def sums_of(name: str, dimensions: int) -> tuple[list[Any], list[Any]]:
    """Nodes that sum two waves of an input over all axes but the first, and their constants."""
    onnx = pytest.importorskip("onnx")
    make, types = onnx.helper.make_node, onnx.TensorProto
    axes = f"axes_{name}"
    summed = onnx.helper.make_tensor(axes, types.INT64, [dimensions - 1], range(1, dimensions))
    nodes = [
        make("Cast", [name], [f"{name}_float"], to=types.FLOAT),
        make("IsNaN", [f"{name}_float"], [f"{name}_nan"]),
        make("Where", [f"{name}_nan", "zero", f"{name}_float"], [f"{name}_real"]),
    ]
    for wave in WAVES:
        stem = f"{name}_{wave}"
        nodes += [
            make(wave, [f"{name}_real"], [stem]),
            make("ReduceSum", [stem, axes], [f"{stem}_sum"], keepdims=0),
            make("Unsqueeze", [f"{stem}_sum", "last_axis"], [f"{stem}_column"]),
        ]
    return nodes, [summed]


def tiny_onnx(model: str) -> bytes:
    """A graph with the inputs and the output of a published model: random sums of its inputs."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("light_curve.embed")
    published = PUBLISHED[model]
    family = next(name for name in GRAPHS if published.kind.startswith(name))
    inputs, output = GRAPHS[family]
    helper, types = onnx.helper, onnx.TensorProto
    columns = [f"{name}_{wave}_column" for name in inputs for wave in WAVES]
    generator = np.random.default_rng(7)
    weights = 0.1 * generator.standard_normal((len(columns), published.size)).astype(np.float32)
    constants = [
        helper.make_tensor("zero", types.FLOAT, [], [0.0]),
        helper.make_tensor("last_axis", types.INT64, [1], [1]),
        onnx.numpy_helper.from_array(weights, "weights"),
    ]
    nodes = []
    for name, shape in inputs.items():
        of_input, known = sums_of(name, len(shape))
        nodes += of_input
        constants += known
    nodes += [
        helper.make_node("Concat", columns, ["sums"], axis=1),
        helper.make_node("MatMul", ["sums", "weights"], [output]),
    ]
    values = [
        helper.make_tensor_value_info(
            name, getattr(types, OF_OTHER_TYPES.get((family, name), "FLOAT")), shape
        )
        for name, shape in inputs.items()
    ]
    given = helper.make_tensor_value_info(output, types.FLOAT, (None, published.size))
    graph = helper.make_graph(nodes, "tiny", values, [given], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(made)
    return made.SerializeToString()


@pytest.fixture(scope="session")
def make_onnx() -> Callable[[str], bytes]:
    return tiny_onnx


@pytest.fixture(scope="session")
def wrap_tiny() -> Callable[[str], LightCurveEmbed]:
    """Encoder of a published name around a tiny graph."""
    return lambda name: LightCurveEmbed.of(
        name.removeprefix("light_curve:"), tiny_onnx(name.removeprefix("light_curve:"))
    )
