"""Small files of every format, written from light curves in microjansky by its inverse."""

from collections.abc import Callable

import pandas as pd
import pytest

from made_files.layouts import MADE
from made_files.truth import Made, truth_of


@pytest.fixture(scope="session", params=list(MADE))
def named(request: pytest.FixtureRequest) -> str:
    """Name of each format in turn."""
    return request.param


@pytest.fixture(scope="session")
def made(named: str) -> Made:
    """How each format in turn is written."""
    return MADE[named]


@pytest.fixture(scope="session")
def truth() -> pd.DataFrame:
    """Two light curves in microjansky."""
    return truth_of()


@pytest.fixture
def every_format() -> dict[str, Made]:
    """How each format is written, by name."""
    return MADE


@pytest.fixture
def make_truth() -> Callable[..., pd.DataFrame]:
    """Makes two light curves of a seed and a length."""
    return truth_of
