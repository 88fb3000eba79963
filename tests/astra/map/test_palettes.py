import re

import numpy as np
import pytest
from bokeh.palettes import Cividis256, Inferno256, to_rgba_array

from astra.map.palettes import SURFACES, class_palette, density_palette, score_palette
from astra.map.shading import class_levels, ramp_levels

THEMES = ("dark", "light")
CLASSES = ["#56B4E9", "#0072B2", "#E69F00", "#F0E442", "#009E73", "#D55E00", "#CC79A7", "#FFFFFF"]


def rgb(palette):
    return to_rgba_array(palette)[:, :3].astype(int)


def mixed(one, other, share):
    return (1 - share) * rgb([one]) + share * rgb([other])


def all_palettes():
    for theme in THEMES:
        background, context = SURFACES[theme]
        for palette in (density_palette, score_palette):
            yield palette(theme), background
            yield palette(theme, with_selection=True), background
        for classes in (1, 8, 20):
            colours = (CLASSES * 3)[:classes]
            yield class_palette(colours, background), background
            yield class_palette(colours, background, context), background


def test_a_palette_is_256_hex_colours_on_the_background():
    for palette, background in all_palettes():
        assert len(palette) == 256
        assert all(re.fullmatch("#[0-9a-fA-F]{6}", colour) for colour in palette)
        assert palette[0] == background


@pytest.mark.parametrize("theme", THEMES)
def test_denser_stands_out_more_from_the_map(theme):
    background = SURFACES[theme].background
    luminance = rgb(density_palette(theme)) @ [0.2126, 0.7152, 0.0722]
    rising = np.diff(luminance[1:]) * (1 if theme == "dark" else -1)
    assert (rising >= -1).all()
    contrast = np.abs(luminance - rgb([background]) @ [0.2126, 0.7152, 0.0722])
    assert contrast[-1] > 180
    assert contrast[1] > 20


def test_the_ends_of_the_ramps_are_those_of_the_design():
    ends = {
        (Cividis256, "dark", 0.12, 1.0): density_palette("dark"),
        (Cividis256, "light", 0.80, 0.0): density_palette("light"),
        (Inferno256, "dark", 0.22, 0.93): score_palette("dark"),
        (Inferno256, "light", 0.22, 0.93): score_palette("light"),
    }
    for (ramp, _, first, last), palette in ends.items():
        for fraction, colour in ((first, palette[1]), (last, palette[255])):
            assert colour.lower() == ramp[round(fraction * (len(ramp) - 1))].lower()


def test_levels_of_a_class_run_from_faint_to_its_colour():
    background = SURFACES["dark"].background
    palette = class_palette(CLASSES, background)
    for k, colour in enumerate(CLASSES):
        assert palette[(k + 1) * class_levels(8)].upper() == colour
        faintest = rgb([palette[1 + k * class_levels(8)]])
        assert np.abs(faintest - mixed(background, colour, 0.20)).max() <= 2
    assert palette[241:] == [background] * 15


def test_what_is_not_selected_is_grey_and_keeps_a_trace_of_its_class():
    background, context = SURFACES["dark"]
    palette, levels = class_palette(CLASSES, background, context), class_levels(8, True)
    for k, colour in enumerate(CLASSES):
        outside, inside = (palette[1 + (k + half) * levels :][:levels] for half in (0, 8))
        trace = mixed(colour, context, 0.58)
        for end, strength in ((0, 0.12), (-1, 0.62)):
            expected = (1 - strength) * rgb([background]) + strength * trace
            assert np.abs(rgb([outside[end]]) - expected).max() <= 3
        assert np.abs(rgb([inside[0]]) - mixed(background, colour, 0.45)).max() <= 2
        assert inside[-1].upper() == colour


@pytest.mark.parametrize("theme", THEMES)
def test_of_a_ramp_with_a_selection_the_second_half_is_the_ramp(theme):
    with_selection, levels = density_palette(theme, True), ramp_levels(True)
    alone = density_palette(theme)
    for end in (1, -1):
        chosen = with_selection[1 + levels : 1 + 2 * levels]
        assert chosen[0 if end == 1 else -1] == alone[end]
    colourful = np.ptp(rgb(with_selection), axis=1)
    assert colourful[1 : 1 + levels].mean() < colourful[1 + levels :].mean() / 2
