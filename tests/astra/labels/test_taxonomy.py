import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from astra.labels.label import Label, LabelError
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies
from astra.labels.taxonomy import Taxonomy, TaxonomyClass
from astra.labels.taxonomy_files import (
    parse_taxonomy,
    read_taxonomy,
    to_json,
    to_toml,
    write_taxonomy,
)

# The classes of the catalogues of variables and transients that Astra reads, and of its own sky.
CATALOGUES = """EB/EW RRab EA RRc LPV RSCVn CEP DSCT Periodic-Other QSO YSO Microlensing CV/Nova
SNIa SLSN SNcc TDE AGN Blazar SOLAR_LIKE ECL DSCT|GDOR|SXPHE RS RR S ELL CV ROT EW SR PULS EB GDOR M
SXPHE FLICKER UG DCEP FLARE STOCH Seyfert DIP BURST WTTS CW NL AM DCEPS RRd EXOR"""
SPOKEN = {
    "RR Lyrae, Fundamental Mode": "RRab",
    "delta Scuti": "DSCT",
    "δ Sct": "DSCT",
    "Algol (Beta Persei)": "EA",
    "W Ursae Majoris": "EW",
    "SN Ia": "SNIa",
    "sn_ia": "SNIa",
    "RRAB": "RRab",
    "rs cvn": "RSCVn",
    "II P": "SN IIP",
    "no such class": "no such class",
}

# The head of a file of SkyPortal's timedomain-taxonomy, in its manner.
SKYPORTAL = """
class: Rotating
subclasses:
  - class: Alpha2 CVn
    tags: [type B8p-A7p, main sequence]
    other names: [Alpha2 Canum Venaticorum, ACV]
    subclasses:
      - class: Rapidly Oscillating
        tags: [class Ap]
        other names: [ACVO, roAp]
  - class: Pulsar
    comments: |
      A neutron star.
    other names: [PSR]
  - class: BY Dra
    other names: [BY, ACV]
"""


@pytest.fixture
def small() -> Taxonomy:
    return Taxonomy(
        "small",
        (
            TaxonomyClass("RR", synonyms=("RR Lyrae",)),
            TaxonomyClass("RRab", "RR", colour="#E69F00", hotkey="1", guideline='Fast "rise"\n.'),
            TaxonomyClass("RRc", "RR", hotkey="2"),
            TaxonomyClass("Blazhko", "RRab"),
            TaxonomyClass("EA"),
        ),
    )


@pytest.mark.parametrize("name", CATALOGUES.split())
def test_the_first_taxonomy_knows_the_classes_of_the_catalogues(name: str) -> None:
    found = Taxonomy.default().find(name)
    assert found is not None
    assert name in (found.name, *found.synonyms)


@pytest.mark.parametrize(("said", "meant"), SPOKEN.items())
def test_names_and_synonyms_stand_for_one_class(said: str, meant: str) -> None:
    assert Taxonomy.default().canonical(said) == meant


def test_a_name_that_is_so_wins_over_one_that_sounds_so() -> None:
    taxonomy = Taxonomy("t", (TaxonomyClass("SN-I"), TaxonomyClass("SN I")))
    assert taxonomy.canonical("SN I") == "SN I"
    assert taxonomy.canonical("SN-I") == "SN-I"


def test_the_tree_is_walked_from_the_top(small: Taxonomy) -> None:
    assert [(depth, entry.name) for depth, entry in small.walk()] == [
        (0, "RR"),
        (1, "RRab"),
        (2, "Blazhko"),
        (1, "RRc"),
        (0, "EA"),
    ]
    assert small.lineage("Blazhko") == ["RR", "RRab", "Blazhko"]
    assert small.hotkeys == {"1": "RRab", "2": "RRc"}
    default = Taxonomy.default()
    assert sorted(entry.name for _, entry in default.walk()) == sorted(
        entry.name for entry in default.classes
    )


@pytest.mark.parametrize("to_text", [to_toml, to_json])
def test_files_give_the_same_back(small: Taxonomy, to_text) -> None:
    suffix = ".toml" if to_text is to_toml else ".json"
    for taxonomy in (small, Taxonomy.default()):
        assert parse_taxonomy(suffix, to_text(taxonomy), "x") == taxonomy
        assert parse_taxonomy(suffix, to_text(taxonomy), "x").hash == taxonomy.hash
    tomllib.loads(to_toml(small))
    json.loads(to_json(small))


def test_a_taxonomy_of_skyportal_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rotating.yaml"
    path.write_text(SKYPORTAL)
    taxonomy = read_taxonomy(path)
    assert taxonomy.name == "rotating"
    assert taxonomy.lineage("Rapidly Oscillating") == [
        "Rotating",
        "Alpha2 CVn",
        "Rapidly Oscillating",
    ]
    assert taxonomy.canonical("roAp") == "Rapidly Oscillating"
    # Two classes claim it: the first keeps it.
    assert taxonomy.canonical("ACV") == "Alpha2 CVn"
    pulsar = taxonomy.find("PSR")
    assert pulsar is not None
    assert pulsar.guideline == "A neutron star."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class: A\nsubclasses: [{tags: [x]}]", "below 'A'"),
        ("[1, 2]", "at the top"),
        ("a: [", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_other_yaml_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(text)
    with pytest.raises(LabelError, match=reason) as refused:
        read_taxonomy(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        ([{"name": "A"}, {"name": "A"}], "'A' is there twice"),
        ([{"name": "A", "synonyms": ["x"]}, {"name": "B", "synonyms": ["x"]}], "both 'A' and 'B'"),
        ([{"name": "A", "synonyms": ["B"]}, {"name": "B"}], "both 'A' and 'B'"),
        ([{"name": "A", "parent": "B"}], "parent 'B' of class 'A'"),
        ([{"name": "A", "parent": "B"}, {"name": "B", "parent": "A"}], "below itself"),
        ([{"name": "A", "hotkey": "1"}, {"name": "B", "hotkey": "1"}], "hotkey 1 of 'B'"),
        ([{"name": "A", "hotkey": "12"}], "use 1 to 9"),
        ([{"name": "A", "colour": "red"}], "use #rrggbb"),
        ([{"name": ""}], "class is empty"),
        ([{"name": "A", "color": "#ffffff"}], "unknown field 'color'"),
        ([{"name": "A", "synonyms": "x, y", "hotkey": 1}], "hotkey is not text"),
        (["A"], "class 1"),
    ],
)
def test_a_taxonomy_that_contradicts_itself_is_refused(classes: list, reason: str) -> None:
    with pytest.raises(LabelError, match=reason):
        Taxonomy.from_dict({"name": "t", "classes": classes})


def test_edits_keep_the_tree_whole(small: Taxonomy) -> None:
    renamed = small.put(replace(small.classes[1], name="RR Lyrae ab"), instead_of="RRab")
    assert renamed.lineage("Blazhko") == ["RR", "RR Lyrae ab", "Blazhko"]
    assert renamed.hash != small.hash
    assert small.without("RRab").lineage("Blazhko") == ["RR", "Blazhko"]
    assert small.put(TaxonomyClass("EB")).find("EB") is not None
    with pytest.raises(LabelError, match="renamed or removed"):
        small.without("gone")


def test_versions_are_kept_and_none_is_lost_to_another_editor(
    tmp_path: Path, small: Taxonomy
) -> None:
    book = Taxonomies(tmp_path / "labels.sqlite")
    first = book.now()
    assert (first.number, first.taxonomy) == (0, Taxonomy.default())
    saved = book.save(small, "ann", instead_of=first.taxonomy.hash)
    assert (saved.number, saved.annotator, saved.taxonomy) == (1, "ann", small)
    with pytest.raises(LabelError, match="ann saved version 1"):
        book.save(small.without("EA"), "bob", instead_of=first.taxonomy.hash)
    book.save(small.without("EA"), "bob", instead_of=small.hash)
    assert book.save(small.without("EA"), "bob", instead_of="old").number == 2
    assert [version.annotator for version in book.versions()] == ["ann", "bob"]
    assert book.of_hash(small.hash) == small
    assert book.of_hash(first.taxonomy.hash) == Taxonomy.default()
    assert book.of_hash("0" * 64) is None


def test_labels_keep_the_version_under_which_they_were_given(
    tmp_path: Path, small: Taxonomy
) -> None:
    path = tmp_path / "labels.sqlite"
    book, store = Taxonomies(path), LabelStore(path)
    book.save(small, "ann", instead_of=book.now().taxonomy.hash)
    store.append([Label("a", "RRab", "ann", taxonomy=book.now().taxonomy.hash)])
    book.save(small.without("RRab"), "ann", instead_of=small.hash)
    assert book.of_hash(store.events()["taxonomy"][0]) == small
    assert book.now().taxonomy == small.without("RRab")


def test_a_file_written_is_read_again(tmp_path: Path, small: Taxonomy) -> None:
    for name in ("t.toml", "t.json"):
        write_taxonomy(small, tmp_path / name)
        assert read_taxonomy(tmp_path / name) == small
    with pytest.raises(LabelError, match=r"t\.txt"):
        write_taxonomy(small, tmp_path / "t.txt")
