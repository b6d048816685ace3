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
