"""The period of a light curve: ``find_period(light_curve)``, the name that scripts use."""

from astra.periods.finding import find_period
from astra.periods.found import Candidate, Period
from astra.periods.series import NoPeriodError

__all__ = ["Candidate", "NoPeriodError", "Period", "find_period"]
