"""Windows of similar length together: little is padded, and tensors of a piece fit the cache.

A batch stays what it is; only the order of the work changes. So nothing is drawn otherwise than at
random, and objects of all lengths are compared with one another.

Legend of shape suffixes: B objects, W windows, N sequences = B W, T tokens.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from astra.encoders.base import Batch
from astra.encoders.windows import PAD_TO

# An accelerator wants large pieces, and a few of them are enough to pad little.
FEWEST_ON_ACCELERATOR = 256
PIECES_ON_ACCELERATOR = 8


def in_pieces(
    compute: Callable[[Batch], Tensor], batch: Batch, cpu_piece: int, per_token: bool = False
) -> Tensor:
    """Compute windows in pieces, sorted by length, each as long as its longest window.

    Parameters
    ----------
    compute : callable
        Takes a batch of single windows, [n, 1, ...]; gives float [n, 1, ...].
    batch : Batch
        Tensors [B, W, T] and [B, W, 1]. ``mask`` is true where a token is real; real ones come
        first.
    cpu_piece : int
        Windows in a piece, on a CPU.
    per_token : bool
        The last axis of the result is T, too.

    Returns
    -------
    Tensor
        Float [B, W, ...]; what a padded token gets is 0.
    """
    mask_BWT = batch["mask"]
    shape, tokens = mask_BWT.shape[:2], mask_BWT.shape[-1]
    length_N = mask_BWT.sum(dim=-1).flatten()
    if not len(length_N):
        return compute(batch)
    order_N = length_N.argsort(stable=True)
    windows = {name: tensor.flatten(0, 1) for name, tensor in batch.items()}
    made = []
    for piece_n in order_N.split(_size(length_N, cpu_piece)):
        longest = max(int(length_N[piece_n[-1]]), 1)
        width = min(-(-longest // PAD_TO) * PAD_TO, tokens)
        piece = {
            name: tensor[piece_n, None, : width if tensor.shape[-1] == tokens else None]
            for name, tensor in windows.items()
        }
        found = compute(piece)[:, 0]
        made.append(pad(found, (0, tokens - width)) if per_token else found)
    place_N = torch.empty_like(order_N)
    place_N[order_N] = torch.arange(len(order_N), device=order_N.device)
    return torch.cat(made)[place_N].unflatten(0, shape)


def _size(length_N: Tensor, cpu_piece: int) -> int:
    if length_N.device.type == "cpu":
        return cpu_piece
    return max(FEWEST_ON_ACCELERATOR, -(-len(length_N) // PIECES_ON_ACCELERATOR))
