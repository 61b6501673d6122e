"""Tables of paths: REUSE's three forms, and licence files in DEP-5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.licences import licences_of_tree, states_licence
from extractors.code.licences.dep5 import parse_copyright
from extractors.code.licences.reuse import Declarations
from extractors.code.licences.templates import stored

TEXTS = dict(stored())
MIT, BSD, GPL = (" ".join(TEXTS[name]) for name in ("MIT", "BSD-3-Clause", "GPL-3.0-only"))
TOML = """\
version = 1

[[annotations]]
path = "**"
SPDX-License-Identifier = "MIT"

[[annotations]]
path = ["data/*", "a.json"]
precedence = "aggregate"
SPDX-License-Identifier = ["CC0-1.0", "LicenseRef-Ours"]

[[annotations]]
path = "lib/**"
precedence = "override"
SPDX-License-Identifier = "BSD-3-Clause"
"""
DEP5 = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 A. Nobody
License: MIT

Files: doc/* README.?d
Copyright: 2020 A. Nobody
License: own

License: own
 Permission to use, copy, modify, and/or distribute this software for any
 purpose with or without fee is hereby granted.
 .
 THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
 REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
 AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
 INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
 LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
 OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
 PERFORMANCE OF THIS SOFTWARE.
"""
ISC = "// SPDX-License-Identifier: ISC\n"


@pytest.mark.parametrize(
    ("path", "text", "expression", "origin"),
    [
        ("src/a.c", "int a;\n", "MIT", "declared"),
        ("src/b.c", ISC, "ISC", "header"),
        ("data/x.csv", "1,2\n", "CC0-1.0 AND LicenseRef-Ours", "declared"),
        ("data/x.js", ISC, "CC0-1.0 AND ISC AND LicenseRef-Ours", "header"),
        ("data/deep/x.csv", "1,2\n", "MIT", "declared"),
        ("lib/z/y.c", ISC, "BSD-3-Clause", "declared"),
    ],
)
def test_a_reuse_table_stands_below_beside_or_above_headers(path: str, text: str, expression: str, origin: str):
    tree = licences_of_tree([("REUSE.toml", TOML), ("LICENSE", BSD)])
    found = tree.of(path, text)
    assert (found.expression, found.origin) == (expression, origin)
    assert tree.main.expression == "MIT"


def test_one_star_of_a_reuse_table_is_for_the_top_folder_and_two_are_for_the_tree():
    star = '[[annotations]]\npath = "*"\nSPDX-License-Identifier = "MIT"\n'
    programs = [(f"src/{name}.c", ISC + "int a;\n") for name in "abc"]
    other = ("src/z.c", "int z;\n")
    one = licences_of_tree([("REUSE.toml", star), *programs, other])
    two = licences_of_tree([("REUSE.toml", star.replace("*", "**")), *programs, other])
    assert [Declarations([("REUSE.toml", star)]).main, one.of("z.c").expression] == [None, "MIT"]
    assert (one.of(*other).expression, two.of(*other).expression) == ("ISC", "MIT")


def test_a_nearer_table_holds_unless_one_above_it_overrides():
    below = TOML.replace('"MIT"', '"Zlib"')
    found = Declarations([("lib/REUSE.toml", below), ("sub/REUSE.toml", below), ("REUSE.toml", TOML)])
    assert [entry.expression for path in ("sub/a", "lib/a", "a") if (entry := found.of(path))] == [
        "Zlib",
        "BSD-3-Clause",
        "MIT",
    ]


def test_a_file_named_after_another_holds_its_licence_and_not_the_folders():
    tree = licences_of_tree([("LICENSE", MIT), ("logo.svg.license", "SPDX-License-Identifier: CC0-1.0\n")])
    assert tree.of("logo.svg", "<svg/>").expression == "CC0-1.0"
    assert tree.of("other.svg", "<svg/>").expression == "MIT"
    assert licences_of_tree([("tool.license", MIT)]).of("a.c").expression == "MIT"  # a licence text, no tag


def test_texts_in_store_say_nothing_where_others_do_and_are_known_by_name():
    store = [("LICENSES/CC0-1.0.txt", " ".join(TEXTS["CC0-1.0"])), ("LICENSES/MIT.txt", MIT)]
    assert licences_of_tree([*store, ("LICENSE", BSD)]).of("a.c").expression == "BSD-3-Clause"
    assert licences_of_tree([*store, ("package.json", '{"license": "ISC"}')]).of("a.c").expression == "ISC"
    assert licences_of_tree(store).of("a.c").expression == "CC0-1.0 AND MIT"
    assert licences_of_tree([("LICENSES/GPL-3.0-or-later.txt", GPL)]).of("a.c").expression == "GPL-3.0-or-later"
    assert licences_of_tree([("LICENSES/Zlib.txt", MIT)]).of("a.c").expression == "MIT"


@pytest.mark.parametrize("path", [".reuse/dep5", "COPYING"])
def test_a_table_in_dep5_is_read_with_the_texts_it_gives(path: str):
    tree = licences_of_tree([(path, DEP5)])
    found = {name: tree.of(name).expression for name in ("a.c", "doc/x/y.html", "README.md", "README.html")}
    assert found == {"a.c": "MIT", "doc/x/y.html": "0BSD", "README.md": "0BSD", "README.html": "MIT"}
    assert tree.main.expression == "MIT"
    both = tree.of("b.c", "// SPDX-License-Identifier: Zlib\n").expression
    assert both == ("MIT AND Zlib" if path == ".reuse/dep5" else "Zlib")


def test_the_record_of_those_who_package_a_tree_is_for_their_folder_alone():
    tree = licences_of_tree([("debian/copyright", DEP5.replace("doc/*", "debian/*"))])
    assert tree.of("debian/rules").expression == "0BSD"
    assert tree.of("a.c").expression is None


def test_a_free_form_is_no_table_and_broken_ones_say_nothing():
    assert parse_copyright("This is tool, under the MIT license.\n") is None
    assert Declarations([("REUSE.toml", "[[annotations]\npath"), ("a/REUSE.toml", "annotations = 3")]).of("a/b") is None
    unknown = '[[annotations]]\npath = "*"\nSPDX-License-Identifier = "No Such"\n'
    assert Declarations([("REUSE.toml", unknown)]).of("a") is None


@pytest.mark.parametrize("path", ["REUSE.toml", "a/REUSE.toml", ".reuse/dep5", "x-main/.reuse/dep5", "a.png.license"])
def test_tables_are_read_before_the_files(path: str):
    assert states_licence(path)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    Declarations([("REUSE.toml", text), (".reuse/dep5", text), ("COPYING", f"Format: copyright\n{text}")]).of("a/b")
