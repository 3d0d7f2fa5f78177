# SPDX-License-Identifier: GPL-3.0-or-later
import socket

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import reach


def test_a_port_that_listens_is_open_and_the_same_one_closed_refuses():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert reach.reach("127.0.0.1", port, 5) == reach.OPEN
    assert reach.reach("127.0.0.1", port, 5) == reach.REFUSED


@pytest.mark.parametrize(
    ("error", "said"),
    [(TimeoutError("timed out"), reach.SILENT), (socket.gaierror(-2, "Name or service not known"), "not known")],
)
def test_no_answer_and_no_such_host_are_not_the_same(monkeypatch, error, said):
    def fails(*_args, **_more):
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    assert said in reach.reach("as300", 7070, 1)
