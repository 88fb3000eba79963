"""Layers that encoders share: time encoding, transformer block, masked mean.

Masks are true where a token is real. Legend: N sequences, T tokens, D width, H heads, P periods.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, relu, scaled_dot_product_attention

SHORTEST_PERIOD = 0.02
LONGEST_PERIOD = 2000.0


class TimeEncoding(nn.Module):
    """Sines and cosines of time over log-spaced periods; nothing is learnt.

    Periods of 0.02 d express phase inside a night, 2000 d the seasons of a survey. Times must be
    relative to the light curve or the window: absolute dates would let an encoder recognise the
    survey's schedule. In float32, a time of 4000 d is good to 21 s: 0.01 of the shortest period.

    Parameters
    ----------
    size : int
        Numbers per time, even: half sines, half cosines.
    shortest, longest : float
        Ends of the range of periods [d].
    """

    angular_frequency: Tensor

    def __init__(
        self, size: int, shortest: float = SHORTEST_PERIOD, longest: float = LONGEST_PERIOD
    ) -> None:
        super().__init__()
        if size < 2 or size % 2:
            raise ValueError(f"time encoding of size {size}: it must be even and positive")
        periods = torch.logspace(math.log10(shortest), math.log10(longest), size // 2)
        self.register_buffer("angular_frequency", 2 * torch.pi / periods, persistent=False)

    def forward(self, day_NT: Tensor) -> Tensor:
        """Encode times [d], float32 [N, T], as float32 [N, T, size]."""
        phase_NTP = day_NT[..., None] * self.angular_frequency
        return torch.cat([phase_NTP.sin(), phase_NTP.cos()], dim=-1)


class TransformerBlock(nn.Module):
    """Pre-norm transformer block: attention, then a GELU feed-forward, both residual.

    Parameters
    ----------
    width, heads, feed_forward : int
        Sizes; ``heads`` divides ``width``.
    dropout : float
        Probability, after attention and after the feed-forward.
    epsilon : float
        Of the layer norms.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        feed_forward: int,
        dropout: float = 0.0,
        epsilon: float = 1e-5,
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of {heads} heads")
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width, epsilon)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width, epsilon)
        self.expand = nn.Linear(width, feed_forward)
        self.contract = nn.Linear(feed_forward, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens_NTD: Tensor, mask_NT: Tensor | None) -> Tensor:
        """Mix the tokens of each sequence.

        Parameters
        ----------
        tokens_NTD : float32 [N, T, D]
        mask_NT : bool [N, T] or None
            True where a token is real; every sequence has one at least. None: all are real.
        """
        mixed_NTD = self._attend(self.attention_norm(tokens_NTD), mask_NT)
        tokens_NTD = tokens_NTD + self.dropout(mixed_NTD)
        hidden = gelu(self.expand(self.feed_forward_norm(tokens_NTD)), approximate="tanh")
        return tokens_NTD + self.dropout(self.contract(hidden))

    def _attend(self, tokens_NTD: Tensor, mask_NT: Tensor | None) -> Tensor:
        heads = self.query_key_value(tokens_NTD).unflatten(-1, (3, self.heads, -1))
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        mask = None if mask_NT is None else mask_NT[:, None, None, :]
        mixed_NHTd = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.attended(mixed_NHTd.transpose(1, 2).flatten(2))


class PostNormBlock(TransformerBlock):
    """Transformer block of Vaswani et al. (2017): each norm follows its residual; ReLU."""

    def forward(self, tokens_NTD: Tensor, mask_NT: Tensor | None) -> Tensor:
        """Mix the tokens of each sequence: see :meth:`TransformerBlock.forward`."""
        mixed_NTD = self._attend(tokens_NTD, mask_NT)
        tokens_NTD = self.attention_norm(tokens_NTD + self.dropout(mixed_NTD))
        hidden = relu(self.expand(tokens_NTD))
        return self.feed_forward_norm(tokens_NTD + self.dropout(self.contract(hidden)))


def masked_mean(tokens_NTD: Tensor, mask_NT: Tensor) -> Tensor:
    """Mean over the real tokens, [N, D]; zero where there are none."""
    weight_NT = mask_NT.to(tokens_NTD.dtype)
    total_ND = torch.einsum("ntd,nt->nd", tokens_NTD, weight_NT)
    return total_ND / weight_NT.sum(dim=1).clamp(min=1)[:, None]
