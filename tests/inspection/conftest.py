"""The five sites of the demonstration on loopback, a register of its works, and patrols of them."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from tests.reference.registering import registered

from copyhold.inspection import services
from copyhold.inspection.models import Match, Patrol
from copyhold.reference import live
from copyhold.registry.models import Work
from copyhold.web.demonstration.sites import Sites


@pytest.fixture(scope="session")
def site_server() -> Iterator[Sites]:
    with Sites() as server:
        yield server


@pytest.fixture
def house(settings, tmp_path) -> SimpleNamespace:
    """A WARC folder and an index of this test's own."""
    settings.COPYHOLD_WARC = tmp_path / "warc"
    settings.COPYHOLD_INDEX = tmp_path / "index"
    live.forget()
    return settings


@pytest.fixture
def sites(site_server: Sites, house) -> Sites:
    house.COPYHOLD_EGRESS_HOSTS = site_server.egress_hosts
    site_server.asked.clear()
    return site_server


@pytest.fixture
def register(people: SimpleNamespace, house) -> Callable[..., list[Work]]:
    """`register("cat", "coffee")`: pieces of the demonstration as works in force."""
    return lambda *keys, holder=None: [registered(people, key, holder=holder) for key in keys]


@pytest.fixture
def patrolled(people: SimpleNamespace, house) -> Callable[..., Patrol]:
    """`patrolled("http://…/")`: a target with these places, and its patrol, run to the end."""

    def run(*places: str, source: str = "site", **more: object) -> Patrol:
        more = {"delay_s": 0.0, **more}
        target = services.add_target(
            people.officer, name="目标", places=places, office=people.corps, source_name=source, **more
        )
        return services.run_patrol(services.queue_patrol(people.officer, target))

    return run


def said(patrol: Patrol) -> dict[str, tuple[str, str]]:
    """Resource → (title of the work, verdict)."""
    matches = Match.objects.filter(sighting__patrol=patrol).select_related("sighting", "work")
    return {match.sighting.resource_url: (match.work.title, match.verdict) for match in matches}
