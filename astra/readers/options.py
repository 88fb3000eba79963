"""What a caller may choose about reading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

DUPLICATES = ("keep", "best", "mean")
Ask = Callable[[Path, Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for :func:`astra.readers.read`.

    Attributes
    ----------
    mapping : mapping of meaning to column
        For plain tables: ``time``, ``magnitude`` or ``flux``, ``error``, ``band``, ``object_id``,
        ``ra``, ``dec``, ``flag``, ``label``, ``unit``, ``zero_point``; what is left out is guessed.
        A value that is no column is a constant, such as ``band=ztf_g``.
    ask : callable, optional
        Told the file and the guess of a plain table; false refuses it.
    bridge : float or None
        Join objects within so many arcseconds; None joins only the rows of formats that have one
        per filter.
    bridging : bool
        False joins nothing.
    duplicates : str
        What becomes of observations of one object, band and time that differ: ``keep`` all, the
        ``best`` (smallest error), or their weighted ``mean``. Equal ones are always kept once.
    schema : Path, optional
        Avro schema of packets that come without one.
    assumed_error : float, optional
        Error [mag] of magnitudes that come without one; otherwise 0.1 is assumed and they are
        flagged.
    """

    mapping: Mapping[str, str] | None = None
    ask: Ask | None = None
    bridge: float | None = None
    bridging: bool = True
    duplicates: str = "keep"
    schema: Path | None = None
    assumed_error: float | None = None
