"""Recorded answers in place of a network: a session that never leaves this process."""

import io
from urllib.parse import parse_qs, urlparse

import pytest

requests = pytest.importorskip("requests")
from requests.adapters import BaseAdapter  # noqa: E402
from urllib3 import HTTPResponse  # noqa: E402

from astra.services.web import refuse_errors  # noqa: E402


class Recorded(BaseAdapter):
    """Answers each request by what a test has laid down, and remembers what was asked."""

    def __init__(self):
        super().__init__()
        self.answers, self.asked = [], []

    def lay(self, *answers):
        """Lay down answers for the next requests: bytes, (status, bytes), or an error to raise."""
        self.answers += answers

    def send(self, request, **options):
        address = urlparse(request.url)
        form = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        self.asked.append((address.hostname, address.path, parse_qs(address.query), form))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        response = requests.Response()
        response.status_code, response.reason = status, "as recorded"
        response.raw = HTTPResponse(io.BytesIO(content), status=status, preload_content=False)
        response.url, response.request = request.url, request
        return response

    def close(self):
        pass


@pytest.fixture
def recorded():
    return Recorded()


@pytest.fixture
def opened(recorded):
    session = requests.Session()
    session.hooks["response"].append(refuse_errors)
    session.mount("https://", recorded)
    session.mount("http://", recorded)
    return session


def votable(fields, *rows):
    """A small VOTable as TAP services answer; fields are (name, datatype)."""
    sizes = {"char": 'arraysize="*"'}
    heads = "".join(
        f'<FIELD name="{name}" datatype="{kind}" {sizes.get(kind, "")}/>' for name, kind in fields
    )
    body = "".join("<TR>" + "".join(f"<TD>{v}</TD>" for v in row) + "</TR>" for row in rows)
    return (
        '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        '<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/>'
        f"<TABLE>{heads}<DATA><TABLEDATA>{body}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode()


@pytest.fixture(name="votable")
def the_votable():
    return votable
