from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.licences import is_permissive
from extractors.code.licences.spdx import combine, expression_of, licence_ids

IDS = st.sampled_from(["MIT", "Apache-2.0", "GPL-2.0-only", "GPL-3.0-or-later", "BSD-3-Clause", "MPL-2.0"])
OPERATORS = st.sampled_from(["AND", "OR"])


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("mit", "MIT"),
        ("The MIT License", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("GPLv2+", "GPL-2.0-or-later"),
        ("GPL (>= 2)", "GPL-2.0-or-later"),
        ("GPL-3", "GPL-3.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPL", "GPL-1.0-or-later"),
        ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("GNU Lesser General Public License v2.1", "LGPL-2.1-only"),
        ("GNU Library or Lesser General Public License (LGPL)", "LGPL-2.0-or-later"),
        ("MIT/Apache-2.0", "Apache-2.0 OR MIT"),
        ("(MIT AND Zlib)", "MIT AND Zlib"),
        ("GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        ("Artistic or GPL-1+", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("SEE LICENSE IN LICENSE.md", None),
        ("UNLICENSED", None),
        ("", None),
        ("MIT and something of ours", None),
    ],
)
def test_a_name_stands_for_one_expression_or_none(name: str, expression: str | None):
    assert expression_of(name) == expression


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("(MIT AND GPL-2.0-only) OR BSD-3-Clause", True),
        ("(MIT OR GPL-2.0-only) AND MPL-2.0", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0 AND MIT", False),
        ("LicenseRef-public-domain", True),
        ("LicenseRef-other", False),
        ("", False),
        (None, False),
    ],
)
def test_permissive_is_one_side_of_or_and_both_of_and(expression: str | None, verdict: bool):
    assert is_permissive(expression) is verdict


@given(st.lists(IDS, min_size=1, max_size=5), OPERATORS)
def test_combining_keeps_each_licence_once_whatever_the_order(ids: list[str], operator: str):
    expression = combine(ids, operator)  # type: ignore[arg-type]
    assert expression == combine(ids[::-1], operator)  # type: ignore[arg-type]
    assert set(licence_ids(expression)) == set(ids)
    assert combine([expression], operator) == expression  # type: ignore[arg-type]
    assert is_permissive(expression) is (any if operator == "OR" else all)(map(is_permissive, ids))


@given(st.text(max_size=60))
def test_any_name_gives_an_expression_that_means_itself_or_none(name: str):
    expression = expression_of(name)
    if expression is not None and " WITH " not in expression:
        assert set(licence_ids(expression_of(expression) or "")) == set(licence_ids(expression))
