"""Imports and foreign keys point down; a room is drawn before it exists."""

import subprocess
import sys

from django.apps import apps
from tests.house.drawing import BEDROCK, HOUSE, ROOT, floor_of, floors, rooms, short


def test_imports_point_down():
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_room_has_a_floor_and_every_floor_is_built():
    assert set(rooms()) == set().union(*floors())


def test_nothing_lies_about_outside_the_rooms():
    assert {path.name for path in HOUSE.iterdir() if path.is_file() and path.suffix == ".py"} == BEDROCK


def test_foreign_keys_point_down_or_stay_in_the_room():
    up = []
    for model in apps.get_models():
        if not model.__module__.startswith("copyhold."):
            continue
        room = model._meta.app_label
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete) or field.related_model is None:
                continue
            other = field.related_model
            if not other.__module__.startswith("copyhold."):
                continue
            there = other._meta.app_label
            if there != room and floor_of(there) >= floor_of(room):
                up.append(f"{model.__name__}.{field.name}: {room} → {there}")
    assert up == []


def test_only_rooms_above_the_cellar_have_tables():
    cellar = floors()[-1]
    assert [short(path) for room in cellar for path in (HOUSE / room).rglob("models.py")] == []
