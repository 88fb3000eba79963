import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from astra.services.web import HOSTS, Pace, ServiceError, body, session

pytest.importorskip("requests")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status, headers, content = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    """A service on this machine that answers what a test lays down."""
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def quick(**options):
    return session(hosts={"127.0.0.1"}, pace=Pace(0), back_off=0, **options)


def test_a_busy_server_is_asked_again_and_then_answers(server):
    server.answers = [(503, {}, b""), (429, {"Retry-After": "0"}, b""), (200, {}, b"light")]
    assert body(quick(), "GET", server.url) == b"light"
    assert len(server.asked) == 3


def test_a_server_that_stays_busy_is_given_up_with_its_reason(server):
    server.answers = [(503, {}, b"")] * 9
    with pytest.raises(ServiceError, match="503"):
        body(quick(retries=2), "GET", server.url)
    assert len(server.asked) == 3


def test_a_refusal_is_not_repeated(server):
    server.answers = [(404, {}, b""), (200, {}, b"never")]
    with pytest.raises(ServiceError, match="404"):
        body(quick(), "GET", server.url)
    assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://example.org/", "http://x/"])
def test_hosts_that_are_not_services_are_never_asked(url):
    with pytest.raises(ServiceError, match="is not a service"):
        body(session(), "GET", url)


def test_a_redirection_elsewhere_is_not_followed(server):
    server.answers = [(302, {"Location": "http://localhost:1/secret"}, b"")]
    with pytest.raises(ServiceError, match="'localhost' is not a service"):
        body(quick(), "GET", server.url)


def test_an_answer_larger_than_allowed_is_cut_off(server):
    server.answers = [(200, {}, b"x" * 300_000)]
    with pytest.raises(ServiceError, match="more than"):
        body(quick(), "GET", server.url, most=100_000)


def test_a_server_that_does_not_answer_is_not_waited_for():
    silent = HTTPServer(("127.0.0.1", 0), Handler)
    try:
        with pytest.raises(ServiceError, match="in time"):
            url = f"http://127.0.0.1:{silent.server_port}/"
            body(quick(timeout=0.2, retries=0), "GET", url)
    finally:
        silent.server_close()


def test_requests_to_one_host_are_kept_apart_and_hosts_are_apart(monkeypatch):
    now, slept = [100.0], []
    monkeypatch.setattr("astra.services.web.time.monotonic", lambda: now[0])
    pace = Pace(2.0, sleep=slept.append)
    for host in ("a", "a", "b", "a"):
        pace.wait(host)
    assert slept == [2.0, 4.0]
    now[0] = 200.0
    pace.wait("a")
    assert slept == [2.0, 4.0]


def test_only_these_hosts_are_known():
    assert {
        "simbad.cds.unistra.fr", "tapvizier.cds.unistra.fr", "api.alerce.online",
        "irsa.ipac.caltech.edu", "api.fink-portal.org",
    } == HOSTS  # fmt: skip
