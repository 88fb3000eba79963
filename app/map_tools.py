"""Buttons above the map: what dragging does, and zooming without a wheel."""

from app.map_figure import TOOLS

TOOL_KEYS = {"v": "pan", "l": "lasso", "r": "box"}
_ICONS = {"pan": "pan_tool", "lasso": "gesture", "box": "highlight_alt"}
_ZOOM = (
    ("out", "remove", "Zoom out (-)"),
    ("in", "add", "Zoom in (+)"),
    ("fit", "fit_screen", "Fit the map"),
)


def tool_buttons(active: str) -> str:
    """Segments that choose a tool, each with its key."""
    keys = {tool: key.upper() for key, tool in TOOL_KEYS.items()}
    buttons = "".join(
        f'<button class="control" data-press="{tool}" aria-pressed="'
        f'{str(tool == active).lower()}"><i class="icon">{_ICONS[tool]}</i>'
        f"{tool.capitalize()}<kbd>{keys[tool]}</kbd></button>"
        for tool in TOOLS
    )
    return f'<div class="segments">{buttons}</div>'


def zoom_buttons() -> str:
    """Segments that zoom out, in, and fit the map."""
    buttons = "".join(
        f'<button class="control" data-press="{press}" title="{title}" aria-label="{title}">'
        f'<i class="icon">{icon}</i></button>'
        for press, icon, title in _ZOOM
    )
    return f'<div class="segments zoom">{buttons}</div>'
