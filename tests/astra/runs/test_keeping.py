import subprocess
import sys

import pytest

from astra.data.errors import AstraError, StoreError
from astra.runs.jobs import Job
from astra.runs.keeping import away, bring_back, empty_trash, loss_of, put_away
from astra.runs.pointers import promote
from astra.runs.run import Run, list_runs


def names(observatory):
    return {run.name for run in list_runs(observatory)}


def test_a_run_goes_to_the_trash_and_comes_back(family):
    before = (family.run("grandchild") / "manifest.json").read_bytes()
    target = put_away(family, "grandchild", "trash")
    assert names(family) == {"first", "child"}
    assert (target / "manifest.json").read_bytes() == before
    assert bring_back(family, "grandchild").name == "grandchild"
    assert names(family) == {"first", "child", "grandchild"}
    assert away(family) == {"archive": [], "trash": []}


@pytest.mark.parametrize("place", ["trash", "archive"])
def test_what_others_need_stays(family, place):
    promote(family, "grandchild")
    with pytest.raises(AstraError, match="it is the current run"):
        put_away(family, "grandchild", place)
    with pytest.raises(AstraError, match="runs were made from it: child"):
        put_away(family, "first", place)
    assert names(family) == {"first", "child", "grandchild"}


def test_what_a_job_works_with_stays(family):
    job = Job.create(family, ["sky", "--run", "new", "--parent", "grandchild"], "new", "me")
    with pytest.raises(AstraError, match="jobs work with it: new"):
        put_away(family, "grandchild", "trash")
    job.progress.write_text('{"event": "cancelled"}\n')
    put_away(family, "grandchild", "trash")


def test_the_loss_counts_what_no_other_run_shares(family):
    loss = loss_of(family, "grandchild")
    files = list(family.run("grandchild").iterdir())
    periods = (family.run("grandchild") / "periods.arrow").stat().st_size
    assert loss.objects == 30
    assert loss.bytes == sum(path.stat().st_size for path in files)
    assert loss.bytes_alone == loss.bytes - periods


def test_the_loss_names_comparisons_and_the_way_back(family):
    promote(family, "grandchild")
    promote(family, "first")
    for name in ("first..grandchild", "grandchild..child", "first..child"):
        (family.comparisons / name).mkdir(parents=True)
    loss = loss_of(family, "grandchild")
    assert loss.comparisons == ("first..grandchild", "grandchild..child")
    assert "rolled back" in loss.beware[0]


def test_a_name_that_is_taken_again_is_not_overwritten(family):
    put_away(family, "grandchild", "archive")
    family.run("grandchild").mkdir()
    with pytest.raises(StoreError, match="there is a run grandchild again"):
        bring_back(family, "grandchild")
    with pytest.raises(StoreError, match="no run other"):
        bring_back(family, "other")


def test_emptying_the_trash_leaves_the_archive_and_the_shared_files(family):
    put_away(family, "grandchild", "trash")
    put_away(family, "child", "archive")
    assert empty_trash(family) == 1
    assert [path.name.partition("_")[2] for path in away(family)["archive"]] == ["child"]
    assert not away(family)["trash"]
    assert Run.open(family.run("first")).periods.num_rows == 30


def astra(family, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "astra.cli", *arguments, "--home", str(family.home)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_tells_and_refuses(family):
    promoted = astra(family, "promote", "child")
    assert "current: child" in promoted.stdout
    assert "current" in astra(family, "runs").stdout
    refused = astra(family, "runs", "delete", "child", "--yes")
    assert refused.returncode == 1
    assert "it is the current run" in refused.stderr
    gone = astra(family, "runs", "delete", "grandchild", "--yes")
    assert "30 objects" in gone.stdout
    assert "in the trash: grandchild" in astra(family, "runs").stdout
    assert "is back" in astra(family, "runs", "restore", "grandchild").stdout
    drawn = astra(family, "lineage", "grandchild").stdout
    assert "inherited from first" in drawn
    assert drawn.index("first") < drawn.index("child") < drawn.index("grandchild")
