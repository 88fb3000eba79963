from dataclasses import asdict
from itertools import combinations, product

import numpy as np
import pytest
from bokeh.core.enums import MarkerType

from app.drawing.palette import KNOWN, ClassStyles
from app.theme import DARK, LIGHT, chart, css_variables, figure_theme, material, restyle, tokens
from app.words import UNLABELLED

THEMES = {"dark": DARK, "light": LIGHT}
EIGHT = ("EW", "EA", "RRab", "RRc", "RS CVn", "LPV", "delta Sct", "Cep")
# Smallest CIE76 distance between two of the eight, by sight, as the design states it.
SMALLEST = {"normal": 26, "protan": 21, "deutan": 17, "tritan": 16}
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour, sight):
    rgb = np.clip(np.asarray(SIGHT[sight]) @ linear(colour), 0, 1)
    t = XYZ @ rgb / [0.95047, 1, 1.08883]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_surface_it_stands_on(theme):
    t = tokens(theme)
    for text, surface in product(("text_1", "text_2", "text_3"), ("surface", "raised", "hover")):
        assert contrast(getattr(t, text), getattr(t, surface)) >= 4.5, (text, surface)
    assert contrast(t.text_3, t.chosen) >= 4.5
    assert contrast(t.on_accent, t.accent) >= 4.5
    for state in ("ok", "warn", "err", "accent"):
        assert contrast(getattr(t, state), t.surface) >= 4.5, state
    for edge in ("control", "context"):
        assert contrast(getattr(t, edge), t.surface) >= 2.95, edge


@pytest.mark.parametrize(("theme", "sight"), list(product(THEMES, SIGHT)))
def test_eight_classes_can_be_told_apart_by_everybody(theme, sight):
    colours = [KNOWN[name].colour(theme) for name in EIGHT]
    distance = min(
        np.linalg.norm(lab(a, sight) - lab(b, sight)) for a, b in combinations(colours, 2)
    )
    assert distance >= SMALLEST[sight] - 1


@pytest.mark.parametrize("theme", THEMES)
def test_twenty_four_classes_have_colours_of_their_own_that_can_be_seen(theme):
    styles = ClassStyles([*EIGHT, *(f"kind {i}" for i in range(16))])
    listed = [styles[name].colour(theme) for name in styles if name not in (UNLABELLED, "other")]
    assert len(set(listed)) == 24
    others = [
        colour for colour in listed if colour not in {k.colour(theme) for k in KNOWN.values()}
    ]
    assert min(contrast(colour, tokens(theme).map) for colour in others) >= 2.5
    for one, other in combinations(others, 2):
        assert np.linalg.norm(lab(one, "normal") - lab(other, "normal")) > 15


def test_a_class_has_the_same_style_under_each_of_its_names():
    assert KNOWN["EB/EW"] == KNOWN["EW"]
    assert KNOWN["DSCT|GDOR|SXPHE"] == KNOWN["delta Sct"]
    assert KNOWN["RSCVn"] == KNOWN["RS"]


def test_no_style_changes_when_classes_come_or_go():
    many = ["QSO", "YSO", "CV", "SN Ia", "TDE", "EW", "AGN"]
    all_of_them = ClassStyles(many)
    for name in many:
        alone = ClassStyles([name])
        if name in KNOWN:
            assert all_of_them[name] == alone[name] == KNOWN[name]
    before = dict(all_of_them)
    for name in ("a new one", "EB/EW", "another"):
        assert all_of_them[name] not in before.values()
    assert {name: all_of_them[name] for name in before} == before


def test_every_marker_is_one_of_bokehs_and_none_of_the_bands():
    markers = {style.marker for style in ClassStyles([*EIGHT, *"abcdefghijklmnop"]).values()}
    assert markers <= set(MarkerType)
    assert not any("triangle" in marker or "star" in marker for marker in markers)


def test_the_page_declares_every_token_and_material_has_them_all():
    css = css_variables()
    for theme, t in THEMES.items():
        palette = material(theme)["palette"]["astra"]
        assert set(palette.values()) == set(asdict(t).values())
        for name in palette:
            assert f"--astra-{name}: var(--mui-palette-astra-{name});" in css


def test_a_chart_has_no_clutter_and_takes_the_colours_of_its_theme():
    plot = chart("dark", width=300, height=200)
    assert plot.toolbar_location is None
    assert plot.toolbar.logo is None
    assert plot.outline_line_color is None
    for theme, t in THEMES.items():
        restyle(plot, theme)
        assert plot.background_fill_color == t.surface
        assert plot.xaxis[0].major_label_text_color == t.text_3
        assert plot.ygrid[0].grid_line_color == t.grid
    assert plot.xaxis[0].major_label_text_font_size == "11px"


def test_figures_keep_their_own_colours_when_the_page_changes_its_theme():
    parts = figure_theme()._json["attrs"]
    assert {"Axis", "Grid", "Plot", "Legend", "Title"} <= set(parts)
