import shutil

from astra.runs.lineage import lineage
from astra.runs.pointers import promote
from astra.runs.run import Run


def test_every_artefact_is_traced_to_the_run_that_made_it(family):
    promote(family, "child")
    found = lineage(family, "grandchild")
    assert [generation.run for generation in found.generations] == ["first", "child", "grandchild"]
    assert [generation.is_current for generation in found.generations] == [False, True, False]
    assert found.fingerprint == Run.open(family.run("first")).survey.fingerprint
    made_in = {step.artefact: step.made_in for step in found.generations[-1].steps}
    assert made_in.pop("periods") == "first"
    assert set(made_in.values()) == {"grandchild"}
    hashes = {step.artefact: step.hash for step in found.generations[-1].steps}
    run = Run.open(family.run("grandchild"))
    assert hashes == {name: run.artefact(name).hash for name in hashes}


def test_a_parent_that_is_gone_is_named(family):
    shutil.rmtree(family.run("first"))
    found = lineage(family, "grandchild")
    assert found.lost == "first"
    assert [generation.run for generation in found.generations] == ["child", "grandchild"]
