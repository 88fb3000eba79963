import numpy as np
import pytest
import torch

from astra.encoders.layers import PostNormBlock, TimeEncoding, TransformerBlock, masked_mean


def test_time_encoding_is_sines_and_cosines_of_log_spaced_periods() -> None:
    days = np.array([[0.0, 0.005, 1.3, 700.0]])
    periods = 0.02 * (2000 / 0.02) ** (np.arange(4) / 3)
    phase = 2 * np.pi * days[..., None] / periods
    found = TimeEncoding(8)(torch.tensor(days, dtype=torch.float32))
    expected = np.concatenate([np.sin(phase), np.cos(phase)], axis=-1)
    np.testing.assert_allclose(found.numpy(), expected, atol=0.03)
    np.testing.assert_allclose(found.numpy()[0, :2], expected[0, :2], atol=1e-5)


def test_time_encoding_resolves_the_shortest_period_after_years() -> None:
    day = np.float32(4000.0) + np.linspace(0, 0.02, 9, dtype=np.float32)
    sine = TimeEncoding(64)(torch.tensor(day)[None]).numpy()[0, :, 0]
    expected = np.sin(2 * np.pi * (4000.0 + np.linspace(0, 0.02, 9)) / 0.02)
    np.testing.assert_allclose(sine, expected, atol=0.15)


@pytest.mark.parametrize("size", [0, 3, -2])
def test_time_encoding_refuses_odd_sizes(size: int) -> None:
    with pytest.raises(ValueError, match="even"):
        TimeEncoding(size)


def attention_twin(block: TransformerBlock, tokens: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One sequence, head by head, query by query."""
    width, size = tokens.shape[1], tokens.shape[1] // block.heads
    norm = (tokens - tokens.mean(1, keepdims=True)) / np.sqrt(tokens.var(1, keepdims=True) + 1e-5)
    weight, bias = (p.detach().double().numpy() for p in block.query_key_value.parameters())
    query, key, value = np.split(norm @ weight.T + bias, 3, axis=1)
    mixed = np.zeros((len(tokens), width))
    for head in range(block.heads):
        part = slice(head * size, (head + 1) * size)
        for here in range(len(tokens)):
            score = np.exp(key[:, part] @ query[here, part] / np.sqrt(size)) * mask
            mixed[here, part] = score @ value[:, part] / score.sum()
    weight, bias = (p.detach().double().numpy() for p in block.attended.parameters())
    return mixed @ weight.T + bias


def test_attention_equals_its_slow_twin() -> None:
    torch.manual_seed(0)
    block = TransformerBlock(8, heads=2, feed_forward=16)
    tokens = torch.randn(3, 6, 8)
    mask = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 1]]).bool()
    found = block._attend(block.attention_norm(tokens), mask).detach().numpy()
    for row in range(3):
        expected = attention_twin(block, tokens[row].double().numpy(), mask[row].numpy())
        np.testing.assert_allclose(found[row], expected, atol=1e-5)


def test_a_post_norm_block_equals_torchs_own() -> None:
    torch.manual_seed(0)
    block = PostNormBlock(8, heads=2, feed_forward=16, epsilon=1e-6).eval()
    twin = torch.nn.TransformerEncoderLayer(
        8, 2, 16, activation="relu", layer_norm_eps=1e-6, batch_first=True
    ).eval()
    names = {
        "self_attn.in_proj_": "query_key_value.",
        "self_attn.out_proj.": "attended.",
        "linear1.": "expand.",
        "linear2.": "contract.",
        "norm1.": "attention_norm.",
        "norm2.": "feed_forward_norm.",
    }
    weights = block.state_dict()
    twin.load_state_dict(
        {old + end: weights[new + end] for old, new in names.items() for end in ("weight", "bias")}
    )
    tokens, mask = torch.randn(3, 6, 8), torch.rand(3, 6) < 0.6
    mask[:, 0] = True
    torch.testing.assert_close(
        block(tokens, mask)[mask], twin(tokens, src_key_padding_mask=~mask)[mask]
    )


def test_a_block_keeps_shape_and_ignores_masked_tokens() -> None:
    torch.manual_seed(0)
    block = TransformerBlock(8, heads=2, feed_forward=16)
    tokens, mask = torch.randn(2, 5, 8), torch.tensor([[True] * 3 + [False] * 2] * 2)
    spoilt = torch.where(mask[..., None], tokens, torch.tensor(1e3))
    before, after = block(tokens, mask), block(spoilt, mask)
    assert before.shape == (2, 5, 8)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    torch.testing.assert_close(block(tokens, None), block(tokens, torch.ones(2, 5).bool()))


def test_a_block_refuses_heads_that_do_not_divide_the_width() -> None:
    with pytest.raises(ValueError, match="not a multiple"):
        TransformerBlock(8, heads=3, feed_forward=16)


def test_masked_mean_is_the_mean_of_what_is_there() -> None:
    tokens = torch.arange(12.0).reshape(2, 3, 2)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    found = masked_mean(tokens, mask)
    torch.testing.assert_close(found, torch.tensor([[2.0, 3.0], [0.0, 0.0]]))
