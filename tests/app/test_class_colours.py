import numpy as np
import pytest

from app.curation import curation_of
from app.drawing.contrast import contrast, readable
from app.drawing.palette import KNOWN, LEAST_CONTRAST, NO_CLASS, ClassStyles
from app.drawing.raster import Scene, Viewport, draw
from app.theme import DARK, LIGHT
from app.views.legend import LegendView
from app.words import UNLABELLED
from astra.labels.taxonomy import Taxonomy, TaxonomyClass
from astra.map.shading import class_levels


def choosing(**colours):
    return {name.replace("_", " "): colour for name, colour in colours.items()}.get


def save_taxonomy(session, *classes):
    taxonomy = Taxonomy("mine", classes)
    curation_of(session).save_taxonomy(lambda _: taxonomy)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # From the table of the W3C's G18, and by hand.
    [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_that_of_the_w3c(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("on", [DARK.map, LIGHT.map])
@pytest.mark.parametrize("seed", range(4))
def test_a_colour_is_changed_only_as_far_as_it_must(on, seed):
    for red, green, blue in np.random.default_rng(seed).integers(0, 256, (50, 3)):
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        seen = readable(colour, on, 3.0)
        assert contrast(seen, on) >= 3.0
        if contrast(colour, on) >= 3.0:
            assert seen == colour
        else:
            assert contrast(seen, on) < 3.4


def test_a_chosen_colour_stands_above_the_fixed_one_and_goes_again():
    styles = ClassStyles(["RRab", "EA", "a kind"])
    before = dict(styles)
    styles.choose(choosing(RRab="#4fa3ff", a_kind="#cc3366", new="#22aa66"))
    assert styles["RRab"] == KNOWN["RRab"]._replace(dark="#4fa3ff", light=styles["RRab"].light)
    assert styles["a kind"].dark == "#cc3366"
    assert styles["a kind"].marker == before["a kind"].marker
    assert styles["EA"] == before["EA"]
    assert styles["new"].dark == "#22aa66"
    styles.choose(choosing())
    assert {name: styles[name] for name in before} == before


def test_choices_change_no_other_style():
    names = ["RRab", "QSO", "CV", "YSO"]
    free, bound = ClassStyles(names), ClassStyles(names, choosing(QSO=KNOWN["RRab"].dark))
    for name in ("RRab", "CV", "YSO", "one more", "and one"):
        assert bound[name] == free[name]


def test_a_chosen_colour_is_seen_on_both_maps():
    styles = ClassStyles(["night", "snow"], choosing(night="#000010", snow="#fffff0"))
    for name in ("night", "snow"):
        assert contrast(styles[name].dark, DARK.map) >= LEAST_CONTRAST
        assert contrast(styles[name].light, LIGHT.map) >= LEAST_CONTRAST
    assert styles["night"].light == "#000010"
    assert styles["snow"].dark == "#fffff0"


def test_what_has_no_class_keeps_its_grey():
    styles = ClassStyles(["EA"], choosing(unlabelled="#ff0000", other="#ff0000"))
    assert styles[UNLABELLED] == styles["other"] == NO_CLASS


def test_the_taxonomy_gives_the_colour_of_a_class_by_any_of_its_names():
    taxonomy = Taxonomy(
        "mine", (TaxonomyClass("RRab", synonyms=("RR0",), colour="#4fa3ff"), TaxonomyClass("EA"))
    )
    for name in ("RRab", "RR0", "rr-ab"):
        assert taxonomy.colour_of(name) == "#4fa3ff"
    assert taxonomy.colour_of("EA") is taxonomy.colour_of("nothing") is None


def test_map_and_legend_take_the_colours_that_people_chose(session):
    session.colour_by = "predicted"
    legend, run = LegendView(session), session.run
    save_taxonomy(session, TaxonomyClass("LPV", colour="#12b5a0"), TaxonomyClass("EA"))
    assert "#12b5a0" in legend._card.html
    assert KNOWN["LPV"].dark not in legend._card.html
    assert KNOWN["EA"].dark in legend._card.html
    scene = Scene(run, "predicted", session.classes, None, None, "dark")
    palette = draw(scene, Viewport(-9, 9, -9, 9, 60, 60)).palette
    place = session.classes.names.index("LPV")
    levels = class_levels(len(session.classes.names) + 1)
    assert palette[(place + 1) * levels] == "#12b5a0"
    save_taxonomy(session, TaxonomyClass("LPV"), TaxonomyClass("EA"))
    assert KNOWN["LPV"].dark in legend._card.html
