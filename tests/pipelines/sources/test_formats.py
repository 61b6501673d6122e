"""The dump layouts: each format of the recipes has one, whose functions are there."""

from __future__ import annotations

from typing import get_args

import pytest

from pipelines.source_config import Format
from pipelines.sources.formats import LAYOUTS, Layout


def test_every_format_of_the_recipes_has_a_layout_under_its_name() -> None:
    assert set(LAYOUTS) == set(get_args(Format))
    assert all(name == layout.name for name, layout in LAYOUTS.items())


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_functions_of_a_layout_are_there(layout: Layout) -> None:
    assert callable(layout.accepts())
    assert callable(layout.read())
    assert not layout.accepts()("folder/README")


def test_only_web_dumps_are_web_unless_the_user_says_otherwise() -> None:
    found = {name: layout.category for name, layout in LAYOUTS.items() if layout.category != "acquired"}
    assert found == {"commoncrawl": "web", "records": "web", "github": "code"}
