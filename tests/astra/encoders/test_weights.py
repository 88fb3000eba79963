import json

import numpy as np
import pytest
import torch

from astra.encoders import ENCODERS, WeightsError, build, embed, load, save, shipped
from astra.encoders.weights import SHIPPED, read_card


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return build("astra_clr", width=16, heads=2, blocks=1, fusion="mean")


def test_a_folder_like_a_runs_holds_an_encoder(encoder, tmp_path) -> None:
    save(encoder, tmp_path, {"data": "toy"})
    assert {path.name for path in tmp_path.iterdir()} == {"encoder.safetensors", "encoder.json"}
    again = load(tmp_path)
    assert again.settings == encoder.settings
    assert not again.training
    for one, other in zip(again.parameters(), encoder.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_card_says_what_it_was_told(encoder, tmp_path) -> None:
    path = save(encoder, tmp_path / "toy.safetensors", {"data": "toy", "scores": {"f1": 0.5}})
    card = read_card(path)
    assert card["card"] == {"data": "toy", "scores": {"f1": 0.5}}
    assert card["encoder"] == "astra_clr"
    assert card["settings"]["width"] == 16
    assert card["parameters"] == sum(p.numel() for p in encoder.parameters())


def test_saving_again_replaces(encoder, tmp_path) -> None:
    save(encoder, tmp_path, {})
    with torch.no_grad():
        encoder.norm.bias.fill_(7)
    save(encoder, tmp_path, {})
    assert dict(load(tmp_path).named_parameters())["norm.bias"].eq(7).all()


def test_a_card_that_json_cannot_hold_leaves_nothing(encoder, tmp_path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save(encoder, tmp_path, {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_missing_weights_name_those_that_exist(tmp_path) -> None:
    with pytest.raises(WeightsError, match=r"shipped with Astra: .*astra_clr"):
        load(tmp_path / "nothing.safetensors")


def break_json(folder) -> None:
    (folder / "encoder.json").write_text("{")


def forget_card(folder) -> None:
    (folder / "encoder.json").unlink()


def rename_encoder(folder) -> None:
    edit(folder, encoder="os.system")


def other_settings(folder) -> None:
    edit(folder, settings={"width": 32})


def unknown_setting(folder) -> None:
    edit(folder, settings={"depth": 32})


def no_settings(folder) -> None:
    edit(folder, settings=None)


def other_format(folder) -> None:
    edit(folder, format="2")


def flip_a_byte(folder) -> None:
    path = folder / "encoder.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def cut_short(folder) -> None:
    path = folder / "encoder.safetensors"
    path.write_bytes(path.read_bytes()[:100])


def edit(folder, **changes) -> None:
    path = folder / "encoder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_json, "no card here"),
        (forget_card, "no card here"),
        (rename_encoder, "there are astra"),
        (other_settings, "do not fit the encoder"),
        (unknown_setting, "depth"),
        (no_settings, "settings"),
        (other_format, "format"),
        (flip_a_byte, "not the weights"),
        (cut_short, "not the weights"),
    ],
)
def test_damage_is_told(encoder, tmp_path, damage, message: str) -> None:
    save(encoder, tmp_path, {})
    damage(tmp_path)
    with pytest.raises(WeightsError, match=message):
        load(tmp_path)


def test_a_pickle_is_not_opened(tmp_path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "encoder.safetensors")
    with pytest.raises(WeightsError):
        load(tmp_path)


def test_astras_own_encoders_ship_with_weights() -> None:
    assert {"astra", "astra_clr"} <= set(shipped()) <= set(ENCODERS)


@pytest.mark.parametrize("name", shipped())
def test_shipped_weights_come_with_a_card(name: str, light_curves) -> None:
    encoder, card = load(name), read_card(name)
    assert encoder.name == name
    assert np.isfinite(embed(encoder, light_curves, device="cpu")).all()
    assert {"data", "recipe", "licence", "scores", "not_good_for"} <= card["card"].keys()
    assert card["card"]["licence"] == "BSD-3-Clause"


# Every eighth number of the embeddings of four light curves, the last of them empty.
GOLDEN = [
    [-1.648, -1.161, -0.160, 0.138, 0.696, 0.913, -0.617, 2.021],
    [-0.913, -0.701, -0.188, -0.313, 0.580, 1.212, -0.420, 2.276],
    [-0.691, -0.490, -0.478, -0.857, 0.460, 1.657, -0.949, 2.247],
    [0.512, 0.060, -1.044, 0.648, 1.936, 0.070, -1.003, -0.802],
]


def test_shipped_astra_clr_gives_golden_embeddings(make_light_curves) -> None:
    light_curves = make_light_curves([40, 200, 12, 0], seed=9)
    found = embed(load("astra_clr"), light_curves, device="cpu")[:, ::8]
    np.testing.assert_allclose(found, GOLDEN, atol=2e-3)


def test_shipped_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 20e6
