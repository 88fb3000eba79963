"""Tokens of both themes, and what pages, stylesheets and figures take from them."""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bokeh.plotting import figure
from bokeh.themes import Theme

FONT = 'Inter, "Segoe UI", system-ui, sans-serif'
MONO = '"IBM Plex Mono", ui-monospace, Menlo, Consolas, monospace'
HALO = 3.5
_DURATIONS = ("shortest", "shorter", "short", "standard", "enteringScreen", "leavingScreen")
STATIC = Path(__file__).parent / "static"
CARD = {
    "background": "var(--astra-surface)",
    "border": "1px solid var(--astra-line)",
    "border-radius": "6px",
    "padding": "8px 12px",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one theme, ``#rrggbb``, by what they are for.

    Text on any of ``surface``, ``raised``, ``hover`` and ``chosen`` has a contrast of at least
    4.5:1, controls and marks of at least 3:1.
    """

    map: str
    page: str
    surface: str
    raised: str
    hover: str
    line: str
    line_strong: str
    control: str
    text_1: str
    text_2: str
    text_3: str
    accent: str
    on_accent: str
    chosen: str
    ok: str
    warn: str
    err: str
    context: str
    grid: str
    ring: str


DARK = Tokens(
    map="#0f1420", page="#0b0f19", surface="#141a28", raised="#1b2233", hover="#242d42",
    line="#232b3e", line_strong="#36415b", control="#5a6784",
    text_1="#e7ebf3", text_2="#a9b4c8", text_3="#909bb1",
    accent="#93a5ff", on_accent="#0b1026", chosen="#232c55",
    ok="#5fd0a5", warn="#f0b454", err="#ff8a7a", context="#5a6784", grid="#1e2637",
    ring="#ffffff",
)  # fmt: skip
LIGHT = Tokens(
    map="#fbfbf9", page="#f3f3ef", surface="#fafaf7", raised="#ffffff", hover="#ecece7",
    line="#e2e2dc", line_strong="#c6c7c0", control="#8a8e97",
    text_1="#1a2130", text_2="#4a5466", text_3="#5d6779",
    accent="#4150c6", on_accent="#ffffff", chosen="#e4e7fb",
    ok="#0f7a57", warn="#9a5b00", err="#b3331f", context="#8b93a1", grid="#ebebe6",
    ring="#1a2130",
)  # fmt: skip


def tokens(theme: str) -> Tokens:
    """Colours of a theme, ``dark`` or ``light``."""
    return DARK if theme == "dark" else LIGHT


def css_variables() -> str:
    """Declare ``--astra-<token>`` at the root, following the page's theme; shadow roots inherit."""
    names = [name.replace("_", "-") for name in asdict(DARK)]
    lines = [f"--astra-{name}: var(--mui-palette-astra-{name});" for name in names]
    fonts = [f"--astra-font: {FONT};", f"--astra-mono: {MONO};"]
    return ":root {\n  " + "\n  ".join(lines + fonts) + "\n}"


@cache
def stylesheet(name: str) -> str:
    """Text of ``static/<name>.css``, for the shadow root of one component."""
    return (STATIC / f"{name}.css").read_text()


def material(theme: str) -> dict[str, Any]:
    """What Material UI's ``createTheme`` is told of a theme."""
    t = tokens(theme)
    one_colour = {"main": t.text_2, "light": t.hover, "dark": t.text_2, "contrastText": t.surface}
    return {
        "palette": {
            "primary": {"main": t.accent, "contrastText": t.on_accent},
            "success": {"main": t.ok},
            "warning": {"main": t.warn},
            "error": {"main": t.err},
            "default": one_colour,
            "background": {"default": t.surface, "paper": t.surface},
            "text": {"primary": t.text_1, "secondary": t.text_2, "disabled": t.text_3},
            "divider": t.line,
            "action": {"hover": t.hover, "selected": t.chosen, "active": t.text_2},
            "astra": {name.replace("_", "-"): value for name, value in asdict(t).items()},
        },
        "shape": {"borderRadius": 4},
        "typography": {
            "fontFamily": FONT,
            "body1": {"fontSize": "13px", "lineHeight": "20px"},
            "body2": {"fontSize": "12px", "lineHeight": "16px"},
            "button": {"fontSize": "12px", "lineHeight": "16px", "fontWeight": 500},
            "caption": {"fontSize": "11px", "lineHeight": "14px"},
        },
        "transitions": {"duration": dict.fromkeys(_DURATIONS, 120)},
        "components": _components(t),
    }


def _components(t: Tokens) -> dict[str, Any]:
    paper = {"backgroundImage": "none", "border": f"1px solid {t.line_strong}"}
    tip = {
        "fontSize": "11px",
        "backgroundColor": t.raised,
        "color": t.text_1,
        "border": f"1px solid {t.line_strong}",
    }
    return {
        **_buttons(t),
        "MuiOutlinedInput": _field(t),
        "MuiMenuItem": {"styleOverrides": {"root": {"fontSize": "12px", "minHeight": "28px"}}},
        "MuiPaper": {"styleOverrides": {"root": paper}},
        "MuiAppBar": {"styleOverrides": {"root": {"border": 0, "boxShadow": "none"}}},
        "MuiTooltip": {"styleOverrides": {"tooltip": tip, "arrow": {"color": t.raised}}},
    }


def _buttons(t: Tokens) -> dict[str, Any]:
    focused = {"&:focus-visible": {"outline": f"1.5px solid {t.text_1}"}}
    button = {"minWidth": 0, "minHeight": "28px", "padding": "0 10px", "boxShadow": "none"}
    outlined = {
        "borderColor": t.control,
        "color": t.text_1,
        "backgroundColor": t.raised,
        "&:hover": {"backgroundColor": t.hover, "borderColor": t.control},
    }
    icon = {"borderRadius": "4px", "color": t.text_2, "&:hover": {"backgroundColor": t.hover}}
    return {
        "MuiButtonBase": {"defaultProps": {"disableRipple": True}},
        "MuiButton": {
            "defaultProps": {"disableElevation": True},
            "styleOverrides": {"root": {**button, **focused}, "outlined": outlined},
        },
        "MuiIconButton": {"styleOverrides": {"root": {**icon, **focused}}},
    }


def _field(t: Tokens) -> dict[str, Any]:
    root = {"&, & input": {"fontSize": "12px"}, "backgroundColor": t.raised, "borderRadius": "4px"}
    return {
        "styleOverrides": {
            "root": {**root, "&:hover .MuiOutlinedInput-notchedOutline": {}},
            "input": {"padding": "5px 10px", "height": "18px"},
            "notchedOutline": {"borderColor": t.control},
        }
    }


def chart(theme: str, **options: Any) -> figure:
    """A Bokeh figure as Astra draws charts: no toolbar, no title, axes below and at the left.

    Parameters
    ----------
    theme : str
        ``dark`` or ``light``; change it later with `restyle`.
    **options
        Anything that ``bokeh.plotting.figure`` takes; ``tools`` is empty unless given.
    """
    options = {"tools": "", "toolbar_location": None, "min_border": 0, **options}
    plot = figure(**options)
    plot.toolbar.logo = None
    plot.outline_line_color = None
    for axis in plot.axis:
        axis.minor_tick_line_color = None
        axis.major_tick_in, axis.major_tick_out = 0, 4
        axis.major_label_text_font = axis.axis_label_text_font = "Inter"
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 4
    plot.xgrid.visible = False
    restyle(plot, theme)
    return plot


def restyle(plot: figure, theme: str, background: str = "surface") -> None:
    """Give a figure the colours of a theme; ``background`` names one of the `Tokens`."""
    t = tokens(theme)
    plot.background_fill_color = plot.border_fill_color = getattr(t, background)
    for axis in plot.axis:
        axis.axis_line_color = axis.major_tick_line_color = t.line_strong
        axis.major_label_text_color, axis.axis_label_text_color = t.text_3, t.text_2
    plot.grid.grid_line_color = t.grid


def figure_theme() -> Theme:
    """Name the parts of figures that panel-material-ui must not recolour by itself.

    Set as the document's theme before the page is served; `chart` and `restyle` colour them.
    """
    parts = ("Axis", "Grid", "Legend", "Title", "BaseColorBar", "Plot")
    return Theme(json={"attrs": {part: {} for part in parts}})
