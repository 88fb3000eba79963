"""The observatory: the one folder that holds surveys, runs, labels and jobs."""

import os
import re
from pathlib import Path

from astra.data.errors import AstraError, StoreError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")


def check_name(kind: str, name: str) -> str:
    """Give the name back if it may become a folder's name.

    Raises
    ------
    AstraError
        It is empty, longer than 64 characters, or has other characters than letters, digits and
        ``_ . + -``.
    """
    if not _NAME.fullmatch(name):
        raise AstraError(
            f"{kind} name {name!r}: use 1 to 64 letters, digits, '_', '.', '+' or '-', "
            "beginning with a letter or digit"
        )
    return name


class Observatory:
    """Paths inside ``$ASTRA_HOME`` (default ``./observatory``)."""

    def __init__(self, home: Path | str | None = None) -> None:
        self.home = Path(home or os.environ.get("ASTRA_HOME") or "observatory").absolute()

    @property
    def surveys(self) -> Path:
        """Folder of the surveys."""
        return self.home / "surveys"

    @property
    def runs(self) -> Path:
        """Folder of the runs."""
        return self.home / "runs"

    @property
    def jobs(self) -> Path:
        """Folder of the jobs."""
        return self.home / "jobs"

    @property
    def comparisons(self) -> Path:
        """Folder of the comparisons of runs."""
        return self.home / "comparisons"

    @property
    def pointers(self) -> Path:
        """Folder of what is current, one file a survey."""
        return self.home / "pointers"

    @property
    def archive(self) -> Path:
        """Folder of the runs that were put away."""
        return self.home / "archive"

    @property
    def trash(self) -> Path:
        """Folder of the runs that were deleted."""
        return self.home / "trash"

    @property
    def labels(self) -> Path:
        """Label log, an SQLite file."""
        return self.home / "labels.sqlite"

    def survey(self, name: str) -> Path:
        """Folder of one survey."""
        return self.surveys / check_name("survey", name)

    def run(self, name: str) -> Path:
        """Folder of one published run."""
        return self.runs / check_name("run", name)

    def comparison(self, before: str, after: str) -> Path:
        """Folder of the comparison of two runs."""
        return self.comparisons / f"{check_name('run', before)}..{check_name('run', after)}"

    def job(self, name: str) -> Path:
        """Folder of one job."""
        return self.jobs / check_name("job", name)

    def survey_names(self) -> list[str]:
        """Names of the surveys that are complete."""
        return sorted(path.parent.name for path in self.surveys.glob("[!.]*/manifest.json"))

    def only_survey(self) -> str:
        """Name of the one survey here.

        Raises
        ------
        StoreError
            There is none, or more than one.
        """
        names = self.survey_names()
        if len(names) != 1:
            found = ", ".join(names) if names else "none; import or simulate one first"
            raise StoreError(f"name a survey: {self.surveys} holds {found}")
        return names[0]
