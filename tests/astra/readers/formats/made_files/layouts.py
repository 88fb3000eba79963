"""Every layout by the name of its format: how it is written, and what is to come back."""

from made_files import atlas, brokers, plain, rubin, snana, supernovae, ztf, ztf_alerts
from made_files.truth import Made

ATLAS = {"ztf_g": "atlas_c", "ztf_r": "atlas_o"}
LSST = {"ztf_g": "lsst_g", "ztf_r": "lsst_r"}
DES = {"ztf_g": "des_g", "ztf_r": "des_r"}

MADE: dict[str, Made] = {
    "IRSA ZTF light curves": Made(ztf.irsa, False, flags=True),
    "ZTF release Parquet, bulk": Made(ztf.bulk, False, flags=True),
    "ZTF release Parquet, HATS": Made(ztf.hats, False, flags=True),
    "ZTF forced photometry": Made(ztf.forced_text, True, one=True, flags=True, name="ZTF18aaaaaaa"),
    "ZTF alert": Made(ztf_alerts.alert, True, flags=True),
    "Fink Parquet": Made(ztf_alerts.fink, True, flags=True),
    "Fink portal table": Made(brokers.fink_portal, True, flags=True),
    "ATLAS forced photometry": Made(
        atlas.forced, True, one=True, bands=ATLAS, flags=True, name="job1"
    ),
    "ATLAS forced photometry, stacked": Made(
        atlas.stacked, True, one=True, bands=ATLAS, name="stacked"
    ),
    "ATLAS alert": Made(atlas.alert, True, bands=ATLAS),
    "ALeRCE table, total": Made(brokers.alerce_csv, False),
    "ALeRCE table, difference": Made(brokers.alerce_parquet, True),
    "ALeRCE JSON": Made(brokers.alerce_json, True, one=True, name="ZTF18aaaaaaa"),
    "Rubin table": Made(rubin.rubin_csv, True, bands=LSST, flags=True),
    "Rubin HATS": Made(rubin.rubin_hats, True, bands=LSST, flags=True),
    "Rubin alert": Made(
        rubin.rubin_packet, True, one=True, bands=LSST, flags=True, name=str(2**62 + 1),
        options={"schema": "lsst.avsc"},
    ),
    "SNANA text": Made(snana.snana_text, True, one=True, bands=DES, flags=True, name="2020add"),
    "SNANA FITS": Made(snana.snana_fits, True, bands=DES, flags=True),
    "Open Supernova Catalog": Made(supernovae.osc, False, one=True, name="SN2020x"),
    "sncosmo table": Made(supernovae.sncosmo, True, one=True, name="ZTF18aaaaaaa"),
    "SkyPortal table": Made(supernovae.skyportal, True, one=True, name="14gqr"),
    "ANTARES table": Made(brokers.antares, True, one=True, name="ZTF18aaaaaaa"),
    "BHTOM table": Made(supernovae.bhtom, False, one=True, name="AT2017eqx"),
    "manyTDE": Made(supernovae.manytde, True, one=True, name="AT2018hyz"),
    "SLSNe table": Made(supernovae.slsne, True, one=True, flags=True, name="2018hti"),
    "MultimodalUniverse": Made(snana.multimodal, True, bands=LSST),
    "Lasair JSON": Made(brokers.lasair, True, flags=True),
    "Lasair JSON, LSST": Made(rubin.lasair_lsst, True, one=True, bands=LSST, name=str(2**62 + 1)),
    "PLAsTiCC table": Made(snana.plasticc, True, bands=LSST),
    "Zubercal": Made(ztf.zubercal, False),
    "plain table, CSV": Made(plain.plain_csv, False, flags=True),
    "plain table, Parquet": Made(plain.plain_parquet, False),
    "plain table, VOTable": Made(plain.plain_votable, False),
    "plain table, FITS": Made(plain.plain_fits, False),
    "IRSA ZTF light curves, IPAC": Made(ztf.irsa_ipac, False, flags=True),
    "IRSA ZTF light curves, VOTable": Made(ztf.irsa_votable, False, flags=True),
}  # fmt: skip
