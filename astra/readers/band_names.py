"""What filters are called elsewhere, and Astra's band for each name."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from astra.data.bands import BANDS

ZTF_OF_ID = {"1": "ztf_g", "2": "ztf_r", "3": "ztf_i"}
PLASTICC_OF_ID = {str(number): f"lsst_{name}" for number, name in enumerate("ugrizy")}

# prefix or suffix that a name carries: survey. Longest first where one begins another.
_PREFIXES = {
    "ztf::": "ztf", "ztf": "ztf", "p48": "ztf", "ps1::": "ps1", "panstarrs::": "ps1", "ps1": "ps1",
    "sdss::": "sdss", "sdss": "sdss", "lsst::": "lsst", "lsst": "lsst", "des::": "des",
    "des": "des", "atlas::": "atlas", "atlas": "atlas", "gaia::": "gaia", "gaia": "gaia",
    "uvot::": "swift", "uvot": "swift", "swift": "swift", "csp": "csp", "asassn": "asassn",
    "ptf": "ptf", "sedm": "sedm", "bessell": "jc", "wise": "wise", "2mass": "2mass",
}  # fmt: skip
_SURVEYS = {
    "ztf": "ztf", "p48": "ztf", "panstarrs": "ps1", "ps1": "ps1", "ps": "ps1", "sdss": "sdss",
    "lsst": "lsst", "des": "des", "decam": "decam", "atlas": "atlas", "gaia": "gaia",
    "uvot": "swift", "swift": "swift", "csp": "csp", "asassn": "asassn", "asas-sn": "asassn",
    "ptf": "ptf", "sedm": "sedm", "wise": "wise", "neowise": "wise", "allwise": "wise",
    "2mass": "2mass", "johnson": "jc", "crts": "css", "keplercam": "keplercam", "lco": "lco",
    "sinistro": "lco", "ioo": "ioo",
}  # fmt: skip
_ALIASES = {
    "zg": "ztf_g", "zr": "ztf_r", "zi": "ztf_i", "cyan": "atlas_c", "orange": "atlas_o",
    "crts(cl)": "css_V", "cl": "css_V", "w1": "wise_W1", "w2": "wise_W2",
    "swope_g": "csp_g", "swope_r": "csp_r", "swope_i": "csp_i", "swope_u": "csp_u",
}  # fmt: skip
_LOWER = {name.lower(): name for name in BANDS}


def band_of(name: str, survey: str = "") -> str:
    """Astra's band of a filter as a format names it, or the name itself where none is known.

    Parameters
    ----------
    name : str
        ``ztf_g``, ``ztfg``, ``ZTF_g``, ``ZTF(zg)``, ``g_PS1``, ``g.ps``, ``p48g``, ``g`` ...
    survey : str
        Telescope, instrument or survey that took it; of several words, the first that is known.
    """
    if name in BANDS:
        return name
    text = name.strip()
    known = [_SURVEYS[word] for word in survey.lower().replace("-", "").split() if word in _SURVEYS]
    for found in (*_spelled_out(text), *(f"{prefix}_{text}" for prefix in known)):
        if (band := _known(found)) is not None:
            return band
    alias = _ALIASES.get(text.lower())
    if alias is not None:
        return alias
    return name if known else _known(f"gen_{text}") or name


def bands_of(names: Iterable[str | None], survey: str = "") -> NDArray[np.object_]:
    """Astra's band of each of many names; each distinct name is looked up once."""
    given = np.asarray(list(names), object)
    table = {name: None if name is None else band_of(name, survey) for name in set(given)}
    return np.array([table[name] for name in given], object)


def _known(band: str) -> str | None:
    """Band of this name; upper and lower case count only where both exist."""
    return band if band in BANDS else _LOWER.get(band.lower()) if "gen_" not in band else None


def _spelled_out(text: str) -> list[str]:
    """Bands that a name with its survey inside may mean: ZTF(zg), g_PS1, g.ps, ps1::g, ztfg."""
    found = []
    opening, closing = text.find("("), text.endswith(")")
    if opening > 0 and closing:
        survey = _SURVEYS.get(text[:opening].lower(), text[:opening].lower())
        inside = text[opening + 1 : -1]
        found += [f"{survey}_{inside}", f"{survey}_{inside.removeprefix('z')}"]
    for mark in ("_", ".", "-"):
        first, _, last = text.partition(mark)
        if last:
            found += [
                f"{_SURVEYS.get(last.lower(), '?')}_{first}",
                f"{_SURVEYS.get(first.lower(), '?')}_{last}",
            ]
    for prefix, survey in _PREFIXES.items():
        if text.lower().startswith(prefix):
            found.append(f"{survey}_{text[len(prefix) :].lstrip('_:')}")
    return found
