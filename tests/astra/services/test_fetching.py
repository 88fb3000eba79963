import json

import pytest
from typer.testing import CliRunner

from astra.cli import fetch as command
from astra.cli.__main__ import app
from astra.data.errors import AstraError
from astra.services.fetching import ARCHIVES, LEDGER, fetch, ids_by_tap

requests = pytest.importorskip("requests")
pytest.importorskip("pyvo")

NAMES = ["ZTF18abbuive", "ZTF18aaaaaaa", "ZTF19acfixfe"]
DETECTIONS = {
    "detections": [
        {"mjd": 58855.5 + i, "fid": 1 + i % 2, "magpsf": 17.2, "sigmapsf": 0.05, "isdiffpos": 1,
         "magpsf_corr": 17.1, "sigmapsf_corr": 0.04, "corrected": True, "dubious": False,
         "candid": "1101542291015015004", "ra": 185.7, "dec": 15.8}
        for i in range(6)
    ],
    "non_detections": [],
}  # fmt: skip
LIGHT_CURVE = json.dumps(DETECTIONS).encode()
IRSA_HEAD = (
    b"oid,expid,hjd,mjd,mag,magerr,catflags,filtercode,ra,dec,chi,sharp,filefracday,field,ccdid,"
    b"qid,limitmag,magzp,magzprms,clrcoeff,clrcounc,exptime,airmass,programid\n"
)
IRSA_ROW = (
    b"%d,48049,2458217.80,58217.30,15.08,0.012,0,zg,10.5,41.2,1.1,0.01,20180409,1,1,1,20.5,26.2,"
    b"0.04,-0.05,0.0001,30,1.1,1\n"
)


def test_light_curves_become_the_files_of_the_archive(tmp_path, recorded, opened):
    recorded.lay(LIGHT_CURVE, json.dumps({"detections": [], "non_detections": []}).encode())
    told = []
    fetched = fetch(
        "alerce", NAMES[:2], tmp_path / "out", opened, lambda event, **facts: told.append(facts)
    )
    assert fetched.files == {"ZTF18abbuive.json": ["ZTF18abbuive"]}
    assert fetched.empty == ["ZTF18aaaaaaa"]
    kept = json.loads((tmp_path / "out" / "ZTF18abbuive.json").read_text())
    assert kept == DETECTIONS
    assert [fact["done"] for fact in told] == [0, 1, 2, 2]
    assert recorded.asked[0][1] == "/ztf/v1/objects/ZTF18abbuive/lightcurve"


def test_what_failed_is_asked_again_and_what_is_there_is_not(tmp_path, recorded, opened):
    recorded.lay(LIGHT_CURVE, requests.Timeout("timed out"), LIGHT_CURVE)
    first = fetch("alerce", NAMES, tmp_path, opened)
    assert list(first.failed) == [NAMES[1]]
    assert "in time" in first.failed[NAMES[1]]
    recorded.lay(LIGHT_CURVE)
    again = fetch("alerce", NAMES, tmp_path, opened)
    assert again.failed == {}
    assert len(again.files) == 3
    assert [path.rsplit("/")[-2] for _, path, *_ in recorded.asked] == [*NAMES, NAMES[1]]
    (tmp_path / f"{NAMES[2]}.json").unlink()
    recorded.lay(LIGHT_CURVE)
    fetch("alerce", NAMES, tmp_path, opened)
    assert len(recorded.asked) == 5


def test_a_fetch_that_is_cut_off_goes_on_where_it_was(tmp_path, recorded, opened):
    recorded.lay(LIGHT_CURVE, LIGHT_CURVE, LIGHT_CURVE)
    with pytest.raises(KeyboardInterrupt):
        fetch("alerce", NAMES, tmp_path, opened, stop_at(1))
    assert len(recorded.asked) == 1
    assert len(fetch("alerce", NAMES, tmp_path, opened).files) == 3
    assert len({path for _, path, *_ in recorded.asked}) == len(recorded.asked) == 3


def stop_at(done):
    def tell(event, **facts):
        if event == "progress" and facts["done"] == done:
            raise KeyboardInterrupt

    return tell


def test_irsa_is_asked_forty_at_a_time_and_ids_stay_exact(tmp_path, recorded, opened):
    ids = [str(1_116_107_400_000_000 + i) for i in range(50)]
    recorded.lay(*(IRSA_HEAD + IRSA_ROW % int(i) for i in (ids[0], ids[40])))
    fetched = fetch("irsa", ids, tmp_path, opened)
    assert [len(members) for members in fetched.files.values()] == [40, 10]
    host, path, query, _ = recorded.asked[0]
    assert (host, path) == ("irsa.ipac.caltech.edu", "/cgi-bin/ZTF/nph_light_curves")
    assert query["ID"] == ids[:40]
    assert (tmp_path / f"{ids[0]}.csv").read_bytes() == IRSA_HEAD + IRSA_ROW % int(ids[0])


def test_a_page_that_is_no_table_is_a_failure_not_a_file(tmp_path, recorded, opened):
    recorded.lay(b"<html>ERROR: maintenance</html>")
    fetched = fetch("irsa", ["1116107400000000"], tmp_path, opened)
    assert "maintenance" in fetched.failed["1116107400000000"]
    assert [file.name for file in tmp_path.iterdir()] == [LEDGER]


def test_fink_gives_parquet_or_a_reason(tmp_path, recorded, opened):
    recorded.lay(b"PAR1 and more PAR1")
    fetched = fetch("fink", NAMES, tmp_path / "one", opened)
    assert fetched.files == {"ZTF18abbuive.parquet": NAMES}
    asked = json.loads(recorded.asked[0][3])
    assert asked == {"objectId": ",".join(NAMES), "output-format": "parquet"}
    recorded.lay(b'{"status": "error"}')
    assert "error" in fetch("fink", NAMES[:1], tmp_path / "two", opened).failed[NAMES[0]]


@pytest.mark.parametrize("bad", ["../../etc/passwd", "ZTF18abbuive/../x", "ZTF18ABBUIVE", "1;2"])
@pytest.mark.parametrize("archive", ARCHIVES)
def test_what_is_no_id_never_reaches_an_address_or_a_path(tmp_path, recorded, opened, archive, bad):
    with pytest.raises(AstraError, match="is no id of"):
        fetch(archive, [bad], tmp_path, opened)
    assert recorded.asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_archive_is_left_alone(tmp_path, recorded, opened):
    recorded.lay(LIGHT_CURVE)
    fetch("alerce", NAMES[:1], tmp_path, opened)
    with pytest.raises(AstraError, match="holds files of alerce"):
        fetch("fink", NAMES[:1], tmp_path, opened)
    (tmp_path / LEDGER).write_text("{")
    with pytest.raises(AstraError, match="not what a fetch wrote"):
        fetch("alerce", NAMES[:1], tmp_path, opened)


def test_objects_of_a_cone_come_page_by_page(recorded, opened):
    pages = [[f"ZTF18aaa{a}{b}zz" for b in "abcdefghij" for a in "abcdefghij"], NAMES]
    recorded.lay(*(json.dumps({"items": [{"oid": i} for i in page]}).encode() for page in pages))
    found = ARCHIVES["alerce"].cone(opened, 10.0, 41.0, 60.0, 1000)
    assert found == [*pages[0], *NAMES]
    assert [query["page"] for *_, query, _ in recorded.asked] == [["1"], ["2"]]
    recorded.lay(json.dumps({"items": [{"oid": i} for i in pages[0]]}).encode())
    assert len(ARCHIVES["alerce"].cone(opened, 10.0, 41.0, 60.0, 7)) == 7


def test_ids_come_from_tap_and_from_the_cones_of_others(recorded, opened, votable):
    recorded.lay(votable([("oid", "long")], (1116107400000001,), (1116107400000002,)))
    assert ids_by_tap("irsa", "SELECT oid FROM x", opened) == [
        "1116107400000001",
        "1116107400000002",
    ]
    recorded.lay(votable([("oid", "long")], (1116107400000003,)))
    assert ARCHIVES["irsa"].cone(opened, 10.0, 41.0, 5.0, 9) == ["1116107400000003"]
    recorded.lay(json.dumps([{"i:objectId": NAMES[0]}, {"i:objectId": NAMES[0]}]).encode())
    assert ARCHIVES["fink"].cone(opened, 10.0, 41.0, 5.0, 9) == NAMES[:1]
    with pytest.raises(AstraError, match="no TAP service"):
        ids_by_tap("fink", "SELECT", opened)


def test_the_command_fetches_and_says_what_comes_next(tmp_path, recorded, opened, monkeypatch):
    monkeypatch.setattr(command, "session", lambda **options: opened)
    (tmp_path / "ids.txt").write_text("\n".join(NAMES))
    recorded.lay(LIGHT_CURVE, (500, b""), LIGHT_CURVE)
    arguments = ["fetch", "alerce", "--ids", str(tmp_path / "ids.txt")]
    arguments += ["--output", str(tmp_path / "o")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "2 objects in 2 files" in done.output
    assert NAMES[1] in done.output
    assert "1 failed; the same command asks for them again" in done.output
    assert "astra import" in done.output
