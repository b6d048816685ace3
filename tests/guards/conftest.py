import sys
from pathlib import Path

import pytest

from copyhold.guards.sandbox import Sandbox

sys.path.append(str(Path(__file__).parent / "toys"))


@pytest.fixture(scope="session")
def sandbox():
    from copyhold_toys import LIMITS, TOYS, UnreadableToy

    with Sandbox(
        limits=LIMITS,
        preload=("copyhold_toys",),
        warm="copyhold_toys:warm",
        errors=(UnreadableToy,),
        import_paths=(TOYS,),
    ) as one:
        yield one


@pytest.fixture
def server():
    from loopback import Server

    one = Server()
    yield one
    one.close()


@pytest.fixture
def policy(server):
    """A hurried policy for two demonstration names on the loopback server."""
    from copyhold.guards.egress import Policy

    return Policy(
        hosts={"shop.demo": ("127.0.0.1", server.port), "news.demo": ("127.0.0.1", server.port)},
        delay_s=0,
        max_body_bytes=300_000,
        max_decoded_bytes=2_000_000,
    )


@pytest.fixture
def egress(policy):
    from copyhold.guards.egress import Egress

    return Egress(policy)
