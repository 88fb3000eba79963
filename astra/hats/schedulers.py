"""Where the tasks run: processes of this machine, a Dask scheduler that is there, or SLURM."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from astra.data.errors import AstraError

if TYPE_CHECKING:
    from distributed import Client


@contextmanager
def dask_client(
    workers: int = 2, address: str | None = None, slurm: Path | None = None
) -> Iterator["Client"]:
    """A Dask client, closed in the end together with what was started for it.

    Parameters
    ----------
    workers : int
        Processes, each of one thread, or jobs of SLURM.
    address : str, optional
        Of a scheduler that runs already; it keeps the workers that it has.
    slurm : Path, optional
        JSON of the arguments of ``dask_jobqueue.SLURMCluster``: queue, cores, memory, walltime.

    Raises
    ------
    AstraError
        No scheduler answers, or Dask is not installed.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise AstraError(
            "partitions are worked on by Dask: pip install 'astra-observatory[survey]'"
        ) from error
    if address is not None:
        try:
            client = Client(address, timeout="10s")
        except OSError as error:
            raise AstraError(f"no Dask scheduler answers at {address}: {error}") from error
        with client:
            yield client
        return
    if slurm is not None:
        cluster = _slurm(slurm, workers)
    else:
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", memory_limit=0
        )
    with cluster, Client(cluster) as client:
        yield client


def _slurm(settings: Path, jobs: int):
    from dask_jobqueue.slurm import SLURMCluster

    try:
        asked = json.loads(settings.read_text())
    except (OSError, ValueError) as error:
        raise AstraError(f"{settings}: no settings for SLURM ({error})") from error
    cluster = SLURMCluster(**asked)
    cluster.scale(jobs=jobs)
    return cluster
