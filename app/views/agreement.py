"""How far annotators agree, where on the map they do not, and what runs have learnt from."""

from typing import Any

import numpy as np
import panel as pn
from numpy.typing import NDArray

from app.curation import curation_of
from app.markup import agreement_html as html
from app.markup.curation_html import Style
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet

_GROUND, _MOST = 1_500, 250
_SNAPSHOTS = 5
_SEED = 4


class AgreementView(pn.viewable.Viewer):
    """Alpha, kappa of each pair, agreement by class, frequent conflicts, a small map, snapshots.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.curation = curation_of(session)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("curation")]}
        self._panel = Pressable(css_classes=["astra-agreement"], **styles)
        self._map, self._snapshots = Pressable(**styles), Pressable(**styles)
        self.curation.param.watch(lambda *_: self._draw(), ["opinions", "version"])
        session.param.watch(lambda *_: self._draw(), ["theme", "runs"])
        session.look.param.watch(lambda *_: self._draw(), "blind")
        self._draw()

    def _draw(self) -> None:
        run, opinions = self.session.run, self.curation.opinions
        if run is None:
            return
        colours = {e.name: e.colour for e in self.curation.taxonomy.classes if e.colour}
        with pn.io.hold():
            self._panel.html = html.panel(opinions, Style(run, self.session.theme, colours))
            self._snapshots.html = html.snapshots(self._frozen())
            self._map.visible = opinions is not None and not self.session.look.blind
            if opinions is not None:
                ground = np.random.default_rng(_SEED).permutation(len(run))[:_GROUND]
                self._map.html = html.small_map(
                    self._places(np.sort(ground)),
                    self._places(self._rows(opinions.in_state("agree"))),
                    self._places(self._rows(opinions.in_state("conflict"))),
                )

    def _rows(self, ids: list[str]) -> NDArray[np.int64]:
        run = self.session.run
        rows = np.empty(0, np.int64) if run is None else run.run.rows_of(ids[:_MOST])
        return rows[rows >= 0]

    def _places(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        run = self.session.run
        assert run is not None
        return np.column_stack([run.x[rows], run.y[rows]]).astype(np.float64)

    def _frozen(self) -> list[tuple[str, str, int, str]]:
        """What the newest runs have learnt from."""
        found = []
        for run in self.session.runs[:_SNAPSHOTS]:
            artefact = run.manifest.artefacts.get("labels")
            if artefact is not None:
                number = int(artefact.summary.get("labels", 0))
                digest = artefact.parts[0].sha256 if artefact.parts else ""
                found.append((run.name, run.manifest.created[:10], number, digest))
        return found

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._panel,
            self._map,
            self._snapshots,
            css_classes=["astra-curation-right"],
            styles={
                "flex": "none",
                "border-left": "1px solid var(--astra-line)",
                "padding": "12px",
                "gap": "12px",
            },
            scroll="y-auto",
            width=360,
            sizing_mode="stretch_height",
            margin=0,
        )
