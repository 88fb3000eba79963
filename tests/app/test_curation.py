import numpy as np
import pandas as pd
import pytest

from app import screens
from app.curation import curation_of
from app.markup.curation_html import PAGE_SIZE
from app.views.agreement import AgreementView
from app.views.conflict import ConflictView
from app.views.label_queue import QueueView
from app.views.labels import LabelsView
from app.views.taxonomy import TaxonomyView
from astra.labels.agreement import Opinions
from astra.labels.label import Label
from astra.labels.second_look import write_second_look
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def store(observatory):
    store = LabelStore(observatory.labels)
    store.append([Label(f"sky:RRab{i:03d}", "RRab", "JL") for i in range(30)])
    store.append([Label(f"sky:RRab{i:03d}", "RRc" if i < 3 else "RRab", "AT") for i in range(20)])
    store.append([Label("sky:EA000", None, "JL", confidence=0.0)])
    return store


@pytest.fixture
def left(session, store):
    session.annotator = "MK"
    session.screen = "labels"
    return QueueView(session, TaxonomyView(session))


@pytest.fixture
def middle(session, left):
    return ConflictView(session, LabelsView(session, screens=("labels",)))


def said(store, object_id):
    return store.history(object_id).iloc[-1]


def test_conflicts_stand_in_the_queue_with_who_said_what(left):
    assert left.ids == ["sky:RRab000", "sky:RRab001", "sky:RRab002"]
    assert "RRc" in left._list.html
    assert ">AT<" in left._list.html
    left._queues.press("queue:one")
    assert len(left.ids) == 10
    left._queues.press("queue:unsure")
    assert left.ids == ["sky:EA000"]


def test_a_queue_is_turned_page_by_page(left, session, store):
    store.append([Label(f"sky:EA{i:03d}", "EA", "JL") for i in range(10, 40)])
    session.labels_changed()
    left._queues.press("queue:one")
    assert len(left.ids) == 40
    left._pager.press("page:1")
    assert left.on_page == left.ids[PAGE_SIZE : 2 * PAGE_SIZE]
    left._pager.press("page:-1")
    left._pager.press("page:-1")
    assert left.page == 1


def test_a_decision_ends_a_conflict_and_can_be_taken_back(left, middle, session, store):
    left._list.press(f"open:{session.run.find('sky:RRab001')}")
    assert middle.object_id == "sky:RRab001"
    assert "conflict" in middle._head.html
    middle._decision.press("decide:RRc")
    event = said(store, "sky:RRab001")
    assert (event["label"], event["origin"], event["annotator"]) == ("RRc", "adjudication", "MK")
    assert "sky:RRab001" not in left.ids
    assert Opinions.of(store).states["sky:RRab001"] == "adjudicated"
    assert "adjudicated" in middle._head.html
    middle._decision.press("reopen")
    assert "sky:RRab001" in left.ids


def test_any_class_may_decide(left, middle, session, store):
    session.find("sky:RRab000")
    middle._decision.press("other")
    labels = LabelsView(session, screens=("labels",))
    labels.label("LPV")
    assert said(store, "sky:RRab000")["origin"] == "adjudication"
    labels.label("EA")
    assert said(store, "sky:RRab000")["origin"] == "single"


def test_unsure_and_comments_are_kept_and_name_nothing(left, middle, session, store):
    session.find("sky:RRab000")
    session.press("u")
    event = said(store, "sky:RRab000")
    assert pd.isna(event["label"])
    assert event["confidence"] == 0
    middle._decision.change("comment", HOSTILE)
    assert said(store, "sky:RRab000")["comment"] == HOSTILE
    assert said(store, "sky:RRab000")["origin"] == "comment"
    assert "<img" not in middle._history.html
    assert "onerror" in middle._history.html
    assert store.current().set_index("object_id")["label"]["sky:RRab000"] == "RRc"


def test_blind_hides_what_others_said_and_is_recorded(left, middle, session, store):
    left._list.press(f"open:{session.run.find('sky:RRab000')}")
    assert "RRc" in middle._decision.html
    middle._head.press("blind")
    assert session.look.blind
    assert "RRc" not in middle._decision.html + middle._history.html + left._list.html
    assert "conflict" not in middle._head.html
    session.press("1")
    event = said(store, "sky:RRab000")
    assert event["blind"]
    assert pd.isna(event["prediction_shown"])
    middle._head.press("blind")
    session.press("1")
    assert said(store, "sky:RRab000")["prediction_shown"] == session.run.predicted.name_of(
        session.focus
    )


def test_who_is_asked_again_does_not_see_what_they_said(left, middle, session, store):
    store.append([Label(f"sky:LPV{i:03d}", "LPV", "MK") for i in range(5)])
    session.labels_changed()
    left._queues.press("queue:again")
    assert sorted(left.ids) == [f"sky:LPV{i:03d}" for i in range(5)]
    left._list.press(f"open:{session.run.find('sky:LPV003')}")
    assert "LPV" not in middle._history.html + middle._decision.html
    session.press("1")
    assert said(store, "sky:LPV003")["origin"] == "repeat"
    assert Opinions.of(store).consistency["MK"].objects == 1
    assert store.current().set_index("object_id")["label"]["sky:LPV003"] == "LPV"


def test_the_arrows_walk_along_the_queue(left, middle, session):
    left._list.press(f"open:{session.run.find('sky:RRab000')}")
    session.press("ArrowRight")
    assert middle.object_id == "sky:RRab001"
    session.press("ArrowLeft")
    session.press("ArrowLeft")
    assert middle.object_id == "sky:RRab000"


def test_the_second_look_is_a_queue(left, session, store, observatory):
    table = {
        "object_id": ["sky:RRab005", "sky:EA003"],
        "label": ["RRab", "EA"],
        "suggested": ["LPV", "RRab"],
        "source": ["annotator", "catalogue"],
        "annotator": ["JL", "catalogue"],
        "probability": np.float32([0.1, 0.2]),
        "probability_suggested": np.float32([0.9, 0.8]),
        "quality": np.float32([0.1, 0.2]),
    }
    left._queues.press("queue:doubt")
    assert "Look for doubtful labels" in left._pager.html
    write_second_look(observatory, session.run.name, pd.DataFrame(table))
    session.labels_changed()
    assert left.ids == ["sky:RRab005", "sky:EA003"]
    assert "perhaps LPV" in left._list.html
    store.append([Label("sky:EA003", "RRab", "MK")])
    session.labels_changed()
    assert left.ids == ["sky:RRab005"]


def test_agreement_is_told_with_its_interval(left, session):
    view = AgreementView(session)
    overall = curation_of(session).opinions.overall
    assert f"α = {overall.value:.2f}".replace("-", "\u2212") in view._panel.html
    assert "20 objects with" in view._panel.html
    assert "RRab" in view._panel.html
    assert 'class="conflict"' in view._map.html
    assert "first" in view._snapshots.html
    session.look.blind = True
    assert not view._map.visible


def test_an_edit_of_the_taxonomy_is_a_new_version_with_keys_on_the_buttons(left, session, store):
    view = TaxonomyView(session)
    view._tree.press("class:RRc")
    view._form.change("hotkey", "")
    view._form.change("guideline", HOSTILE)
    view._form.press("save")
    view._form.press("new")
    view._form.change("name", "Blazhko star")
    view._form.change("parent", "RRab")
    view._form.change("hotkey", "2")
    view._form.change("synonyms", "BL; RRab-BL")
    view._form.change("colour", "#4a86d8")
    view._form.press("save")
    now = Taxonomies(store.path).now()
    assert now.number == 2
    assert now.taxonomy.canonical("RRab-BL") == "Blazhko star"
    assert now.annotator == "MK"
    labels = LabelsView(session, screens=("labels",))
    assert labels.keys["2"] == "Blazhko star"
    assert "#4a86d8" in labels._buttons.html
    assert "<img" not in labels._buttons.html + view._tree.html + view._form.html
    session.find("sky:EA004")
    session.press("2")
    event = said(store, "sky:EA004")
    assert (event["label"], event["taxonomy"]) == ("Blazhko star", now.taxonomy.hash)
    view._form.press("remove")
    assert Taxonomies(store.path).now().taxonomy.find("Blazhko star") is None


def test_a_colour_that_is_another_classs_is_warned_of_while_it_is_typed(left, session, store):
    view, styles = TaxonomyView(session), session.run.styles
    view._tree.press("class:RRab")
    assert view._alike.html == ""
    known = set(styles)
    for text in ("#4a86d", "#4a86d8", "nonsense", ""):
        view._form.change("colour", text)
        assert view._alike.html == ""
    view._form.change("colour", styles["EA"].dark.swapcase())
    assert "The same colour as EA:" in view._alike.html
    view._form.press("save")
    assert "The same colour as EA:" in view._alike.html
    view._tree.press("class:EA")
    assert view._alike.html == ""
    view._form.change("colour", styles["RRab"].dark)
    assert "The same colour as RRab:" in view._alike.html
    view._form.press("new")
    view._form.change("colour", "#5a6784")
    assert "unlabelled" in view._alike.html
    assert set(styles) == known


def test_a_class_is_not_warned_of_by_its_own_other_names(left, session, store):
    view = TaxonomyView(session)
    view._tree.press("class:SNIa")
    view._form.change("colour", "#12b5a0")
    view._form.press("save")
    assert session.run.styles["SN Ia"].dark == "#12b5a0"
    assert view._alike.html == ""


def test_an_edit_that_contradicts_itself_is_refused(left, session, store):
    view = TaxonomyView(session)
    view._form.change("name", "RRab")
    view._form.press("save")
    assert session.is_warning
    assert "RRab" in session.status
    assert Taxonomies(store.path).now().number == 0


def test_files_are_imported_and_exported(left, session, store, monkeypatch):
    left._upload.filename = "../../labels.csv"
    left._upload.value = b"object_id,label\nsky:EA001,EA\n"
    assert "imported 1 label of labels.csv" in session.status
    assert said(store, "sky:EA001")["annotator"] == "MK"
    left._upload.value = b"object_id,label\n,EA\n"
    assert "row 1, column object_id" in session.status
    assert session.is_warning
    saved = []
    monkeypatch.setattr(left._footer, "download", lambda name, text: saved.append((name, text)))
    left._footer.press("export:current")
    ((name, text),) = saved
    assert name.startswith("astra-current-")
    assert "sky:EA001,EA,MK," in text


def test_many_at_once_show_what_they_would_meet(session, store, monkeypatch):
    from app.views import labels

    monkeypatch.setattr(labels, "ASK_BEYOND", 10)
    session.annotator = "JL"
    mask = np.zeros(len(session.run), bool)
    mask[[session.run.find(f"sky:RRab{i:03d}") for i in range(40)]] = True
    session.select(mask, "lasso")
    view = LabelsView(session)
    view.label("EA")
    shown = view._preview
    assert shown.mix["RRab"] == 32
    assert (len(shown.mine), shown.others) == (30, 20)
    assert len(shown.random) == 24
    assert all(one.object_id.startswith("sky:RRab") for one in shown.random)
    assert "Keep my 30" in view._buttons.html
    view._buttons.press("keep")
    now = store.current().set_index("object_id")["label"]
    assert now["sky:RRab039"] == "EA"
    assert now["sky:RRab029"] == "RRab"
    view.label("EA")
    view._buttons.press("confirm")
    assert set(store.current().set_index("object_id")["label"][:0]) == set()
    assert store.counts()["EA"] == 40


def test_the_screen_is_put_together(session, store):
    session.screen = "labels"
    assert screens.labels(session).__panel__() is not None


def test_nobody_who_labels_blind_sees_a_prediction(session, store):
    from app.markup.facts import facts_of
    from app.views.catalogue import CatalogueView

    curation_of(session)
    session.colour_by = "predicted"
    session.look.blind = True
    assert (session.colour_by, session.category) == ("class", "class")
    session.colour_by = "probability"
    assert session.colour_by == "class"
    facts = facts_of(session.run, 3, None, session.look.blind)
    assert (facts.predicted, facts.probability) == (None, None)
    assert CatalogueView(session)._row(session.run, 3)["p"] == "\u2013"
    session.look.blind = False
    session.colour_by = "predicted"
    assert session.colour_by == "predicted"
