"""Every message has its Chinese, with the same places; and one message has one Chinese in the whole house."""

from collections import defaultdict

import pytest
from tests.house.drawing import HOUSE, rooms, tool


@pytest.mark.parametrize("room", rooms())
def test_complete(room):
    assert tool("translations").faults(HOUSE / room) == []


def test_one_message_has_one_translation():
    """Django pours all rooms into one catalogue: the same English with two translations would show either."""
    found = defaultdict(set)
    for room in rooms():
        for message in tool("translations").kept(HOUSE / room):
            if message.id:
                found[message.id, message.context].add(message.string)
    assert {key: words for key, words in found.items() if len(words) > 1} == {}


def test_chinese_uses_chinese_punctuation():
    ascii_ends = [
        f"{room}: {message.string}"
        for room in rooms()
        for message in tool("translations").kept(HOUSE / room)
        if (message.id and str(message.string).endswith((",", ";", "?", "!"))) or str(message.string).endswith(". ")
    ]
    assert ascii_ends == []
