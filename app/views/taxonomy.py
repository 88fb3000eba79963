"""The classes that labels may name: a tree to choose from, and a form that edits one of them."""

from dataclasses import replace
from typing import Any

import panel as pn
import param

from app.background import Latest
from app.curation import curation_of
from app.markup import taxonomy_html as html
from app.markup.curation_html import Style
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import UNLABELLED
from astra.data.errors import AstraError
from astra.labels.taxonomies import Version
from astra.labels.taxonomy import Taxonomy, TaxonomyClass, is_colour
from astra.labels.taxonomy_files import parse_taxonomy, to_toml

_STRETCH = {"sizing_mode": "stretch_width", "margin": 0}


class TaxonomyView(pn.viewable.Viewer):
    """Edits become a new version of the taxonomy, which every annotator then has.

    Parameters
    ----------
    session : Session
    """

    chosen = param.String(default="", doc="Class in the form; empty: a new one.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.curation = curation_of(session)
        self._typed: dict[str, str] = {}
        self._earlier: list[Version] = []
        self._reader = Latest()
        styles: dict[str, Any] = {"stylesheets": [stylesheet("curation")]}
        self._versions = Pressable(self._pressed, **styles)
        self._tree = Pressable(self._pressed, css_classes=["astra-taxonomy"], **styles)
        self._form = Pressable(self._pressed, self._changed, **styles)
        self._alike = Pressable(**styles)
        self._upload = pn.widgets.FileInput(
            accept=".toml,.json,.yaml,.yml",
            multiple=False,
            stylesheets=[stylesheet("file_input")],
            width=260,
            margin=0,
        )
        self._upload.param.watch(lambda event: self._import(event.new), "value")
        self.curation.param.watch(lambda *_: self._renew(), "version")
        session.param.watch(lambda *_: self._draw(), "theme")
        self.param.watch(lambda *_: self._draw(), "chosen")
        self._renew()

    @property
    def entry(self) -> TaxonomyClass | None:
        """The class in the form."""
        found = self.curation.taxonomy.find(self.chosen) if self.chosen else None
        return found if found is not None and found.name == self.chosen else None

    def _renew(self) -> None:
        def deliver(versions: Any) -> None:
            self._earlier = versions
            self._draw()

        def fail(error: Exception) -> None:
            self.session.say(f"the taxonomy cannot be read: {error}", warning=True)

        self._draw()
        self._reader.ask(self.curation.taxonomies.versions, deliver, fail)

    # What a person does

    def save(self) -> None:
        """Put what is in the form in the place of the class, or beside the others."""
        entry = self.entry
        try:
            edited = _edited(entry, self._typed)
            # A contradiction is told now, before it is on its way.
            self.curation.taxonomy.put(edited, None if entry is None else entry.name)
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return
        old = None if entry is None else entry.name
        self.curation.save_taxonomy(lambda taxonomy: taxonomy.put(edited, old))
        self.chosen = edited.name

    def remove(self) -> None:
        """Take the class out; labels that name it keep it, and what was below it moves up."""
        entry = self.entry
        if entry is not None:
            self.chosen = ""
            self.curation.save_taxonomy(lambda taxonomy: taxonomy.without(entry.name))

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if action == "class":
            self.chosen = argument
        elif action == "new":
            self.chosen = ""
            self._draw()
        elif action in ("save", "remove"):
            getattr(self, action)()
        elif action == "export":
            self._versions.download("taxonomy.toml", to_toml(self.curation.taxonomy))

    def _changed(self, field: str, text: str) -> None:
        if field in html.FIELDS:
            self._typed[field] = text
        if field == "colour":
            self._compare()

    def _import(self, content: bytes | None) -> None:
        if not content:
            return
        name = str(self._upload.filename or "")
        stem, _, suffix = name.rpartition(".")
        try:
            taxonomy = parse_taxonomy(f".{suffix}", content.decode(), stem[:64] or "imported")
        except (AstraError, UnicodeDecodeError) as error:
            self.session.say(f"{name}: {error}", warning=True)
            return

        def instead(_: Taxonomy) -> Taxonomy:
            return taxonomy

        self.curation.save_taxonomy(instead)

    # What is seen

    def _draw(self) -> None:
        run = self.session.run
        if run is None:
            return
        taxonomy, self._typed = self.curation.taxonomy, {}
        colours = {e.name: e.colour for e in taxonomy.classes if e.colour}
        with pn.io.hold():
            self._tree.html = html.tree(
                taxonomy, self.chosen, Style(run, self.session.theme, colours)
            )
            self._form.html = html.form(self.entry, taxonomy)
            self._form.param.trigger("html")
            self._versions.html = html.versions(self.curation.version, self._earlier)
            self._compare()

    def _compare(self) -> None:
        """Warn where the colour in the form is another class's."""
        run, entry, taxonomy = self.session.run, self.entry, self.curation.taxonomy
        name, kept = ("", None) if entry is None else (entry.name, entry.colour)
        colour = self._typed.get("colour", kept or "").strip()
        if run is None or not is_colour(colour):
            self._alike.html = ""
            return
        named = (*(each.name for each in taxonomy.classes), *run.class_names)
        others = dict.fromkeys(map(taxonomy.canonical, named)).keys() - {name}
        self._alike.html = html.alike(run.styles.alike(colour, [*sorted(others), UNLABELLED]))

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._form,
            self._alike,
            self._tree,
            self._versions,
            Pressable(html='<span class="small">Import: TOML, JSON, or SkyPortal YAML</span>'),
            self._upload,
            styles={"gap": "8px", "padding": "12px"},
            **_STRETCH,
        )


def _edited(entry: TaxonomyClass | None, typed: dict[str, str]) -> TaxonomyClass:
    """The class as the form has it."""
    fields: dict[str, Any] = {k: v.strip() for k, v in typed.items() if k != "synonyms"}
    for name in ("parent", "colour", "hotkey"):
        if name in fields:
            fields[name] = fields[name] or None
    if "synonyms" in typed:
        names = (name.strip() for name in typed["synonyms"].split(";"))
        fields["synonyms"] = tuple(dict.fromkeys(name for name in names if name))
    if entry is None:
        return TaxonomyClass(**{"name": "", **fields})
    return replace(entry, **fields)
