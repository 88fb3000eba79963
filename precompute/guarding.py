"""What ends a process of ``precompute`` is told, and becomes its exit status."""

import logging
from collections.abc import Callable

from astra.data.errors import AstraError
from astra.runs.progress import Progress

FAILED = 1
CANCELLED = 130
_log = logging.getLogger("precompute")


def guarded(tell: Progress, work: Callable[[], object]) -> int:
    """Exit status of the work; whatever ends it is told."""
    try:
        work()
    except KeyboardInterrupt:
        tell("cancelled", message="what is done is kept: the next call goes on from here")
        return CANCELLED
    except AstraError as error:
        tell("failed", message=str(error))
        return FAILED
    except Exception as error:
        _log.exception("this should not have happened; what is done is kept")
        tell("failed", message=f"{type(error).__name__}: {error}")
        return FAILED
    return 0
