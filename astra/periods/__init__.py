"""The period search, and folding: what the times of a light curve say, as numbers per object."""

from astra.periods.folding import fold, quantiles
from astra.periods.merging import Merged, merge
from astra.periods.search import PERIOD_COLUMNS, search

__all__ = ["PERIOD_COLUMNS", "Merged", "fold", "merge", "quantiles", "search"]
