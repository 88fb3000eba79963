import re
import urllib.request

import pytest
from bokeh.util.token import get_session_id

TOKEN = re.compile(r'"token":"([^"]+)"')
SERVED = re.compile(r'(?:src|href)="(static/[^"]+)"')


@pytest.fixture(scope="module")
def address(run_home, serve):
    return serve(run_home).address


def answer(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as reply:
        return reply.read().decode(errors="replace"), reply.headers


def test_all_visitors_are_told_the_same_but_for_their_token(address):
    (one, headers), (other, _) = answer(address), answer(address)
    tokens = [TOKEN.search(page)[1] for page in (one, other)]
    assert get_session_id(tokens[0]) != get_session_id(tokens[1])
    assert TOKEN.sub("", one) == TOKEN.sub("", other)
    assert headers["Cache-Control"] == "no-store"
    assert "<title>Astra</title>" in one


def test_every_file_that_the_answer_names_is_there(address):
    page, _ = answer(address)
    files = SERVED.findall(page)
    assert any("es-module-shims" in name for name in files)
    for name in files:
        content, _ = answer(address.removesuffix("app") + name)
        assert content


def test_the_scripts_that_are_read_early_are_those_of_the_page(address):
    page, _ = answer(address)
    early = re.search(r'importShim\("\./(static/[^"]+)"\)', page)[1]
    assert f'<link rel="preload" as="fetch" crossorigin href="./{early}">' in page
    content, _ = answer(address.removesuffix("app") + early.split("?")[0])
    assert "createRoot" in content


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_ground_has_the_theme_that_the_browser_remembers(address, theme):
    page, _ = answer(address, Cookie=f"astra-theme={theme}")
    assert ("background-color: #121212" in page) == (theme == "dark")


def test_a_session_of_ones_own_choice_is_given(address):
    page, _ = answer(f"{address}?bokeh-session-id=mine")
    assert get_session_id(TOKEN.search(page)[1]) == "mine"
