"""Every format that is known, in the order in which they are asked whether a file is theirs."""

from astra.data.errors import RejectedFileError
from astra.readers import (
    alerce,
    antares,
    atlas_alert,
    atlas_forced,
    bhtom,
    fink,
    lasair,
    manytde,
    multimodal,
    open_supernova_catalog,
    plain,
    plasticc,
    rubin,
    slsne,
    snana,
    sncosmo,
    ztf_alert,
    ztf_forced,
    ztf_release,
    zubercal,
)
from astra.readers.opening import Opened
from astra.readers.tables import Format

FORMATS: tuple[Format, ...] = (
    ztf_forced.FORMAT,
    atlas_forced.FORMAT,
    atlas_forced.STACKED,
    snana.TEXT,
    snana.FITS,
    slsne.FORMAT,
    ztf_alert.FORMAT,
    atlas_alert.FORMAT,
    rubin.PACKET,
    fink.FORMAT,
    fink.PORTAL,
    ztf_release.TABLE,
    ztf_release.PARQUET,
    zubercal.FORMAT,
    rubin.NESTED,
    rubin.TABLE,
    multimodal.FORMAT,
    alerce.JSON,
    alerce.TABLE,
    lasair.FORMAT,
    open_supernova_catalog.FORMAT,
    manytde.FORMAT,
    sncosmo.SKYPORTAL,
    sncosmo.FORMAT,
    antares.FORMAT,
    bhtom.FORMAT,
    plasticc.FORMAT,
    plain.FORMAT,
)


def format_of(opened: Opened) -> Format:
    """Format of a file, by its content.

    Raises
    ------
    RejectedFileError
        None is, or the file is damaged beyond telling.
    """
    for candidate in FORMATS:
        if candidate.recognises(opened):
            return candidate
    if opened.kind == "archive":
        raise RejectedFileError(f"{opened.path}: an archive; unpack it and import its folder")
    found = ", ".join(map(repr, opened.names[:20]))
    holds = f"; its columns are {found}" if found else ""
    raise RejectedFileError(f"{opened.path}: no known format (its content is {opened.kind}{holds})")
