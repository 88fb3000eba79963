"""The loop of labelling: what is asked, what is measured, and the table of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from astra.analysis.queues import QUEUES
from astra.data.observatory import Observatory
from astra.evaluation.cache import Cache
from astra.evaluation.contenders import Workshop
from astra.evaluation.groups import choose_groups
from astra.evaluation.labelling import RANDOM, Loop, run_loop
from astra.evaluation.labelling_tuned import tuned_gain
from astra.evaluation.scoring import make_task


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure.

    Attributes
    ----------
    encoder : str
        Run, or name or path of weights.
    survey, group : str
        See :func:`astra.evaluation.groups.choose_groups`; an empty group is the whole survey.
    objects : int or None
        At most so many, drawn at random.
    seeds : int
        Splits of the sky.
    fine_tune : bool
    loop : Loop
    device : str
    """

    encoder: str
    survey: str
    group: str = ""
    objects: int | None = None
    seeds: int = 5
    fine_tune: bool = True
    loop: Loop = field(default_factory=Loop)
    device: str = "auto"


def measure(
    observatory: Observatory, asked: Asked, told: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Run the loop on observed data.

    Returns
    -------
    dict
        JSON-able: what was asked, ``objects``, ``classes``, ``left_out``, what
        :func:`~astra.evaluation.labelling.run_loop` gives but the rows, and ``tuning`` by queue
        (the best one's, and random's) where that was asked for.

    Raises
    ------
    AstraError
        No such survey, group or encoder, or too few labels to split.
    """
    workshop = Workshop(observatory, Cache(observatory), asked.device)
    contender = workshop.encoders([asked.encoder])[0]
    names = (asked.group or asked.survey,)
    group = choose_groups(observatory, (asked.survey,), names, asked.objects)[0]
    task = make_task(group.labels, group.units, asked.seeds)
    told(f"vectors of {len(group.rows)} objects by {contender.name}")
    vectors = contender.vectors(group.survey, group.rows)
    found = run_loop(vectors, task, asked.loop, told)
    labelled = found.pop("labelled")
    tuned = {}
    if asked.fine_tune and contender.encoder is not None:
        light_curves = workshop.light_curves(group.survey, group.rows)
        for name in dict.fromkeys([best_of(found), RANDOM]):
            told(f"labels of queue {name}")
            ends, encoder = labelled[name], contender.encoder
            tuned[name] = tuned_gain(
                encoder, light_curves, vectors, task, ends, asked.loop, asked.device, told
            )
    return {
        "asked": asdict(asked),
        "objects": len(group.rows),
        "classes": list(task.classes),
        "left_out": task.left_out,
        **found,
        "tuning": tuned,
    }


def best_of(found: dict[str, Any]) -> str:
    """Queue with the highest mean, random apart."""
    others = {name: row["mean"] for name, row in found["queues"].items() if name != RANDOM}
    return max(others, key=lambda name: others[name]) if others else RANDOM


def labelling_report(found: dict[str, Any], command: str) -> str:
    """Markdown of what was measured."""
    asked, loop = found["asked"], found["asked"]["loop"]
    lines = [
        f"    {command}",
        "",
        f"{asked['encoder']} on {asked['group'] or asked['survey']}: {found['objects']} objects, "
        f"{len(found['classes'])} classes ({', '.join(found['classes'])}), {asked['seeds']} splits "
        f"of the sky. {loop['revealed']} labels of each class, then {loop['budget']} chosen by "
        f"each queue in rounds of {loop['round']}. Macro-F1 of a probe on held-out sky; intervals "
        "of 95 % from drawing its cells again.",
        "",
        "| labels | macro-F1 | over random | interval |",
        "|---|---|---|---|",
        f"| {loop['revealed']} of each class | {found['before']['mean']:.3f} | | |",
    ]
    rows = sorted(found["queues"].items(), key=lambda row: -row[1]["mean"])
    for name, row in rows:
        title = f"+ {loop['budget']} {QUEUES[name].title.lower()}"
        lines.append(f"| {title} | {row['mean']:.3f} |" + _gained(row["gain"], name != RANDOM))
    for name, row in found["tuning"].items():
        lines += [
            "",
            f"Fine-tuned on the labels of queue {QUEUES[name].title.lower()}:",
            "",
            "| | macro-F1 | over the frozen probe | interval |",
            "|---|---|---|---|",
            f"| frozen, probe | {row['frozen']['mean']:.3f} | | |",
            f"| tuned, probe | {row['probe']['mean']:.3f} |" + _gained(row["gain"]),
            f"| tuned, its class head | {row['head']['mean']:.3f} |" + _gained(row["head_gain"]),
        ]
    return "\n".join(lines) + "\n"


def _gained(gain: dict[str, Any], shown: bool = True) -> str:
    low, high = gain["interval"]
    return f" {gain['mean']:+.3f} | {low:+.3f} to {high:+.3f} |" if shown else " | |"
