"""Make a simulated survey: light curves, their catalogue, and the truth that a survey never has."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from astra.data.bands import band
from astra.data.catalogue import Catalogue
from astra.data.light_curves import DEFAULT_MJD_ZERO, FLAGGED, LightCurves, ticks
from astra.data.observatory import Observatory
from astra.data.simulation.cadence import BANDS, cadence, field_of
from astra.data.simulation.dice import Dice
from astra.data.simulation.noise import Photometry, observe
from astra.data.simulation.paint import paint
from astra.data.simulation.scene import NO_ANOMALY, Truth, expose
from astra.data.simulation.sky import Sky, draw_sky
from astra.data.store import LightCurvesWriter
from astra.data.surveys import new_survey, write_manifest

SURVEY = "sim"
CHUNK = 2000
_CATALOGUE = pa.schema(
    [
        ("object_id", pa.string()),
        ("survey", pa.string()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
        ("label", pa.string()),
        ("astra_class", pa.string()),
        ("period_days", pa.float64()),
        ("redshift", pa.float64()),
        ("flux_kind", pa.string()),
        ("n_obs", pa.int32()),
        ("bands", pa.string()),
    ]
)
_TRUTH = pa.schema(
    [
        ("object_id", pa.string()),
        ("astra_class", pa.string()),
        ("subclass", pa.string()),
        ("period_days", pa.float64()),
        ("redshift", pa.float64()),
        ("amplitude", pa.float64()),
        ("is_anomaly", pa.bool_()),
        ("anomaly", pa.string()),
    ]
)


def simulate(
    objects: int, seed: int, start: int = 0, labelled: float = 0.1
) -> tuple[LightCurves, Catalogue, pd.DataFrame]:
    """Simulate the objects ``start`` to ``start + objects`` of the sky of a seed.

    An object is the same whatever is simulated with it.

    Parameters
    ----------
    objects : int
    seed : int
        Not negative.
    start : int
        Number of the first object.
    labelled : float
        Fraction of objects whose class, period and redshift the catalogue tells.

    Returns
    -------
    light_curves : LightCurves
        Total fluxes [microjansky] in ``ztf_g``, ``ztf_r``, ``ztf_i``.
    catalogue : Catalogue
        One row per object, in the same order.
    truth : DataFrame
        ``object_id``, ``astra_class``, ``subclass``, ``period_days``, ``redshift``, ``amplitude``
        (range of the noiseless r magnitude at the observed times), ``is_anomaly``, ``anomaly``.
    """
    dice = Dice(seed, np.arange(start, start + objects, dtype=np.uint64))
    sky = draw_sky(dice.scoped("sky"))
    exposures = expose(cadence(seed), field_of(sky.ra, sky.dec), dice.scoped("exposures"))
    variation, known = paint(sky, exposures, dice)
    photometry = observe(sky.magnitude, variation, exposures, dice.scoped("noise"))
    light_curves = _light_curves(photometry)
    # Two skies of one seed hold the same objects, of two seeds different ones: so do their ids.
    ids = np.array([f"{SURVEY}{seed}:{number:010d}" for number in dice.objects])
    truth = _truth(ids, sky, known, photometry)
    catalogue = _catalogue(sky, truth, light_curves, dice.uniform("labelled") < labelled)
    return light_curves, Catalogue(catalogue), truth


def _light_curves(photometry: Photometry) -> LightCurves:
    objects = len(photometry.offsets) - 1
    flag = np.where(photometry.flagged, FLAGGED, np.uint8(0))
    return LightCurves(
        time=ticks(photometry.mjd, DEFAULT_MJD_ZERO),
        flux=photometry.flux,
        flux_error=photometry.flux_error,
        band_and_flag=photometry.band | flag,
        offsets=photometry.offsets,
        is_difference=np.zeros(objects, dtype=np.bool_),
        bands=tuple(band(name) for name in BANDS),
    )


def _truth(ids: NDArray[np.str_], sky: Sky, known: Truth, photometry: Photometry) -> pd.DataFrame:
    is_anomaly = sky.anomaly != NO_ANOMALY
    return pd.DataFrame(
        {
            "object_id": ids,
            "astra_class": sky.astra_class,
            "subclass": known.subclass,
            "period_days": known.period_days,
            "redshift": known.redshift,
            "amplitude": photometry.amplitude,
            "is_anomaly": is_anomaly,
            "anomaly": pd.Series(sky.anomaly).where(is_anomaly),
        }
    )


def _catalogue(
    sky: Sky, truth: pd.DataFrame, light_curves: LightCurves, is_labelled: NDArray[np.bool_]
) -> pd.DataFrame:
    lengths = light_curves.lengths
    return pd.DataFrame(
        {
            "object_id": truth["object_id"],
            "survey": SURVEY,
            "ra": sky.ra,
            "dec": sky.dec,
            "label": truth["subclass"].where(is_labelled),
            "astra_class": truth["astra_class"].where(is_labelled),
            "period_days": truth["period_days"].where(is_labelled),
            "redshift": truth["redshift"].where(is_labelled),
            "flux_kind": "total",
            "n_obs": lengths.astype(np.int32),
            "bands": _band_names(light_curves),
        }
    )


def _band_names(light_curves: LightCurves) -> list[str]:
    """Names of the bands that each object was seen in, sorted, separated by commas."""
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    seen = np.bincount(owner * 3 + light_curves.band, minlength=3 * len(light_curves)) > 0
    by_name = np.argsort(BANDS)
    names = [",".join(BANDS[b] for b in by_name if code >> b & 1) for code in range(8)]
    return [names[code] for code in seen.reshape(-1, 3) @ np.array([1, 2, 4])]


def simulate_survey(
    observatory: Observatory,
    name: str,
    objects: int,
    seed: int,
    *,
    chunk: int = CHUNK,
    labelled: float = 0.1,
    replace: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Simulate a survey into the observatory, chunk by chunk; give its folder.

    Memory is bounded by the chunk, about 60 kB an object, whatever the number of objects.

    Parameters
    ----------
    observatory : Observatory
    name : str
        Name of the new survey.
    objects, seed, labelled
        As for :func:`simulate`.
    chunk : int
        Objects at a time, and in a row group of the tables.
    replace : bool
        Whether a survey of this name may be replaced.
    progress : callable, optional
        Told the number of objects done after each chunk.

    Raises
    ------
    StoreError
        The survey exists and may not be replaced.
    """
    with new_survey(observatory.survey(name), replace=replace) as folder:
        writer = LightCurvesWriter(
            folder / "light_curves", tuple(band(b) for b in BANDS), DEFAULT_MJD_ZERO
        )
        catalogue_path, truth_path = folder / "catalogue.parquet", folder / "truth.parquet"
        with (
            writer,
            pq.ParquetWriter(catalogue_path, _CATALOGUE, write_page_checksum=True) as catalogues,
            pq.ParquetWriter(truth_path, _TRUTH, write_page_checksum=True) as truths,
        ):
            for start in range(0, objects, chunk):
                number = min(chunk, objects - start)
                light_curves, catalogue, truth = simulate(number, seed, start, labelled)
                writer.append(light_curves)
                catalogues.write_table(_arrow(catalogue.table, _CATALOGUE))
                truths.write_table(_arrow(truth, _TRUTH))
                if progress is not None:
                    progress(start + number)
        origin = {"simulated": {"objects": objects, "seed": seed, "labelled": labelled}}
        write_manifest(folder, name, origin, time_scale="UTC")
    return observatory.survey(name)


def _arrow(table: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(table, schema=schema, preserve_index=False)
