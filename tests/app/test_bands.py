import itertools

import pytest

from app.drawing.bands import band_styles, look_of
from astra.data.bands import BANDS, band

RTN_045 = {
    "u": ("#1600EA", "#3eb7ff", "circle"),
    "g": ("#31DE1F", "#30c39f", "triangle"),
    "r": ("#B52626", "#ff7e00", "inverted_triangle"),
    "i": ("#370201", "#2af5ff", "square"),
    "z": ("#BA52FF", "#a7f9c1", "star"),
    "y": ("#61A2B3", "#fdc900", "hex"),
}
TOGETHER = (
    ("ztf_g", "ztf_r", "ztf_i", "atlas_c", "atlas_o", "asassn_g", "asassn_V", "css_V"),
    ("jc_U", "jc_B", "jc_V", "jc_R", "jc_I"),
    ("csp_u", "csp_B", "csp_g", "csp_r", "csp_i"),
    ("swift_uvw2", "swift_uvm2", "swift_uvw1", "swift_u", "swift_b", "swift_v"),
    ("ptf_g", "ptf_R", "ptf_r", "ptf_i"),
)
SURFACE = {"light": "#fafaf7", "dark": "#141a28"}


def linear(channel):
    channel /= 255
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour):
    red, green, blue = (linear(channel) for channel in bytes.fromhex(colour[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour):
    red, green, blue = (linear(channel) for channel in bytes.fromhex(colour[1:]))
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other):
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


@pytest.mark.parametrize("name", [name for name in BANDS if BANDS[name].filter in RTN_045])
def test_ugrizy_of_every_survey_look_as_in_rtn_045(name):
    light, dark, marker = RTN_045[band(name).filter]
    seen = [band_styles([band(name)], theme)[0] for theme in ("light", "dark")]
    assert [style.colour for style in seen] == [light, dark]
    assert [style.marker for style in seen] == [marker, marker]


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("jc_I", "i"), ("jc_R", "r"), ("jc_U", "u"), ("hst_F814W", "i"), ("hst_F475W", "g"),
        ("eros_B", "B"), ("eros_R", "r"), ("gaia_BP", "g"), ("gaia_G", "r"), ("swift_v", "V"),
        ("hipparcos_Hp", "V"), ("atlas_c", "c"), ("gen_Y", "y"), ("css_V", "V"),
    ],
)  # fmt: skip
def test_other_filters_take_the_look_of_their_letter_or_of_their_neighbour(name, look):
    assert look_of(band(name)) == look


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("names", TOGETHER)
def test_bands_of_one_light_curve_can_be_told_apart(names, theme):
    styles = band_styles([band(name) for name in names], theme)
    for one, other in itertools.combinations(styles, 2):
        far = difference(one.colour, other.colour) > 30 or one.marker != other.marker
        assert far or difference(one.colour, other.colour) > 15, (one.label, other.label)
    assert len({(style.colour, style.marker) for style in styles}) == len(styles)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", BANDS)
def test_marks_stand_out_from_the_surface(name, theme):
    style = band_styles([band(name)], theme)[0]
    outlined = contrast(style.outline, SURFACE["light"]) if theme == "light" else 0
    assert max(contrast(style.colour, SURFACE[theme]), outlined) >= 3
    assert contrast(style.small, SURFACE[theme]) >= 3


def test_labels_name_the_survey_only_where_several_meet():
    assert [s.label for s in band_styles([band("ztf_g"), band("ztf_r")], "dark")] == ["g", "r"]
    mixed = band_styles([band("ztf_g"), band("atlas_o")], "dark")
    assert [s.label for s in mixed] == ["ztf g", "atlas o"]
