from types import SimpleNamespace

import pytest

from app.guard import admitted, is_local


def document(address: str | None) -> SimpleNamespace:
    request = SimpleNamespace(remote_ip=address)
    return SimpleNamespace(session_context=SimpleNamespace(request=request))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_admitted(address):
    assert is_local(address)
    assert admitted(document(address), None)


@pytest.mark.parametrize(
    "address",
    ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7", "", None],
)
def test_a_network_is_refused_unless_signed_in(address):
    assert not admitted(document(address), None)
    assert admitted(document(address), "ada")


def test_a_page_without_a_server_is_not_guarded():
    assert admitted(SimpleNamespace(session_context=None), None)
