from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.globs import MAX_PATH_CHARS, Dialect, path_pattern


def holds(pattern: str, path: str, dialect: Dialect = "git") -> bool:
    return path_pattern(pattern, dialect).fullmatch(path) is not None


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*.c", "a/b.c", "a/b.h"),
        ("/*.c", "b.c", "a/b.c"),
        ("a/*.c", "a/b.c", "a/x/b.c"),
        ("a/**", "a/x/b.c", "a"),
        ("**/b", "a/x/b", "a/xb"),
        ("a/**/b", "a/b", "a/xb"),
        ("a**/x", "abc/x", "a/b/x"),
        ("x?y", "xzy", "x/y"),
        ("[!a].c", "b.c", "a.c"),
        ("[a-c]", "b", "d"),
        (r"a\*", "a*", "ab"),
    ],
)
def test_patterns_of_git(pattern: str, matching: str, other: str):
    assert holds(pattern, matching)
    assert not holds(pattern, other)


def test_a_star_of_reuse_ends_at_a_slash_and_two_or_one_of_dep5_do_not():
    assert holds("src/**.c", "src/a/b.c", "reuse")
    assert not holds("src/*.c", "src/a/b.c", "reuse")
    assert holds("src/*.c", "src/a/b.c", "dep5")
    assert holds("a?b", "a/b", "dep5")
    assert holds(r"\*", "*", "reuse")
    assert not holds(r"\*", "a", "reuse")


def slowly(pieces: list[str], path: str) -> bool:
    """The definition, tried at every length."""
    if not pieces:
        return path == ""
    head, rest = pieces[0], pieces[1:]
    if head in ("*", "**"):
        lengths = range(len(path) + 1)
        return any(slowly(rest, path[n:]) for n in lengths if head == "**" or "/" not in path[:n])
    return path[:1] == head and slowly(rest, path[1:])


def test_a_wildcard_is_tried_further_where_the_next_one_ends_at_a_slash():
    assert holds("**a*b", "a/ab", "reuse")


@given(st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), max_size=6), st.text("ab/", max_size=7))
def test_taking_the_first_fitting_place_finds_what_trying_all_finds(pieces: list[str], path: str):
    stars = [number for number, piece in enumerate(pieces) if "*" in piece and "*" in "".join(pieces[:number])[-1:]]
    pieces = [piece for number, piece in enumerate(pieces) if number not in stars]
    assert holds("".join(pieces), path, "reuse") == slowly(pieces, path)


@pytest.mark.parametrize(
    ("pattern", "dialect"), [("*a" * 40 + "b", "git"), ("**/a/" * 9 + "b", "git"), ("*a" * 40, "dep5")]
)
def test_no_pattern_takes_long(pattern: str, dialect: Dialect):
    begin = time.monotonic()
    holds(pattern, "a/" * (MAX_PATH_CHARS // 2), dialect)
    holds(pattern, "a" * MAX_PATH_CHARS, dialect)
    assert time.monotonic() - begin < 5


def test_overlong_paths_and_broken_sets_match_nothing():
    assert holds("*", "a" * MAX_PATH_CHARS)
    assert not holds("*", "a" * (MAX_PATH_CHARS + 1))
    assert not holds("[z-a]", "a")
