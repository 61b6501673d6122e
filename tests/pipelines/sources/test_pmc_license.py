"""Licences as they are stated, and the ids they become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.pmc_license import family, is_allowed, license_id, stricter


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0", "CC-BY-NC-ND-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("CC BY", "CC-BY"),
        ("CC BY-NC-SA", "CC-BY-NC-SA"),
        ("cc-by-nd", "CC-BY-ND"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("CC0", "CC0-1.0"),
        ("TDM", "TDM"),
        ("NO-CC CODE", None),
        ("none", None),
        ("", None),
        ("This is distributed under the terms of the Creative Commons Attribution License, which permits use", "CC-BY"),
        ("under the Creative Commons Attribution-NonCommercial-NoDerivatives License 4.0, which", "CC-BY-NC-ND-4.0"),
        ("licensed under a Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("Creative Commons Attribution Non Commercial Share Alike 3.0 Unported", "CC-BY-NC-SA-3.0"),
        (
            "This is an open access article under the CC BY-NC-ND license (http://creativecommons.org/licenses/by-nc-nd/4.0/).",
            "CC-BY-NC-ND-4.0",
        ),
        ("This is an open-access article, free of all copyright, and may be freely reproduced", "CC-PDM-1.0"),
        ("made available under the Creative Commons CC0 public domain dedication", "CC0-1.0"),
        ("under the Creative Commons Attribution License (CC-BY-NC 4.0), which", "CC-BY-NC-4.0"),
        ("under the Creative Commons Attribution License (CC BY), which", "CC-BY"),
        ("All rights reserved. Attribution is required.", None),
    ],
)
def test_statements_become_ids(stated: str, expected: str | None) -> None:
    assert license_id(stated) == expected


def test_a_list_lets_in_whole_ids_and_families() -> None:
    assert is_allowed("CC-BY-4.0", ["CC-BY"])
    assert is_allowed("CC-BY-4.0", ["CC-BY-4.0"])
    assert not is_allowed("CC-BY-3.0", ["CC-BY-4.0"])
    assert not is_allowed("CC-BY-NC-4.0", ["CC-BY"])
    assert not is_allowed(None, ["CC-BY"])
    assert is_allowed(None, None)
    assert not is_allowed("CC-BY", [])


def test_of_two_statements_the_stricter_counts_and_of_equals_the_one_with_a_version() -> None:
    assert stricter("CC-BY-4.0", "CC-BY-NC") == "CC-BY-NC"
    assert stricter("CC-BY", "CC-BY-4.0") == "CC-BY-4.0"
    assert stricter(None, "CC0-1.0") == "CC0-1.0"
    assert stricter("TDM", "CC-BY") == "TDM"


LICENSES = st.sampled_from(
    [None, "CC0-1.0", "CC-BY", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-3.0", "CC-BY-NC-ND-4.0", "TDM"]
)


@given(LICENSES, LICENSES)
def test_the_order_of_statements_makes_no_difference_to_what_is_allowed(one: str | None, other: str | None) -> None:
    found, turned = stricter(one, other), stricter(other, one)
    assert found in (one, other)
    assert (found and family(found)) == (turned and family(turned))


@given(st.text(max_size=60))
def test_no_statement_raises(stated: str) -> None:
    license_id(stated)
