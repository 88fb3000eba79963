"""When the server starts: compile the kernels and open the newest run, so that nobody waits."""

import logging

from bokeh.application.application import ServerContext


def on_server_loaded(server_context: ServerContext) -> None:
    """Do once what the first visitor would wait for."""
    from app.opened_runs import opened
    from astra.data.errors import AstraError
    from astra.data.observatory import Observatory
    from astra.map.warm import warm
    from astra.runs.run import list_runs
    from astra.selections.crossing import warm as warm_filters
    from astra.selections.nearest import warm as warm_nearest
    from astra.selections.summing import warm as warm_summing

    warm()
    warm_filters()
    warm_nearest()
    warm_summing()
    for run in list_runs(Observatory())[:1]:
        try:
            opened(run.path).prepare()
        except AstraError as error:
            logging.getLogger(__name__).warning("the newest run stays closed: %s", error)
