"""Several annotators: how far they agree, where they do not, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.labels.kappa import Agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha
from astra.labels.store import LabelStore
from astra.labels.taxonomy import Taxonomy

# pandas' types do not tell a table from a column of it, once something is selected.
Frame = Any
STATES = ("one", "agree", "conflict", "adjudicated", "unsure")
_SEED = 20


class Pair(NamedTuple):
    """Two annotators, and Cohen's kappa on what both have labelled."""

    first: str
    second: str
    agreement: Agreement


class Clash(NamedTuple):
    """Two classes that annotators give to the same objects, and how many."""

    first: str
    second: str
    objects: int


@dataclass(frozen=True)
class Opinions:
    """What each annotator calls each object, synonyms taken for the same.

    Attributes
    ----------
    table : DataFrame
        ``object_id``, ``annotator``, ``label`` (null: cannot tell), ``confidence``, ``seconds``,
        ``time``, sorted by object.
    decided : DataFrame
        ``object_id``, ``label``, ``annotator``, ``time`` of each adjudication that stands.
    repeated : DataFrame
        ``object_id``, ``annotator``, ``label``, ``again``.
    """

    table: Frame
    decided: Frame
    repeated: Frame

    @classmethod
    def of(cls, store: LabelStore, taxonomy: Taxonomy | None = None) -> "Opinions":
        """What the log says now."""
        log: tuple[Frame, ...] = store.opinions(), store.decisions(), store.repeats()
        table, decided, repeated = log
        if taxonomy is None:
            return cls(table, decided, repeated)
        names = {*table["label"].dropna(), *decided["label"], *repeated["label"]}
        names |= {*repeated["again"]}
        known = {name: taxonomy.canonical(name) for name in names}
        again = {"label": repeated["label"].map(known), "again": repeated["again"].map(known)}
        return cls(_renamed(table, known), _renamed(decided, known), repeated.assign(**again))

    # Who said what

    @cached_property
    def votes(self) -> Frame:
        """Opinions that name a class."""
        return self.table[self.table["label"].notna()]

    @cached_property
    def annotators(self) -> list[str]:
        """Who has an opinion, those with most first."""
        counts = self.votes["annotator"].value_counts()
        return sorted(counts.index, key=lambda name: (-counts[name], name))

    @cached_property
    def classes(self) -> list[str]:
        """Classes that are given, sorted."""
        return sorted(set(self.votes["label"]))

    @cached_property
    def shared(self) -> Frame:
        """Votes about objects that two annotators or more have named."""
        many = self.votes["object_id"].duplicated(keep=False)
        return self.votes[many]

    # States and conflicts

    @cached_property
    def states(self) -> Frame:
        """State of every object that anybody looked at, by its id.

        ``one`` annotator has named it, all ``agree``, there is a ``conflict``, it was
        ``adjudicated``, or all that looked are ``unsure``.
        """
        looked: Frame = pd.Series(
            "unsure", index=pd.Index(self.table["object_id"].unique()), dtype="str"
        )
        grouped = self.votes.groupby("object_id")
        classes, voters = grouped["label"].nunique(), grouped.size()
        looked[voters.index] = np.where(classes > 1, "conflict", "agree")
        looked[voters.index[voters == 1]] = "one"
        decided = pd.Index(self.decided["object_id"])
        return pd.concat(
            [
                looked[~looked.index.isin(decided)],
                pd.Series("adjudicated", index=decided, dtype="str"),
            ]
        )

    @property
    def counts(self) -> dict[str, int]:
        """Objects in each state."""
        found = self.states.value_counts()
        return {state: int(found.get(state, 0)) for state in STATES}

    def in_state(self, state: str) -> list[str]:
        """Ids of the objects in a state, those talked of last first."""
        times = self.table.groupby("object_id")["time"].max()
        ids = self.states.index[self.states == state]
        return times.reindex(ids).sort_values(ascending=False, kind="stable").index.tolist()

    @cached_property
    def clashes(self) -> list[Clash]:
        """Pairs of classes that stand against each other in conflicts, most frequent first."""
        open_ids = self.states.index[self.states == "conflict"]
        open_votes = self.shared[self.shared["object_id"].isin(open_ids)]
        pairs = open_votes.groupby("object_id")["label"].agg(
            lambda labels: [*combinations(sorted(set(labels)), 2)]
        )
        counts = pairs.explode().value_counts()
        found: Frame = counts.items()
        return [Clash(first, second, int(number)) for (first, second), number in found]

    # Figures

    @cached_property
    def overall(self) -> Agreement:
        """Krippendorff's alpha over all classes and annotators."""
        return krippendorff_alpha(self._counts(self.classes), self._generator)

    @cached_property
    def fleiss(self) -> Agreement:
        """Fleiss' kappa, on the objects that have the usual number of votes."""
        return fleiss_kappa(self._counts(self.classes), self._generator)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Cohen's kappa of each two annotators who share objects, most objects first."""
        codes = self._codes
        found = [
            Pair(a, b, cohen_kappa(codes[a], codes[b], self._generator))
            for a, b in combinations([name for name in self.annotators if name in codes], 2)
        ]
        shared = (pair for pair in found if pair.agreement.objects)
        return sorted(shared, key=lambda pair: -pair.agreement.objects)

    @cached_property
    def by_class(self) -> dict[str, Agreement]:
        """Krippendorff's alpha of each class against all others together.

        Its ``objects`` are those of two votes or more that anybody gave the class.
        """
        counts, found = self._counts(self.classes), {}
        for i, name in enumerate(self.classes):
            mine = counts[:, i]
            if mine.any():
                alone = krippendorff_alpha(
                    np.column_stack([mine, counts.sum(1) - mine]), self._generator
                )
                found[name] = alone._replace(objects=int(np.count_nonzero(mine)))
        return found

    @cached_property
    def consistency(self) -> dict[str, Agreement]:
        """Cohen's kappa of each annotator with themselves, where they were asked again."""
        names = pd.Index(sorted({*self.repeated["label"], *self.repeated["again"]}))
        return {
            str(annotator): cohen_kappa(
                names.get_indexer(asked["label"]),
                names.get_indexer(asked["again"]),
                self._generator,
            )
            for annotator, asked in self.repeated.groupby("annotator")
        }

    @cached_property
    def median_seconds(self) -> float:
        """Median time that an object was looked at before it was named [s]; NaN unknown."""
        return float(self.table["seconds"].median())

    @property
    def _generator(self) -> np.random.Generator:
        # The same interval each time the same log is looked at.
        return np.random.default_rng(_SEED)

    def _counts(self, classes: list[str]) -> NDArray[np.int64]:
        """Votes for each class, int64 [objects with two votes or more, classes]."""
        rows, _ = pd.factorize(self.shared["object_id"])
        columns = pd.Index(classes, dtype="str").get_indexer(pd.Index(self.shared["label"]))
        counts = np.zeros((int(rows.max(initial=-1)) + 1, len(classes)), np.int64)
        np.add.at(counts, (rows, columns), 1)
        return counts

    @cached_property
    def _codes(self) -> Mapping[str, NDArray[np.int64]]:
        """Class of each shared object by annotator, -1 where they have not named it."""
        rows, ids = pd.factorize(self.shared["object_id"])
        codes = pd.Index(self.classes, dtype="str").get_indexer(pd.Index(self.shared["label"]))
        found = {}
        for name, places in self.shared.reset_index().groupby("annotator").indices.items():
            of_one = np.full(len(ids), -1, np.int64)
            of_one[rows[places]] = codes[places]
            found[str(name)] = of_one
        return found


def _renamed(table: Frame, names: Mapping[str, str]) -> Frame:
    return table.assign(label=table["label"].map(names).astype("str"))
