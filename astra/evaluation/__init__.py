"""How good vectors are: probes on honest splits, controls, rivals, and what a survey betrays."""

from astra.evaluation.scoring import Protocol, probe_scores
from astra.evaluation.splits import Split, draw_splits, sky_units

__all__ = ["Protocol", "Split", "draw_splits", "probe_scores", "sky_units"]
