import json

import numpy as np
import pytest

from app import dropped
from app.coverage import HEIGHT, WIDTH, coverage_of, hammer, sky_image
from app.dropped import place
from app.views.data import DataView
from astra.data.errors import AstraError
from astra.data.surveys import Survey


@pytest.fixture
def survey(observatory):
    return Survey.open(observatory.survey("sky"))


@pytest.fixture
def view(session):
    session.screen = "data"
    return DataView(session)


def test_what_a_survey_covers_is_counted(survey):
    coverage, light_curves = coverage_of(survey), survey.light_curves
    days = light_curves.days(0.0)
    expected, _ = np.histogram(days, coverage.edges)
    assert np.abs(coverage.times - expected).sum() <= 4  # a tick on an edge may fall on either side
    assert coverage.times.sum() == light_curves.n_observations
    np.testing.assert_array_equal(coverage.bands, np.bincount(light_curves.band))
    assert coverage.flagged == light_curves.flagged.sum()
    assert np.nansum(coverage.sky) == coverage.placed == len(light_curves)
    assert coverage.share == 1
    assert coverage.edges[0] == pytest.approx(days.min(), abs=1e-4)


def test_of_very_many_observations_a_stated_share_is_counted(survey, monkeypatch):
    monkeypatch.setattr("app.coverage.MOST_OBSERVATIONS", 4_000)
    monkeypatch.setattr("app.coverage._BLOCK", 100)
    monkeypatch.setattr("app.coverage._counted", type(coverage_of.__globals__["_counted"])())
    coverage = coverage_of(survey)
    assert 0.1 < coverage.share < 0.3
    assert coverage.times.sum() == pytest.approx(
        coverage.share * survey.light_curves.n_observations
    )


def test_the_projection_keeps_areas_and_puts_east_to_the_left():
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 200_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 200_000)))
    x, y = hammer(ra, dec)
    assert ((x / 2) ** 2 + y**2).max() <= 1 + 1e-12
    inside = sky_image(ra, dec)[np.hypot(*_from_middle()) < 0.9]
    assert inside.std() / inside.mean() == pytest.approx(1 / np.sqrt(inside.mean()), rel=0.1)
    east, west = (
        hammer(np.array([200.0]), np.zeros(1))[0],
        hammer(np.array([160.0]), np.zeros(1))[0],
    )
    assert east < 0 < west
    assert hammer(np.array([77.0]), np.array([90.0]))[1] == pytest.approx(1)


def _from_middle():
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    return (column + 0.5) / WIDTH * 2 - 1, (row + 0.5) / HEIGHT * 2 - 1


def test_positions_that_are_unknown_are_left_out():
    image = sky_image(np.array([np.nan, 180.0]), np.array([0.0, 0.0]))
    assert np.nansum(image) == 1
    assert np.isnan(image[0, 0])


def test_the_page_shows_surveys_bands_runs_and_units(view):
    assert view.chosen == "sky"
    assert "ztf_g" in view._bands.html and "4\u202f746" in view._bands.html
    assert (
        "240" in view._head.html and "microjansky" in view._head.html and "UTC" in view._head.html
    )
    assert "first" in view._runs.html and "second" in view._runs.html
    assert "240 with a position" in view._sky_head.html


def test_what_was_refused_is_told_and_hostile_text_is_text(view, session):
    path = session.observatory.survey("sky") / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["quarantine"] = {
        "refused_objects": 2,
        "refused_observations": 17,
        "refused_by_rule": {"mjd_not_jd": 17, "<img src=x>": 2},
        "listed": 19,
        "notes": ["<script>alert(1)</script>"],
    }
    manifest["origin"] = {"imported": {"/data/<b>x.parquet": "ab" * 32}}
    manifest["time_scale"] = "<i>TDB"
    path.write_text(json.dumps(manifest))
    view._look()
    page = view._refused.html + view._head.html
    assert "refused 2 objects and 17 observations" in page
    assert "mjd not jd" in page
    for tag in ("<script", "<img", "<b>x", "<i>TDB"):
        assert tag not in page
    assert "&lt;b&gt;x.parquet" in page


def test_a_survey_that_is_broken_is_told_and_the_page_stays(view, session):
    folder = session.observatory.surveys / "broken"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"name": "broken", "fingerprint": "0", "bands": []}')
    view._look()
    view.press("survey:0")
    assert view.chosen == "broken"
    assert "cannot be counted" in session.status
    view.press("survey:1")
    assert view.chosen == "sky"


def test_a_run_is_opened_from_the_page(view, session):
    made = [run.name for run in view._made()]
    view.press(f"run:{made.index('second')}")
    assert session.run.name == "second"
    for nothing in ("run:9", "survey:9", "near:0", "near-all", "boo"):
        view.press(nothing)
    assert session.screen == "data"


class Encoder:
    """Embeds an object where the run has it, as the run's encoder would."""

    is_warm = True

    def __init__(self, run, rows):
        self.run, self.rows = run, list(rows)

    def embed(self, light_curve):
        return self.run.run.embeddings[self.run.run.rows[self.rows.pop(0)]]


def file_of(run, rows):
    """CSV of the light curves of some map rows, under names of their own."""
    lines = ["object_id,mjd,band,flux_ujy,flux_err_ujy"]
    for number, row in enumerate(rows):
        curve = run.light_curve(row)
        lines += [
            f"new{number},{t:.5f},{curve.bands[b].name},{f},{e}"
            for t, b, f, e in zip(curve.mjd, curve.band, curve.flux, curve.flux_error, strict=True)
        ]
    return "\n".join(lines).encode()


def test_objects_of_a_file_fall_where_their_likes_are(session):
    run, rows = session.run, [7, 99]
    found = place(run, Encoder(run, rows), file_of(run, rows), ".csv", "mine.csv")
    assert [each.object_id for each in found.objects] == ["new0", "new1"]
    for each, row in zip(found.objects, rows, strict=True):
        assert each.rows[0] == row
        assert each.distances[0] == 0
        assert each.observations == len(run.light_curve(row))
        assert np.hypot(each.x - run.x[row], each.y - run.y[row]) < 1.5


def test_a_dropped_file_is_placed_and_its_neighbours_selected(view, session, monkeypatch):
    run, rows = session.run, [7, 99]
    monkeypatch.setattr("app.views.data.encoder_of", lambda path: Encoder(run, rows))
    view._file.param.update(filename="m<i>ne.csv", value=file_of(run, rows))
    assert view.error == ""
    assert len(view.placed.objects) == 2
    assert "new1" in view._found.html and run.object_id(99) in view._found.html
    view.press("near-all")
    assert session.screen == "explore"
    assert {7, 99} <= set(session.selected_rows.tolist())


@pytest.mark.parametrize(
    "content", [b"\x00\x01", b"<html></html>", b"PAR1" + b"x" * 99, b"a,b\n1,2"]
)
def test_a_file_that_is_none_is_refused_by_its_own_name(view, session, content):
    view._file.param.update(filename="../<i>x.csv", value=content)
    assert view.placed is None
    assert view.error
    assert "/tmp" not in view.error
    assert "<i>" not in view._drop.html


def test_a_file_too_large_is_refused_at_once(session, monkeypatch):
    monkeypatch.setattr(dropped, "MOST_BYTES", 10)
    with pytest.raises(AstraError, match="import the file"):
        place(session.run, Encoder(session.run, []), b"x" * 11, ".csv", "x.csv")
