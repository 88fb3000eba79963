import re

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from app.views.why import WhyView
from app.why import BINS, contrast, portrait


def of_class(session, name):
    classes = session.run.predicted
    return classes.codes == classes.names.index(name)


def test_the_class_that_was_lassoed_comes_first(session):
    mask = of_class(session, "EA")
    found = contrast(session.run, mask, ~mask, session.run.classes)
    lift = found.classes["Predicted"][0]
    assert lift.name == "EA"
    assert (lift.inside, lift.of_inside) == (mask.sum(), mask.sum())
    assert lift.low > 0
    assert found.classes["Class"][0].name == "EA"
    assert found.classes["Class"][0].of_inside == (session.run.classes.codes[mask] >= 0).sum()


def test_numbers_are_compared_as_mann_whitney_does(session):
    mask = of_class(session, "LPV")
    found = {d.name: d for d in contrast(session.run, mask, ~mask, session.run.classes).numbers}
    for name in ("anomaly", "found_period_days", "ra"):
        values = session.run.values(name)
        statistic = mannwhitneyu(values[mask], values[~mask]).statistic
        expected = 2 * statistic / (mask.sum() * (~mask).sum()) - 1
        assert found[name].delta == pytest.approx(expected, abs=1e-9)
    assert found["found_period_days"].delta == 1


def test_the_folded_shape_is_that_of_the_class(session):
    found = portrait(session.run, of_class(session, "EA"), "dark")
    assert list(found.shapes) == ["g", "r"]
    assert found.folded == found.asked == 60
    for shape in found.shapes.values():
        at = (np.arange(BINS) + 0.5) / BINS - 0.25
        inside = np.abs(at) < 0.03
        outside = np.abs(at) > 0.1
        # An eclipse of 0.8 mag a tenth of the period wide, at phase zero.
        assert np.nanmedian(shape.median[inside]) == pytest.approx(0.8, abs=0.1)
        assert np.nanmax(np.abs(shape.median[outside])) < 0.1
        assert (shape.low[outside] <= shape.median[outside]).all()


def test_difference_fluxes_are_not_folded(session):
    found = portrait(session.run, of_class(session, "SN Ia"), "dark")
    assert not found.shapes


def test_typical_ones_are_nearest_to_the_mean_and_odd_ones_farthest(session):
    run, mask = session.run, of_class(session, "RRab")
    found = portrait(run, mask, "dark")
    vectors = np.asarray(run.run.embeddings, float)[run.run.rows]
    scaled = (vectors / np.asarray(run.run.embeddings, float).std(axis=0))[mask]
    apart = np.linalg.norm(scaled - scaled.mean(axis=0), axis=1)
    rows = np.flatnonzero(mask)[np.argsort(apart)]
    assert {row for row, _ in found.typical} == set(rows[:6])
    assert {row for row, _ in found.odd} == set(rows[-6:])
    np.testing.assert_allclose([d for _, d in found.odd], np.sort(apart)[::-1][:6], rtol=1e-5)


def test_the_panel_works_only_in_sight_and_says_what_it_compares(session):
    view = WhyView(session)
    mask = of_class(session, "EA")
    session.select(mask, "lasso <i>")
    assert view._said.html == ""
    view.on = True
    assert "60 objects against 180 others" in view._said.html
    assert "lasso &lt;i&gt;" in view._said.html
    assert "Most typical" in view._looks.html
    session.clear_selection()
    assert "Nothing selected" in view._said.html


def test_a_press_on_a_prototype_opens_it(session):
    view = WhyView(session)
    view.on = True
    session.select(of_class(session, "EA"), "class EA")
    view._pressed("focus:12")
    assert (session.focus, session.screen) == (12, "inspect")


def test_filters_take_objects_out_of_the_others(session):
    view = WhyView(session)
    view.on = True
    session.select(of_class(session, "EA"), "class EA")
    session.category = "predicted"
    session.hidden = frozenset({"LPV"})
    assert "60 objects against 120 others" in view._said.html


def test_who_labels_blind_sees_nothing_of_what_the_probe_predicts(session):
    view = WhyView(session)
    view.on = True
    session.select(of_class(session, "EA"), "class EA")
    assert "Predicted" in view._said.html
    assert "Entropy" in view._said.html
    shown = view._looks.html
    session.look.blind = True
    assert "Predicted" not in view._said.html
    assert "Entropy" not in view._said.html
    assert "60 objects against 180 others" in view._said.html
    none = session.run.styles["unlabelled"]
    unlabelled = sum(session.run.classes.codes[row] < 0 for row in rows_of(view._looks.html))
    assert view._looks.html.count(none.colour(session.theme) + '"') >= unlabelled > 0
    assert view._looks.html != shown


def rows_of(html):
    return [int(row) for row in re.findall(r'data-press="focus:(\d+)"', html)]
