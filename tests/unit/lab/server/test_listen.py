"""Addresses: this machine alone unless shared, the first free port, and the code of the link."""

import pytest

from simulator.foundation.errors import UserError
from simulator.lab.server.access import new_token, same_token
from simulator.lab.server.listen import listening, qr_svg, qr_text


def test_only_this_machine_can_connect_unless_shared():
    with listening(port=0).socket as alone:
        assert alone.getsockname()[0] == "127.0.0.1"
    with listening(share=True, port=0).socket as shared:
        assert shared.getsockname()[0] == "0.0.0.0"


def test_the_first_free_port_is_taken_and_a_given_one_must_be_free():
    first = listening()
    with first.socket as held:
        held.listen()
        second = listening()
        second.socket.close()
        assert second.port > first.port
        with pytest.raises(UserError, match=f"--port {first.port}: cannot be used"):
            listening(port=first.port)


def test_a_link_becomes_a_code():
    assert "<svg" in qr_svg("http://192.0.2.7:8765/")
    assert len(qr_text("http://192.0.2.7:8765/").splitlines()) > 10


def test_tokens_differ_and_only_the_same_one_is_right():
    assert len({new_token() for _ in range(100)}) == 100
    assert same_token("a", "a")
    assert not same_token("b", "a")
    assert not same_token(None, "a")
    assert not same_token("é", "a")
