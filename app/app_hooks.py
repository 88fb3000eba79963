"""When the server starts: compile the kernels and open the first run, so that nobody waits."""

import logging

from bokeh.application.application import ServerContext


def on_server_loaded(server_context: ServerContext) -> None:
    """Do once what the first visitor would wait for."""
    from app.current_watch import first_run
    from app.opened_runs import opened
    from app.prompt_messages import send_promptly
    from app.session import Session
    from astra.data.errors import AstraError
    from astra.data.observatory import Observatory
    from astra.map.warm import warm
    from astra.selections.crossing import warm as warm_filters
    from astra.selections.nearest import warm as warm_nearest
    from astra.selections.summing import warm as warm_summing

    send_promptly()
    warm()
    warm_filters()
    warm_nearest()
    warm_summing()
    session = Session(Observatory())
    if session.runs:
        try:
            opened(session.observatory.run(first_run(session))).prepare()
        except AstraError as error:
            logging.getLogger(__name__).warning("the first run stays closed: %s", error)
