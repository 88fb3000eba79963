"""Contenders: the rows of the table, each a way to make vectors of light curves."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.encoders import Encoder, embed, load, shipped
from astra.encoders.weights import IN_A_RUN
from astra.evaluation.cache import Cache, hash_of_array, hash_of_code
from astra.evaluation.controls import hide_magnitudes, random_vectors, untrained
from astra.evaluation.rivals import FEATURES, FOURIER, rival_numbers
from astra.periods import PERIOD_COLUMNS, search
from astra.runs.run import Run, list_runs
from astra.runs.tables import column

ENCODER, CONTROL, RIVAL = "encoder", "control", "rival"
CODE = ("astra.encoders", "astra.periods")

Vectors = Callable[[Survey, NDArray[np.int64]], NDArray[np.floating]]


@dataclass(frozen=True)
class Contender:
    """A row of the table.

    Attributes
    ----------
    name : str
    kind : str
        ``encoder``, ``control`` or ``rival``.
    vectors : callable
        Takes a survey and rows of it, gives float [rows, size].
    encoder : Encoder or None
        Of an encoder that was trained.
    """

    name: str
    kind: str
    vectors: Vectors = field(repr=False)
    encoder: Encoder | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Workshop:
    """Makes vectors, and keeps what took long.

    Attributes
    ----------
    observatory : Observatory
    cache : Cache
    device : str
    """

    observatory: Observatory
    cache: Cache
    device: str = "auto"

    def encoders(self, names: list[str]) -> list[Contender]:
        """Find encoders by the name of a run, of shipped weights, or by path.

        Raises
        ------
        AstraError
            There is nothing of that name; the message lists what there is.
        """
        found = [self._encoder(name) for name in dict.fromkeys(names)]
        times = Counter(contender.name for contender in found)
        return [
            contender if times[contender.name] == 1 else replace(contender, name=name)
            for contender, name in zip(found, dict.fromkeys(names), strict=True)
        ]

    def controls(self, encoder: Contender) -> list[Contender]:
        """The encoder untrained, and the encoder in the dark."""
        trained = encoder.encoder
        assert trained is not None
        in_the_dark = self._embedded(trained, change=hide_magnitudes)
        dark = Contender(f"{encoder.name}, magnitudes zeroed", CONTROL, in_the_dark)
        if not trained.layer_groups():
            return [dark]
        fresh = Contender(f"{encoder.name}, untrained", CONTROL, self._embedded(untrained(trained)))
        return [fresh, dark]

    def random(self) -> Contender:
        """Vectors that know nothing."""

        def vectors(survey: Survey, rows: NDArray[np.int64]) -> NDArray[np.floating]:
            seed = int(hash_of_array(rows)[:8], 16)
            return random_vectors(len(rows), seed)

        return Contender("random vectors", CONTROL, vectors)

    def rivals(self) -> list[Contender]:
        """Both classical rows."""
        return [Contender(name, RIVAL, self._rival(name)) for name in (FEATURES, FOURIER)]

    def light_curves(self, survey: Survey, rows: NDArray[np.int64]) -> LightCurves:
        """Light curves of some survey rows, int64 [objects], with columns of the period search."""
        return survey.light_curves.take(rows).with_columns(**self.periods(survey, rows))

    def periods(self, survey: Survey, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Period search of some survey rows: of the newest run that has it, else made now.

        Each of `PERIOD_COLUMNS` as float64 [objects].
        """
        for run in list_runs(self.observatory):
            if run.manifest.survey_fingerprint != survey.fingerprint:
                continue
            if "periods" in run.manifest.artefacts and set(PERIOD_COLUMNS) <= set(
                run.periods.column_names
            ):
                return {name: column(run.periods, name)[rows] for name in PERIOD_COLUMNS}

        def make() -> NDArray[np.float64]:
            found = search(survey.light_curves.take(rows))
            return np.column_stack([found[name] for name in PERIOD_COLUMNS])

        facts = self._facts("periods", survey, rows) | {"code": hash_of_code("astra.periods")}
        table = self.cache.array(facts, make)
        return dict(zip(PERIOD_COLUMNS, table.T, strict=True))

    def _encoder(self, name: str) -> Contender:
        run = self._run(name)
        if run is None:
            try:
                encoder = load(name)
            except AstraError as error:
                runs = ", ".join(run.name for run in list_runs(self.observatory)) or "none"
                raise AstraError(
                    f"no run, encoder or weights {name!r} ({error}). Runs here: {runs}; "
                    f"encoders that come with Astra: {', '.join(shipped())}"
                ) from error
            return Contender(_short(name), ENCODER, self._embedded(encoder), encoder)
        encoder = load(run.path)
        afresh = self._embedded(encoder)

        def vectors(survey: Survey, rows: NDArray[np.int64]) -> NDArray[np.floating]:
            if survey.fingerprint == run.manifest.survey_fingerprint:
                return np.asarray(run.embeddings[rows])
            return afresh(survey, rows)

        return Contender(name, ENCODER, vectors, encoder)

    def _run(self, name: str) -> Run | None:
        here = [run for run in list_runs(self.observatory) if run.name == name]
        return here[0] if here else None

    def _embedded(
        self, encoder: Encoder, change: Callable[[LightCurves], LightCurves] | None = None
    ) -> Vectors:
        weights = hash_of_encoder(encoder)

        def vectors(survey: Survey, rows: NDArray[np.int64]) -> NDArray[np.floating]:
            def make() -> NDArray[np.float32]:
                if change is not None:
                    return embed(encoder, change(survey.light_curves.take(rows)), self.device)
                return embed(encoder, self.light_curves(survey, rows), self.device)

            facts = self._facts("embeddings", survey, rows) | {
                "encoder": encoder.name,
                "weights": weights,
                "change": "" if change is None else change.__name__,
                "code": hash_of_code(*CODE, "astra.evaluation.controls"),
            }
            return self.cache.array(facts, make)

        return vectors

    def _rival(self, name: str) -> Vectors:
        def vectors(survey: Survey, rows: NDArray[np.int64]) -> NDArray[np.floating]:
            def make() -> NDArray[np.float64]:
                light_curves = survey.light_curves.take(rows)
                return rival_numbers(light_curves, self.periods(survey, rows))[name]

            facts = self._facts(name, survey, rows) | {
                "code": hash_of_code("astra.periods", "astra.evaluation.rivals")
            }
            return self.cache.array(facts, make)

        return vectors

    @staticmethod
    def _facts(what: str, survey: Survey, rows: NDArray[np.int64]) -> dict[str, Any]:
        return {"what": what, "survey": survey.fingerprint, "rows": hash_of_array(rows)}


def hash_of_encoder(encoder: Encoder) -> str:
    """SHA-256 of an encoder's settings and weights, hexadecimal."""
    state = encoder.state_dict()
    tensors = [state[name].detach().cpu().numpy() for name in sorted(state)]
    text = np.frombuffer(repr((encoder.name, encoder.settings)).encode(), np.uint8)
    return hash_of_array(text, *tensors)


def _short(name: str) -> str:
    """Name of a row: of weights at a path, the file's, or the folder's where all are alike."""
    path = Path(name)
    if path.name == IN_A_RUN:
        return path.absolute().parent.name
    return path.stem if path.suffix == ".safetensors" else path.name
