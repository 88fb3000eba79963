"""The one way to the network: known hosts, a pace for each, time limits, retries with back-off."""

import threading
import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlparse

from astra.data.errors import AstraError

TIMEOUT = 20.0
PACE = 0.5
RETRIES = 3
MOST_BYTES = 200_000_000
AGENT = "Astra (an observatory for the latent space of light curves)"
HOSTS = frozenset(
    {
        "simbad.cds.unistra.fr",
        "tapvizier.cds.unistra.fr",
        "api.alerce.online",
        "irsa.ipac.caltech.edu",
        "api.fink-portal.org",
    }
)
_AGAIN = (429, 500, 502, 503, 504)


class ServiceError(AstraError):
    """A service that does not answer, refuses, or says what cannot be understood."""


class Pace:
    """Keeps requests to one host apart, whoever makes them.

    Parameters
    ----------
    seconds : float
        Least time between the beginnings of two requests to a host.
    """

    def __init__(self, seconds: float = PACE, sleep: Callable[[float], None] = time.sleep) -> None:
        self.seconds, self._sleep = seconds, sleep
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Wait until a host may be asked again."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free.get(host, 0.0))
            self._free[host] = turn + self.seconds
        if turn > now:
            self._sleep(turn - now)


_PACE = Pace()


def session(
    hosts: Collection[str] = HOSTS,
    timeout: float = TIMEOUT,
    pace: Pace = _PACE,
    retries: int = RETRIES,
    back_off: float = 1.0,
) -> Any:
    """A ``requests`` session that goes to known hosts alone, politely.

    Retries what a busy server answers (429 and 5xx) and what does not connect, after
    ``back_off`` x 1, 2, 4 s or as the server asks; redirections are followed to known hosts only.

    Raises
    ------
    ServiceError
        The library for it is not installed.
    """
    try:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry
    except ImportError as error:
        raise needs("requests") from error

    class Polite(HTTPAdapter):
        def send(self, request: Any, *args: Any, **options: Any) -> Any:
            host = urlparse(request.url).hostname or ""
            if host not in hosts:
                raise ServiceError(f"{host[:80]!r} is not a service that Astra asks")
            pace.wait(host)
            options["timeout"] = options.get("timeout") or timeout
            return super().send(request, *args, **options)

    retry = Retry(
        total=retries,
        backoff_factor=back_off,
        status_forcelist=_AGAIN,
        allowed_methods=None,
        respect_retry_after_header=True,
        raise_on_status=False,
    )
    made = requests.Session()
    made.trust_env = True
    made.max_redirects = 3
    made.headers["User-Agent"] = AGENT
    made.hooks["response"].append(refuse_errors)
    for scheme in ("https://", "http://"):
        made.mount(scheme, Polite(max_retries=retry))
    return made


def refuse_errors(answer: Any, **options: Any) -> None:
    """Raise a `ServiceError` for an answer that is an error; 400 may explain itself."""
    if answer.status_code > 400:
        host = urlparse(answer.url).hostname
        raise ServiceError(f"{host} answers {answer.status_code} {answer.reason}")


def body(opened: Any, method: str, url: str, most: int = MOST_BYTES, **options: Any) -> bytes:
    """Ask and give the bytes of the answer.

    Raises
    ------
    ServiceError
        No answer in time, an answer that is an error, or one larger than ``most`` bytes.
    """
    import requests

    host = urlparse(url).hostname
    try:
        with opened.request(method, url, stream=True, **options) as answer:
            if answer.status_code >= 400:
                raise ServiceError(f"{host} answers {answer.status_code} {answer.reason}")
            parts, size = [], 0
            for part in answer.iter_content(1 << 16):
                size += len(part)
                if size > most:
                    raise ServiceError(f"{host} sends more than {most / 1e6:.0f} MB; ask for less")
                parts.append(part)
            return b"".join(parts)
    except requests.RequestException as error:
        raise ServiceError(reason(host, error)) from error


def reason(host: str | None, error: Exception) -> str:
    """Why a host could not be asked, in words."""
    import requests

    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"{host} did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return f"{host} cannot be reached; is there a network?"
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"{host}: {first[:160]}"


def unavailable(title: str, error: BaseException) -> ServiceError:
    """What is behind an error of pyvo, which wraps those of the network in its own."""
    import requests

    each: BaseException | None = error
    while each is not None:
        if isinstance(each, ServiceError):
            return each
        if isinstance(each, requests.RequestException):
            return ServiceError(reason(title, each))
        each = getattr(each, "cause", None) or each.__cause__ or each.__context__
    told = getattr(error, "reason", None)
    if type(error).__name__ == "DALQueryError" and told:
        return ServiceError(f"{title}: {str(told)[:160]}")
    return ServiceError(f"{title} answers what is no VOTable; try later")


def needs(library: str) -> ServiceError:
    """Error that says how to install what services need."""
    return ServiceError(f"this needs {library}: pip install 'astra-observatory[services,formats]'")
