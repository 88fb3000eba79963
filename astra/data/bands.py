"""Bands: what a filter is called, where it lies, which zero point its magnitudes have."""

from dataclasses import dataclass

from astra.data.errors import UnknownBandError


@dataclass(frozen=True, slots=True)
class Band:
    """One photometric band of one survey.

    Parameters
    ----------
    name : str
        Unique name, ``<survey>_<filter>``, as in the canonical tables.
    filter : str
        Filter alone, as plots show it: ``g``, ``V``, ``F475W``.
    wavelength : float
        Effective wavelength [Angstrom].
    system : str
        Photometric system of derived magnitudes: ``AB``, ``Vega`` or ``unknown``.
    """

    name: str
    filter: str
    wavelength: float
    system: str

    @property
    def survey(self) -> str:
        """Survey that took the observations."""
        return self.name.removesuffix(f"_{self.filter}")


# survey: (system, {filter: effective wavelength in Angstrom}). Johnson-Cousins photometry that came
# through the AB formula keeps its own zero point, hence "Vega"; instrumental systems are "unknown".
_FILTERS: dict[str, tuple[str, dict[str, float]]] = {
    "ztf": ("AB", {"g": 4746, "r": 6366, "i": 7829}),
    "lsst": ("AB", {"u": 3671, "g": 4827, "r": 6223, "i": 7546, "z": 8691, "y": 9712}),
    "atlas": ("AB", {"c": 5330, "o": 6790}),
    "ps1": ("AB", {"g": 4866, "r": 6215, "i": 7545, "z": 8679, "y": 9633, "w": 6080}),
    "sdss": ("AB", {"u": 3557, "g": 4702, "r": 6176, "i": 7490, "z": 8947}),
    "des": ("AB", {"g": 4827, "r": 6432, "i": 7827, "z": 9179}),
    "decam": ("AB", {"g": 4827, "r": 6432, "i": 7827}),
    "csp": ("AB", {"u": 3639, "g": 4765, "r": 6223, "i": 7609, "B": 4393}),
    "ptf": ("AB", {"g": 4746, "R": 6580, "r": 6366, "i": 7829}),
    "asassn": ("AB", {"g": 4770, "V": 5510}),
    "css": ("Vega", {"V": 5510}),
    "asas": ("Vega", {"V": 5510}),
    "jc": ("Vega", {"U": 3600, "B": 4380, "V": 5450, "R": 6410, "I": 7980}),
    "ogle": ("Vega", {"V": 5450, "I": 7980}),
    "eros": ("unknown", {"B": 4900, "R": 6700}),
    "macho": ("unknown", {"B": 5190, "R": 6900}),
    "hipparcos": ("unknown", {"Hp": 5280}),
    "gaia": ("Vega", {"G": 6220, "BP": 5110, "RP": 7770}),
    "hst": ("Vega", {"F475W": 4747, "F814W": 8060}),
    "swift": (
        "AB",
        {"uvw2": 2055, "uvm2": 2246, "uvw1": 2581, "u": 3467, "b": 4349, "v": 5425},
    ),
    "keplercam": ("AB", {"r": 6176, "i": 7490, "g": 4702}),
    "lco": ("AB", {"g": 4770, "r": 6215, "i": 7545, "U": 3600, "B": 4380, "V": 5450}),
    "ioo": ("AB", {"u": 3557, "g": 4702, "r": 6176, "i": 7490, "z": 8947}),
    "sedm": ("AB", {"u": 3557, "g": 4702, "r": 6176, "i": 7490}),
    "wise": ("Vega", {"W1": 33526, "W2": 46028}),
    "2mass": ("Vega", {"J": 12350, "H": 16620, "Ks": 21590}),
    # Photometry of many telescopes, gathered by collections that name the filter alone.
    "gen": (
        "unknown",
        {
            "u": 3557, "g": 4702, "r": 6176, "i": 7490, "z": 8947, "y": 9633, "Y": 10200,
            "U": 3600, "B": 4380, "V": 5450, "R": 6410, "Rs": 6410, "I": 7980,
            "J": 12350, "H": 16620, "K": 21590, "G": 6220,
        },
    ),
}  # fmt: skip

BANDS: dict[str, Band] = {
    f"{survey}_{name}": Band(f"{survey}_{name}", name, float(wavelength), system)
    for survey, (system, filters) in _FILTERS.items()
    for name, wavelength in filters.items()
}


def band(name: str) -> Band:
    """Look a band up by name.

    Raises
    ------
    UnknownBandError
        The name is in no survey known to Astra; the message lists the nearest names.
    """
    try:
        return BANDS[name]
    except KeyError:
        raise UnknownBandError(name, BANDS) from None
