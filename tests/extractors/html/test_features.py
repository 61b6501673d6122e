from __future__ import annotations

import numpy as np
import pytest

from extractors.html import containers, features
from extractors.html.page import Page
from extractors.html.train import page_of

HTML = """<html><body class=forum><div class=nav><a href=/>Home</a></div><article class=post><h1>A kettle…</h1>
<p>It boils, slowly. 水が沸く。</p><ul><li>1 cup:</li><li>2 cups...</li></ul></article></body></html>"""


def made() -> Page:
    page = page_of({"html": HTML})
    assert page is not None
    return page


def column(name: str) -> list[float]:
    matrix, names, _ = features.measure(made())
    return [round(float(value), 4) for value in matrix[names.index(name)]]


def test_flags_that_are_asked_for_are_those_of_the_whole_matrix() -> None:
    whole, names, _ = features.measure(made())
    flags = ("in_li", "all_thread", "own_content", "near_nav", "inner_icon")
    some, some_names, _ = features.measure(made(), flags)
    assert some_names == [*features.NAMES, *flags]
    assert np.array_equal(some, whole[[names.index(name) for name in some_names]])
    assert some[-5].sum() == 2


def test_each_row_has_one_name() -> None:
    matrix, names, _ = features.measure(made())
    assert len(names) == len(set(names)) == len(matrix)
    assert np.isfinite(matrix).all()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("link_density", [1, 0, 0, 0, 0]),
        ("kind_h", [0, 1, 0, 0, 0]),
        ("ends_sentence", [0, 1, 1, 0, 1]),
        ("ends_colon", [0, 0, 0, 1, 0]),
        ("ends_more", [0, 1, 0, 0, 1]),
        ("before1_heading", [0, 0, 1, 0, 0]),
        ("after2_heading", [0, 0, 0, 0, 0]),
        ("frame_depth", [0, 0, 0, 1, 1]),
        ("from_h1", [-1, 0, 1, 2, 3]),
        ("in_article", [0, 1, 1, 1, 1]),
    ],
)
def test_a_row_says_what_its_name_says(name: str, expected: list[float]) -> None:
    assert column(name) == expected


def test_a_block_ends_as_it_ends_however_long_it_is() -> None:
    page = made()
    page.text[2] = "boil " * 1000 + "slowly..."
    matrix, names, _ = features.measure(page)
    assert matrix[names.index("ends_more"), 2] == 1


def test_a_page_of_one_character_is_measured() -> None:
    page = page_of({"html": "."})
    assert page is not None
    matrix, names, _ = features.measure(page)
    assert (matrix[names.index("ends_sentence"), 0], matrix[names.index("ends_more"), 0]) == (1, 0)


def test_bits_and_depth_are_those_of_a_walk_up_the_tree() -> None:
    rng = np.random.default_rng(1)
    parent = np.asarray([0, *(int(rng.integers(0, k)) for k in range(1, 300))])
    own = 1 << rng.integers(0, 40, (2, 300))
    bits, depth = containers._inherited(own, parent)
    for k in range(300):
        held, steps, at = own[:, k].copy(), 0, k
        while at:
            held |= own[:, at]
            at, steps = int(parent[at]), steps + 1
        assert (bits[:, k] == held).all()
        assert depth[k] == steps
