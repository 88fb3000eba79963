"""A run with an encoder that others published."""

import json

import numpy as np
import pytest

from astra.data.errors import AstraError
from astra.encoders.fetching import keep
from astra.runs.run import Run
from precompute.pipeline import bring_up_to_date

NAME = "light_curve:chronos2"
CHANGES = (f"encoder.name={NAME}", "encoder.objective=", "periods.search=false")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path):
    """A graph that repeats the sum of a series 768 times."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("light_curve.embed")
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("IsNaN", ["context"], ["nan"]),
        helper.make_node("Where", ["nan", "zero", "context"], ["seen"]),
        helper.make_node("Abs", ["seen"], ["size"]),
        helper.make_node("ReduceSum", ["size", "axes"], ["sum"], keepdims=1),
        helper.make_node("MatMul", ["sum", "weights"], ["mean"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("context", real, (None, None))],
        [helper.make_tensor_value_info("mean", real, (None, 768))],
        [
            helper.make_tensor("zero", real, [], [0.0]),
            helper.make_tensor("axes", onnx.TensorProto.INT64, [1], [1]),
            onnx.numpy_helper.from_array(np.linspace(0, 1, 768, dtype=np.float32)[None], "weights"),
        ],
    )
    path = tmp_path / "chronos2.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    path.write_bytes(made.SerializeToString())
    return path


def test_an_encoder_that_was_not_fetched_is_refused_before_anything_is_made(observatory, ask):
    with pytest.raises(AstraError, match=f"astra fetch-encoder {NAME}"):
        bring_up_to_date(ask(observatory, "one", changes=CHANGES))
    assert not observatory.runs.exists()


def test_the_run_carries_the_encoder_its_source_and_its_hash(observatory, ask, file):
    keep(NAME, file)
    bring_up_to_date(ask(observatory, "one", changes=CHANGES))
    run = Run.open(observatory.run("one"))
    assert run.embeddings.shape == (240, 768)
    card = json.loads((run.path / "encoder.json").read_text())
    assert card["encoder"] == "light_curve"
    assert card["settings"]["model"] == "chronos2"
    published = card["card"]["published"]
    assert published["source"] == "https://huggingface.co/light-curve/chronos2"
    assert len(published["onnx_sha256"]) == 64
    assert NAME in run.summary("encoder")["told"]
    taught = ask(observatory, "two", "finetune", parent="one", changes=("encoder.epochs=1",))
    with pytest.raises(AstraError, match="cannot be fine-tuned"):
        bring_up_to_date(taught)
