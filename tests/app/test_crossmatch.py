from dataclasses import replace

import pytest

from app.views import crossmatch
from app.views.crossmatch import CrossmatchView
from astra.services.answers import Match
from astra.services.crossmatch import SERVICES
from astra.services.web import ServiceError


@pytest.fixture
def services(monkeypatch):
    """Services that answer what a test lays down: a tuple of matches, or an error."""
    said, asked = {}, []

    def ask(answers, service, ra, dec, radius):
        asked.append((service, ra, dec))
        answer = said.get(service, ())
        if isinstance(answer, Exception):
            raise answer
        return answers.keep(service, f"{ra:.6f} {dec:.6f} {radius:g}", answer)

    monkeypatch.setattr(crossmatch, "ask", ask)
    said["asked"] = asked
    return said


@pytest.fixture
def view(session, services):
    session.param.update(focus=3, screen="inspect")
    return CrossmatchView(session)


RR = Match("<b>RR Lyr</b>", "RRAB", 0.31, (("period", "0.5668 d"),), "https://x.org/?a=1&b=2")


def states(view):
    return {service: view.asked[service].state for service in SERVICES}


def test_nothing_is_asked_before_a_press(view, session, services):
    session.focus = 5
    session.focus = 6
    assert services["asked"] == []
    assert set(states(view).values()) == {"off"}
    assert "Nothing is asked before you press" in view._panel.html


def test_each_service_has_a_state_of_its_own(view, session, services):
    services["vsx"] = (RR,) * 5
    services["gaia"] = ServiceError("tapvizier.cds.unistra.fr did not answer in time <i>")
    view.press("ask:vsx")
    assert states(view) == {**dict.fromkeys(SERVICES, "off"), "vsx": "answered"}
    view.press("all")
    assert states(view) == {**dict.fromkeys(SERVICES, "answered"), "gaia": "unavailable"}
    page = view._panel.html
    assert "&lt;b&gt;RR Lyr&lt;/b&gt;" in page and "<b>RR Lyr" not in page
    assert "0.31″" in page and "period 0.5668 d" in page
    assert "and 2 more" in page
    assert 'href="https://x.org/?a=1&amp;b=2"' in page
    assert "did not answer in time &lt;i&gt;" in page
    assert page.count("nothing within the radius") == len(SERVICES) - 2
    assert [service for service, *_ in services["asked"]].count("vsx") == 1
    services["gaia"] = ()
    view.press("ask:gaia")
    assert states(view)["gaia"] == "answered"
    place = services["asked"][0][1:]
    ra, dec = (float(session.run.run.values("catalogue", name)[3]) for name in ("ra", "dec"))
    assert place == (ra, dec)


def test_another_object_begins_anew_and_kept_answers_need_no_asking(view, session, services):
    services["simbad"] = (RR,)
    view.press("ask:simbad")
    session.focus = 8
    assert set(states(view).values()) == {"off"}
    session.focus = 3
    assert states(view)["simbad"] == "answered"
    assert view.asked["simbad"].matches == (RR,)
    assert len(services["asked"]) == 1


def test_an_answer_that_comes_late_is_not_put_beside_another_object(view, session, services):
    late = []
    view._asking["vsx"].ask = lambda work, deliver, fail: late.append((work, deliver))
    view.press("ask:vsx")
    assert states(view)["vsx"] == "asking"
    session.focus = 8
    work, deliver = late[0]
    deliver(work())
    assert states(view)["vsx"] == "off"


def test_a_link_that_is_no_page_is_not_followed(view, services):
    services["vsx"] = (Match("x", "", 1.0, (), "javascript:alert(1)"),)
    view.press("ask:vsx")
    assert "javascript" not in view._panel.html


@pytest.mark.parametrize("what", ["ask:", "ask:tns", "boo", "ask:../x"])
def test_presses_that_mean_nothing_ask_nobody(view, services, what):
    view.press(what)
    assert services["asked"] == []


def test_an_object_without_a_place_cannot_be_asked_about(session, services, monkeypatch):
    real = crossmatch.facts_of
    monkeypatch.setattr(crossmatch, "facts_of", lambda run, row: replace(real(run, row), ra=None))
    session.param.update(focus=3, screen="inspect")
    view = CrossmatchView(session)
    view.press("all")
    assert services["asked"] == []
    assert "no position" in view._panel.html
