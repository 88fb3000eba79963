import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from astra.data.errors import AstraError, StoreError
from astra.runs.checks import check_run
from astra.runs.pointers import Pointers, pointers, promote, roll_back, run_to_show
from astra.runs.run import Run, list_runs

LONG = int(os.environ.get("ASTRA_LONG", "0"))


def shown(family):
    return run_to_show(family, list_runs(family))


def test_nothing_is_current_before_anything_is_promoted(family):
    assert pointers(family, "sky") == Pointers()
    assert shown(family) == "grandchild"  # the newest


def test_promote_and_roll_back(family):
    promote(family, "first", by="ada")
    made = promote(family, "child", by="eve")
    assert (made.current, made.previous, made.by) == ("child", "first", "eve")
    assert pointers(family, "sky") == made
    assert shown(family) == "child"
    back = roll_back(family, "sky")
    assert (back.current, back.previous) == ("first", "child")
    assert roll_back(family, "sky").current == "child"


def test_promoting_what_is_current_changes_nothing(family):
    promote(family, "first")
    before = promote(family, "child")
    assert promote(family, "child") == before


def test_there_must_be_somewhere_to_go_back_to(family):
    promote(family, "first")
    with pytest.raises(AstraError, match="no run was current before"):
        roll_back(family, "sky")


def test_a_current_run_that_is_gone_gives_way_to_the_newest(family):
    promote(family, "first")
    (family.run("first") / "manifest.json").unlink()
    assert shown(family) == "grandchild"


def write(run, file, array):
    path = run.path / file
    path.chmod(0o644)
    np.save(path, array)


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("rows.npy", lambda rows: np.zeros_like(rows), "rows.npy does not name each"),
        ("projection.npy", lambda xy: np.where([[True], *[[False]] * 29], np.nan, xy), "row 0"),
        ("embeddings.npy", lambda e: e[:-1], "29 rows for 30"),
        ("neighbours.npy", lambda near: near + 30, "objects that there are not"),
        ("probabilities.npy", lambda p: p * 0, "do not sum to 1"),
    ],
)
def test_what_is_not_whole_is_not_promoted(family, remanifest, file, spoil, said):
    run = Run.open(family.run("child"))
    check_run(run)
    write(run, file, spoil(np.load(run.path / file)))
    with pytest.raises(StoreError):  # a byte is not what the manifest says
        promote(family, "child")
    remanifest(run.path)
    with pytest.raises(StoreError, match=said):
        promote(family, "child")
    assert pointers(family, "sky") == Pointers()


SWITCHER = """
import sys
from astra.data.observatory import Observatory
from astra.runs.pointers import promote, roll_back
observatory = Observatory(sys.argv[1])
print("ready", flush=True)
while True:
    promote(observatory, "child")
    roll_back(observatory, "sky")
"""


def test_killed_at_any_moment_the_pointer_is_valid(family):
    promote(family, "first")
    promote(family, "child")
    generator = np.random.default_rng(0)
    for _ in range(100 if LONG else 5):
        process = subprocess.Popen(
            [sys.executable, "-c", SWITCHER, str(family.home)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(generator.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = pointers(family, "sky")
        assert {now.current, now.previous} == {"first", "child"}
        check_run(Run.open(family.run(now.current)))


def test_a_file_that_says_nothing_is_an_error_that_names_it(family):
    family.pointers.mkdir()
    (family.pointers / "sky.json").write_text("{}x")
    with pytest.raises(StoreError, match=r"sky\.json"):
        pointers(family, "sky")
