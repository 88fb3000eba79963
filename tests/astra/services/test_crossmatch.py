import json
from datetime import timedelta

import pytest

from astra.data.observatory import Observatory
from astra.services import answers as answers_module
from astra.services.answers import Answers
from astra.services.crossmatch import CATALOGUES, SERVICES, ask, known, tns_link
from astra.services.web import ServiceError

requests = pytest.importorskip("requests")
pytest.importorskip("pyvo")

RA, DEC = 291.3663, 42.7843
VSX = [("OID", "int"), ("Name", "char"), ("RAJ2000", "double"), ("DEJ2000", "double"),
       ("Type", "char"), ("Period", "double"), ("max", "float")]  # fmt: skip


@pytest.fixture
def answers(tmp_path):
    return Answers(Observatory(tmp_path))


def test_vsx_tells_type_period_and_distance_nearest_first(answers, recorded, opened, votable):
    far, near = (7, "AA Lyr", RA, DEC + 3 / 3600), (8, "RR Lyr", RA, DEC + 1 / 3600)
    recorded.lay(votable(VSX, (*far, "EA|EB", "", ""), (*near, "RRAB", 0.56686776, 7.06)))
    answer = ask(answers, "vsx", RA, DEC, 5.0, opened)
    first, second = answer.matches
    assert (first.name, first.kind, first.separation) == ("RR Lyr", "RRAB", 1.0)
    assert first.facts == (("period", "0.5668678 d"), ("brightest", "7.06 mag"))
    assert first.link.endswith("oid=8")
    assert (second.name, second.facts) == ("AA Lyr", ())
    host, path, query, form = recorded.asked[0]
    assert (host, path) == ("tapvizier.cds.unistra.fr", "/TAPVizieR/tap/sync")
    assert "CIRCLE" in str(query) + form
    assert "0.0013889" in str(query) + form


def test_gaia_ids_stay_exact(answers, recorded, opened, votable):
    fields = [("Source", "long"), ("RA_ICRS", "double"), ("DE_ICRS", "double"), ("Gmag", "double")]
    recorded.lay(votable(fields, (2125982599341232896, RA, DEC, 7.6436)))
    (match,) = ask(answers, "gaia", RA, DEC, 5.0, opened).matches
    assert match.name == "2125982599341232896"
    assert match.facts == (("G", "7.6436 mag"),)


def test_simbad_and_hostile_names(answers, recorded, opened, votable):
    fields = [("main_id", "char"), ("ra", "double"), ("dec", "double"), ("otype", "char")]
    name = "V* &lt;script&gt;/?&amp;=x"
    recorded.lay(votable(fields, (name, RA, DEC, "RR*")))
    (match,) = ask(answers, "simbad", RA, DEC, 5.0, opened).matches
    assert match.name == "V* <script>/?&=x"
    assert match.link.endswith("Ident=V%2A%20%3Cscript%3E%2F%3F%26%3Dx")


def test_alerce_through_its_own_client(answers, recorded, opened):
    items = [{"oid": "ZTF18abbuive", "meanra": RA, "meandec": DEC, "class": "RRL",
              "probability": 0.87, "ndet": 312}]  # fmt: skip
    recorded.lay(json.dumps({"items": items, "total": 1}).encode())
    (match,) = ask(answers, "alerce", RA, DEC, 5.0, opened).matches
    assert (match.name, match.kind, match.separation) == ("ZTF18abbuive", "RRL", 0.0)
    assert match.facts == (("detections", "312"), ("probability", "0.87"))
    host, path, query, _ = recorded.asked[0]
    assert (host, path) == ("api.alerce.online", "/ztf/v1/objects")
    assert query["radius"] == ["5.0"]


@pytest.mark.parametrize("service", CATALOGUES)
def test_nothing_near_is_an_answer_and_is_kept(answers, recorded, opened, votable, service):
    recorded.lay(votable([("ra", "double")]))
    assert known(answers, service, RA, DEC) is None
    assert ask(answers, service, RA, DEC, opened=opened).matches == ()
    assert known(answers, service, RA, DEC).matches == ()
    assert len(recorded.asked) == 1


def test_an_answer_is_remembered_as_it_was_for_thirty_days(
    answers, recorded, opened, votable, monkeypatch
):
    recorded.lay(votable(VSX, (8, "RR Lyr", RA, DEC, "RRAB", 0.56, 7.06)))
    answer = ask(answers, "vsx", RA, DEC, opened=opened)
    assert known(answers, "vsx", RA, DEC) == answer
    assert known(answers, "vsx", RA, DEC, 6.0) is None
    assert known(answers, "gaia", RA, DEC) is None
    monkeypatch.setattr(answers_module, "KEPT_FOR", timedelta(0))
    assert known(answers, "vsx", RA, DEC) is None


def test_a_damaged_answer_is_not_known(answers, recorded, opened, votable):
    recorded.lay(votable([("ra", "double")]))
    ask(answers, "simbad", RA, DEC, opened=opened)
    (file,) = answers.folder.iterdir()
    for damage in (b"{", b"[]", b'{"time": 3, "matches": []}', b"\xff"):
        file.write_bytes(damage)
        assert known(answers, "simbad", RA, DEC) is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (requests.Timeout("timed out"), "did not answer in time"),
        (requests.ConnectionError("refused"), "cannot be reached"),
        ((503, b"busy"), "503"),
        (b"<html>maintenance</html>", "answers what is n"),
        (b"", "answers what is n"),
    ],
)
@pytest.mark.parametrize("service", SERVICES)
def test_why_a_service_is_unavailable_is_said(answers, recorded, opened, service, answer, why):
    recorded.lay(answer)
    with pytest.raises(ServiceError) as error:
        ask(answers, service, RA, DEC, opened=opened)
    told = str(error.value)
    assert len(told) < 400
    if service != "alerce" or not isinstance(answer, bytes):
        assert why in told
    assert known(answers, service, RA, DEC) is None


def test_an_error_in_the_query_is_told(answers, recorded, opened):
    recorded.lay(
        b'<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        b'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">no such table</INFO>'
        b"</RESOURCE></VOTABLE>"
    )
    with pytest.raises(ServiceError, match="no such table"):
        ask(answers, "vsx", RA, DEC, opened=opened)


def test_the_name_server_gets_a_link_and_no_request():
    assert tns_link(10.5, -3.25) == (
        "https://www.wis-tns.org/search?ra=10.500000&decl=-3.250000&radius=5&coords_unit=arcsec"
    )
