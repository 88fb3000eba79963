from pathlib import Path

import numpy as np
import pytest

from astra.labels.agreement import STATES, Opinions
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.labels.taxonomy import Taxonomy


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    store = LabelStore(tmp_path / "labels.sqlite")
    say(store, "MK", {"both": "RRab", "split": "RRc", "mine": "EA", "done": "EW", "same": "RRAB"})
    say(store, "JL", {"both": "RRab", "split": "EW", "done": "EB", "same": "RRab"})
    say(store, "AT", {"both": "RRab", "dark": None}, confidence=0.0)
    say(store, "AT", {"done": "EB"}, origin="adjudication")
    return store


def say(store: LabelStore, who: str, words: dict, **more) -> None:
    store.append([Label(o, word, who, **more) for o, word in words.items()])


def test_every_object_is_in_one_state(store: LabelStore) -> None:
    opinions = Opinions.of(store, Taxonomy.default())
    assert dict(opinions.states) == {
        "both": "agree",
        "split": "conflict",
        "mine": "one",
        "done": "adjudicated",
        "dark": "unsure",
        "same": "agree",
    }
    assert opinions.counts == {"one": 1, "agree": 2, "conflict": 1, "adjudicated": 1, "unsure": 1}
    assert {opinions.in_state(state)[0] for state in STATES} >= {"split", "done"}


def test_synonyms_do_not_clash(store: LabelStore) -> None:
    assert Opinions.of(store).states["same"] == "conflict"
    assert Opinions.of(store, Taxonomy.default()).states["same"] == "agree"


def test_a_changed_mind_settles_a_conflict_and_undo_brings_it_back(store: LabelStore) -> None:
    say(store, "JL", {"split": "RRc"})
    assert Opinions.of(store).states["split"] == "agree"
    store.undo("JL")
    assert Opinions.of(store).states["split"] == "conflict"


def test_conflicts_are_counted_by_the_classes_that_clash(store: LabelStore) -> None:
    say(store, "MK", {f"x{i}": "RSCVn" for i in range(3)})
    say(store, "JL", {f"x{i}": "EW" for i in range(3)})
    clashes = Opinions.of(store, Taxonomy.default()).clashes
    assert [tuple(clash) for clash in clashes] == [("EW", "RSCVn", 3), ("EW", "RRc", 1)]


def test_pairs_and_classes_are_scored_on_what_they_share(tmp_path: Path) -> None:
    from sklearn.metrics import cohen_kappa_score

    store = LabelStore(tmp_path / "l.sqlite")
    dice = np.random.default_rng(2)
    truth = dice.choice(["EA", "EW", "RRc"], 120)
    said = {}
    for who, part in (("MK", slice(0, 100)), ("JL", slice(20, 120)), ("AT", slice(60, 90))):
        words = np.where(dice.random(120) < 0.8, truth, dice.choice(["EA", "EW", "RRc"], 120))
        said[who] = {f"o{i:03d}": str(words[i]) for i in range(120)[part]}
        say(store, who, said[who])
    opinions = Opinions.of(store)
    for pair in opinions.pairs:
        shared = [o for o in said[pair.first] if o in said[pair.second]]
        votes = ([said[who][o] for o in shared] for who in pair[:2])
        assert pair.agreement.value == pytest.approx(cohen_kappa_score(*votes))
        assert pair.agreement.objects == len(shared)
    assert [pair.agreement.objects for pair in opinions.pairs] == [80, 30, 30]
    assert 0.4 < opinions.overall.low < opinions.overall.value < opinions.overall.high < 1
    assert set(opinions.by_class) == {"EA", "EW", "RRc"}
    assert opinions.fleiss.objects == 50
    assert opinions.median_seconds != opinions.median_seconds


def test_who_is_asked_again_is_compared_with_themselves(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "l.sqlite")
    say(store, "MK", {f"o{i}": "EA" if i % 2 else "EW" for i in range(20)})
    say(store, "MK", {f"o{i}": "EA" if i % 2 else "EW" for i in range(18)}, origin="repeat")
    say(store, "MK", {"o18": "EA", "o19": "EA"}, origin="repeat")
    (agreement,) = Opinions.of(store).consistency.values()
    assert agreement.objects == 20
    assert agreement.value == pytest.approx(0.9)
    assert dict(store.current()[["object_id", "label"]].values)["o18"] == "EW"


def test_an_empty_log_has_no_agreement(tmp_path: Path) -> None:
    opinions = Opinions.of(LabelStore(tmp_path / "l.sqlite"), Taxonomy.default())
    assert opinions.counts == dict.fromkeys(STATES, 0)
    assert opinions.pairs == []
    assert opinions.clashes == []
    assert opinions.by_class == {}
    assert np.isnan(opinions.overall.value)
    assert opinions.consistency == {}
