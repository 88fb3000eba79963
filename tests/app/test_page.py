import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from bokeh.document import Document

from app.keyboard import KEYS
from app.page import Page, theme_of

APP = Path(__file__).parents[2] / "app"


@pytest.fixture
def page(session):
    return Page(session)


def visible(page):
    parts = {"map": page._map, "dock": page._dock, "ranked": page._ranked, **page._whole}
    return {name for name, part in parts.items() if part.visible}


@pytest.mark.parametrize(
    ("screen", "parts"),
    [
        ("explore", {"map", "dock"}),
        ("anomalies", {"map", "dock", "ranked"}),
        ("labels", {"labels"}),
        ("train", {"train"}),
    ],
)
def test_a_screen_is_a_choice_of_what_is_visible(page, session, screen, parts):
    page._go(screen)
    assert session.screen == screen
    assert visible(page) == parts
    assert f'data-press="{screen}" aria-current="page"' in page._rail.html


def test_one_tab_of_the_dock_is_open_and_labels_are_beside_the_map_too(page, session):
    def open_tabs():
        return [name for name, panel in page._panels.items() if panel.visible]

    assert open_tabs() == ["objects"]
    page._turn("summary")
    assert open_tabs() == ["summary"]
    assert not page._panels["labels"].objects
    page._turn("labels")
    assert session.screen == "explore"
    assert open_tabs() == ["labels"]
    assert page._panels["labels"].objects
    page._turn("objects")
    assert open_tabs() == ["objects"]
    session.screen = "anomalies"
    assert open_tabs() == []


def test_what_nobody_has_looked_at_is_not_sent_and_then_laid_once(page, session):
    tabs = ("summary", "why", "similar", "selections", "labels")
    panels = [*(page._panels[tab] for tab in tabs), page._ranked]
    assert not any(panel.objects for panel in panels)
    assert page._top.keys not in page._body.objects

    def look_at_all():
        for tab in tabs:
            page._turn(tab)
        session.screen = "anomalies"
        session.press("?")
        return [list(panel.objects) for panel in (*panels, page._body)]

    laid = look_at_all()
    assert all(laid)
    assert page._top.keys in laid[-1]
    assert look_at_all() == laid


def test_the_keys_of_a_panel_are_heard_before_it_is_laid(page, session):
    session.focus = 3
    session.press("t")
    assert session.similar.found is not None or session.similar.doing
    assert page._panels["similar"].visible and page._panels["similar"].objects


def test_presses_that_mean_nothing_do_nothing(page, session):
    page._go("nowhere")
    page._turn("nothing")
    assert session.screen == "explore"


def test_the_whole_page_becomes_one_root_of_a_document(page):
    document = Document()
    page.__panel__().server_doc(document)
    assert any(root.class_name == "Page" for root in document.roots if hasattr(root, "class_name"))
    names = [model.name for model in document.models]
    assert names.count("astra-map") == 1


def test_keys_undo_redo_and_clear_the_selection(page, session):
    import numpy as np

    session.select(np.arange(len(session.run)) < 5, "lasso")
    session.press("z")
    assert session.selected is None
    session.press("Shift+z")
    assert session.n_selected == 5
    session.press("Escape")
    assert session.selected is None


def test_among_labels_undo_is_of_labels(page, session):
    import numpy as np

    session.select(np.arange(len(session.run)) < 5, "lasso")
    session.screen = "labels"
    session.press("z")
    assert session.n_selected == 5


def test_the_keys_are_shown_and_put_away(page, session):
    session.press("?")
    assert page._top.keys.open
    session.press("Escape")
    assert not page._top.keys.open
    assert all(keys and does for keys, does in KEYS)


def test_the_chip_tells_the_selection_as_text(page, session):
    import numpy as np

    session.select(np.arange(len(session.run)) < 7, "class <b>x</b>")
    chip = page._top._actions.html
    assert "<b>7</b>" in chip
    assert "&lt;b&gt;x" in chip
    page._top._pressed("clear")
    assert "No selection" in page._top._actions.html


def test_an_id_is_searched_when_enter_is_pressed(page, session):
    page._top._search.value_input = "sky:LPV003"
    page._top._search.param.trigger("enter_pressed")
    assert session.run.object_id(session.focus) == "sky:LPV003"


def test_every_published_run_can_be_switched_to(page, session):
    items = page._top._runs.items
    assert [item["run"] for item in items] == ["second", "first"]
    page._top._switch(items[0])
    assert session.run.name == "second"
    assert page._top._runs.label == "sky › second"


def test_a_theme_that_is_chosen_is_kept_and_one_that_follows_is_not(page, session):
    page._keyboard.system = "light"
    assert session.theme == "light"
    assert page._keyboard.cookie == ""
    session.press("d")
    assert session.theme == "dark"
    assert page._keyboard.cookie == "astra-theme=dark"
    page._keyboard.system = "light"
    page._keyboard.system = "dark"
    page._keyboard.system = "light"
    assert session.theme == "dark"
    assert page._material.dark_theme


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ({}, ("dark", False)),
        ({"astra-system": "light"}, ("light", False)),
        ({"astra-theme": "light", "astra-system": "dark"}, ("light", True)),
        ({"astra-theme": "<script>", "astra-system": "x"}, ("dark", False)),
    ],
)
def test_the_first_paint_has_the_theme_that_the_browser_remembers(cookies, expected):
    assert theme_of(cookies) == expected


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_the_console_script_serves_the_page_from_any_folder(run_home, tmp_path):
    script = shutil.which("panel", path=str(Path(sys.executable).parent))
    port, log = free_port(), tmp_path / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [script, "serve", str(APP), "--port", str(port)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ASTRA_HOME": str(run_home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        text = fetch(f"http://127.0.0.1:{port}/app", server)
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in log.read_text()
    assert re.search(r"<title>Astra</title>", text)


def fetch(address, server, seconds=90):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server did not answer")
