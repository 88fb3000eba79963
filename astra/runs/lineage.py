"""Where a map comes from: from the survey's hash, through every artefact and every ancestor."""

from dataclasses import dataclass

from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.runs.manifest import Artefact, Manifest
from astra.runs.pointers import pointers
from astra.runs.run import Run


@dataclass(frozen=True, slots=True)
class Step:
    """One artefact of one run.

    Attributes
    ----------
    artefact : str
    hash : str
        SHA-256 of its content.
    made_in : str
        Run that computed it: the run itself, or the ancestor that it is inherited from.
    needs : dict of str to str
        What it was made from, and the hash of that at the time.
    seconds : float
    told : str
        What came of it, in words.
    """

    artefact: str
    hash: str
    made_in: str
    needs: dict[str, str]
    seconds: float
    told: str


@dataclass(frozen=True, slots=True)
class Generation:
    """One run of a chain, its steps in the order in which they are made.

    Attributes
    ----------
    run : str
    created, recipe, code_version : str
    steps : tuple of Step
    is_current, is_previous : bool
        Whether everybody sees it, or saw it before.
    """

    run: str
    created: str
    recipe: str
    code_version: str
    steps: tuple[Step, ...]
    is_current: bool
    is_previous: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """All that a run comes from.

    Attributes
    ----------
    survey, fingerprint : str
        Survey, and the hash of its light curves that the run was made from.
    objects, observations : int
    generations : tuple of Generation
        Oldest first; the last is the run itself.
    lost : str
        The oldest ancestor's parent, where that is not here any more; else empty.
    """

    survey: str
    fingerprint: str
    objects: int
    observations: int
    generations: tuple[Generation, ...]
    lost: str


def lineage(observatory: Observatory, name: str) -> Lineage:
    """Follow a run to where it comes from.

    Raises
    ------
    StoreError
        There is no such run.
    """
    chain = [Run.open(observatory.run(name)).manifest]
    lost = ""
    while chain[0].parent:
        try:
            parent = Run.open(observatory.run(chain[0].parent)).manifest
        except StoreError:
            lost = chain[0].parent
            break
        if any(parent.run == known.run for known in chain):
            break
        chain.insert(0, parent)
    last, point = chain[-1], pointers(observatory, chain[-1].survey)
    generations = tuple(
        Generation(
            run=manifest.run,
            created=manifest.created,
            recipe=manifest.recipe,
            code_version=manifest.code_version,
            steps=_steps(manifest, chain[:place]),
            is_current=manifest.run == point.current,
            is_previous=manifest.run == point.previous,
        )
        for place, manifest in enumerate(chain)
    )
    return Lineage(
        last.survey, last.survey_fingerprint, last.objects, last.observations, generations, lost
    )


def _steps(manifest: Manifest, ancestors: list[Manifest]) -> tuple[Step, ...]:
    return tuple(
        Step(
            artefact=name,
            hash=artefact.hash,
            made_in=_made_in(name, artefact, manifest, ancestors),
            needs=artefact.needs,
            seconds=artefact.seconds,
            told=artefact.summary.get("told", ""),
        )
        for name, artefact in manifest.artefacts.items()
    )


def _made_in(name: str, artefact: Artefact, manifest: Manifest, ancestors: list[Manifest]) -> str:
    """Oldest of the ancestors, without a gap, that has the very same artefact."""
    origin = manifest.run
    for ancestor in reversed(ancestors):
        if ancestor.artefacts.get(name) != artefact:
            break
        origin = ancestor.run
    return origin
