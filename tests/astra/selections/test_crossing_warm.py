"""Whether the first filter of the first visitor finds its kernels compiled: in its own process."""

import subprocess
import sys

import numpy as np
from numba.core.dispatcher import Dispatcher

from astra.selections import crossing


def test_nothing_is_left_to_compile_for_the_first_filter():
    visit = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert visit.returncode == 0, visit.stderr


def compiled():
    """Argument types for which each kernel has machine code in this process."""
    kernels = {n: k for n, k in vars(crossing).items() if isinstance(k, Dispatcher)}
    return {name: list(kernel.signatures) for name, kernel in kernels.items()}


def visit():
    rng = np.random.default_rng(3)
    failed = np.zeros(500, np.uint16)
    for sealed in (False, True):
        for values in (rng.normal(size=500), 10 ** rng.uniform(-2, 2, 500)):
            column = values.astype(np.float32)
            column.flags.writeable = not sealed
            axis = crossing.Axis.of(column)
            codes = crossing.bins_of(column, axis)
            crossing.mark_outside(column, 0.0, 1.0, np.uint16(1), failed)
            crossing.mark_not(values > 0.5, np.uint16(2), failed)
            for chosen in (None, values > 1):
                crossing.histogram(codes, failed, 1, chosen)
    crossing.clear(np.uint16(1), failed)


if __name__ == "__main__":
    crossing.warm()
    before = compiled()
    visit()
    after = compiled()
    assert sum(map(len, before.values())) > 5
    assert after == before, {name: after[name] for name in after if after[name] != before[name]}
