from types import SimpleNamespace

import pytest

from copyhold.reference import live


@pytest.fixture(autouse=True)
def _own_index(settings, tmp_path) -> None:
    """An index of this test's own."""
    settings.COPYHOLD_INDEX = tmp_path / "index"
    live.forget()


@pytest.fixture
def office(people: SimpleNamespace) -> SimpleNamespace:
    return people
