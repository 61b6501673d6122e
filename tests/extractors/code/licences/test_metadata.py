from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.licences import from_metadata, is_metadata_file

NAMES = ["package.json", "Cargo.toml", "pom.xml", "setup.py", "DESCRIPTION", "tool.gemspec", "META.yml", "dune-project"]


@pytest.mark.parametrize(
    ("name", "text", "spdx"),
    [
        ("package.json", '{"license": "MIT"}', "MIT"),
        ("sub/package.json", '{"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}', "Apache-2.0 OR MIT"),
        ("package.json", '{"license": "SEE LICENSE IN x"}', None),
        ("package.json", "{", None),
        ("composer.json", '{"license": ["LGPL-2.1+", "GPL-3.0+"]}', "GPL-3.0-or-later OR LGPL-2.1-or-later"),
        ("Cargo.toml", '[package]\nname = "a"\nlicense = "MIT OR Apache-2.0"\n', "Apache-2.0 OR MIT"),
        ("Cargo.toml", '[package]\nlicense-file = "LICENSE"\n', None),
        ("pyproject.toml", '[project]\nlicense = {text = "BSD-3-Clause"}\n', "BSD-3-Clause"),
        ("pyproject.toml", '[project]\nclassifiers = ["License :: OSI Approved :: MIT License"]\n', "MIT"),
        ("pyproject.toml", '[tool.poetry]\nlicense = "Apache-2.0"\n', "Apache-2.0"),
        ("setup.py", "setup(license='GPLv3+')", "GPL-3.0-or-later"),
        ("setup.py", "setup(license=read('L'), classifiers=['License :: OSI Approved :: ISC License (ISCL)'])", "ISC"),
        ("setup.cfg", "[metadata]\nlicense = Apache 2.0\n", "Apache-2.0"),
        ("PKG-INFO", "Name: a\nLicense-Expression: MIT\n", "MIT"),
        ("pom.xml", "<licenses><license><name>Apache License, Version 2.0</name></license></licenses>", "Apache-2.0"),
        ("pom.xml", "<project><!-- <licenses><license><name>MIT</name></license></licenses> --></project>", None),
        ("tool.gemspec", "Gem::Specification.new do |s|\n  s.licenses = ['MIT', 'Ruby']\nend\n", "MIT OR Ruby"),
        ("DESCRIPTION", "Package: a\nLicense: MIT + file LICENSE\n", "MIT"),
        ("DESCRIPTION", "Package: a\nLicense: GPL (>= 2)\n", "GPL-2.0-or-later"),
        ("META.json", '{"license": ["perl_5"]}', "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Makefile.PL", "WriteMakefile(LICENSE => 'artistic_2')", "Artistic-2.0"),
        ("tool.opam", 'license: "ISC"\n', "ISC"),
        ("dune-project", "(lang dune 3.0)\n(license LGPL-2.1-only)\n", "LGPL-2.1-only"),
        ("tool.cabal", "license:             BSD3\n", "BSD-3-Clause"),
        ("README.md", "license: MIT", None),
    ],
)  # fmt: skip
def test_each_kind_of_metadata_states_its_expression(name: str, text: str, spdx: str | None):
    found = from_metadata(name, text)
    assert (found.expression if found else None) == spdx


def test_only_known_names_are_metadata():
    assert all(map(is_metadata_file, NAMES))
    assert not is_metadata_file("src/main.c")


@given(st.sampled_from(NAMES), st.text(max_size=200))
def test_no_text_breaks_the_reading(name: str, text: str):
    assert from_metadata(name, text) == from_metadata(name, text)
