"""The house as drawn: its floors (from the import linter's contract), its rooms and their sources."""

import ast
import importlib.util
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "copyhold"
BEDROCK = {"errors.py", "__init__.py", "__main__.py"}
NOT_OURS = {
    ".git", ".venv", "var", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
    ".import_linter_cache", "copyhold.egg-info",
}  # fmt: skip
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".html", ".css", ".js", ".json", ".po", ".sh", ".typ", ".svg", ""}


@cache
def floors() -> list[set[str]]:
    """From the roof down; rooms of one floor do not know each other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [{room.strip() for room in layer.split("|")} for layer in layers]


def floor_of(room: str) -> int:
    """0 is the cellar."""
    return next(height for height, rooms in enumerate(reversed(floors())) if room in rooms)


def rooms() -> list[str]:
    return sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))


def sources(room: str = "") -> list[Path]:
    """Python files of a room, or of the whole house, migrations apart."""
    place = HOUSE / room if room else HOUSE
    return [path for path in sorted(place.rglob("*.py")) if "migrations" not in path.parts]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def files() -> list[Path]:
    """Every text file that belongs to the project."""
    found, open_ = [], [ROOT]
    while open_:
        for path in sorted(open_.pop().iterdir()):
            if path.name in NOT_OURS or path.is_symlink():
                continue
            if path.is_dir():
                open_.append(path)
            elif path.suffix in TEXT:
                found.append(path)
    return sorted(found)


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tool(name: str) -> ModuleType:
    """One of tools/*.py as a module."""
    spec = importlib.util.spec_from_file_location(f"house_tool_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
