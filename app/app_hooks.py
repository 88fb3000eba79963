"""Read before the server opens its port: nobody waits for what is done here."""

import sys
from pathlib import Path

# While this is read, Panel has this folder before all others: packages that are imported for the
# first time would find our modules in place of those whose names they share.
sys.path = [path for path in sys.path if path != str(Path(__file__).parent)]

from app.warm_up import get_ready  # noqa: E402

get_ready()
