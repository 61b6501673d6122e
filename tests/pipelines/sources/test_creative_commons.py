"""Addresses of Creative Commons licences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.creative_commons import spdx_id


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC-BY-4.0"),
        ("https://www.creativecommons.org/licenses/by-nc-sa/4.0", "CC-BY-NC-SA-4.0"),
        ("//creativecommons.org/licenses/by-nc-nd/2.5/ca/deed.en", "CC-BY-NC-ND-2.5"),
        ("https://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("http://creativecommons.org/licenses/BY-ND/2.0/?x#y", "CC-BY-ND-2.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
    ],
)
def test_an_address_has_its_spdx_id(address: str, name: str) -> None:
    assert spdx_id(address) == name


@pytest.mark.parametrize(
    "address",
    [
        "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "https://creativecommons.org/licenses/by/4.0.evil.example/",
        "https://creativecommons.org.example/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by-nd-sa/4.0/",
        "https://creativecommons.org/",
        "CC-BY-4.0",
        "",
    ],
)
def test_other_addresses_have_none(address: str) -> None:
    assert spdx_id(address) is None


@given(
    st.sampled_from(["by", "by-nc", "by-nd", "by-sa", "by-nc-nd", "by-nc-sa"]),
    st.sampled_from(["1.0", "2.0", "2.5", "3.0", "4.0"]),
)
def test_every_kind_and_version_keeps_its_name(kind: str, version: str) -> None:
    assert spdx_id(f"https://creativecommons.org/licenses/{kind}/{version}/") == f"CC-{kind.upper()}-{version}"
