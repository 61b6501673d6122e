from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.code.licences import is_licence_file, licences_of_tree, states_licence
from extractors.code.licences.templates import stored

TEXTS = dict(stored())
MIT, BSD, GPL = (" ".join(TEXTS[name]) for name in ("MIT", "BSD-3-Clause", "GPL-2.0-only"))
APACHE = " ".join(TEXTS["Apache-2.0"])
LATER = "# free software under the terms of the GNU General Public License, version 2 or any later version\n"
TREE = [
    ("LICENSE", MIT),
    ("package.json", '{"license": "MIT"}'),
    ("src/a.js", "let a = 1;\n"),
    ("src/c.js", "let c = 1;\n"),
    ("src/b.js", "// SPDX-License-Identifier: Apache-2.0\nlet b = 1;\n"),
    ("deps/x/COPYING", BSD),
    ("deps/x/src/x.c", "int x;\n"),
    ("README", "See the LICENSE file.\n"),
]


@pytest.mark.parametrize(
    "path",
    ["LICENSE", "a/COPYING", "LICENSE-MIT", "LICENCE.txt", "COPYING.LESSER", "MIT-LICENSE", "UNLICENSE",
     "LICENSES/MIT.txt", "gpl-2.0.txt", "junit.LICENSE", "Copyright"],
)  # fmt: skip
def test_names_of_licence_files(path: str):
    assert is_licence_file(path)
    assert states_licence(path)


@pytest.mark.parametrize(
    "path", ["license.py", "src/licenses.go", "README", "copying.c", "a/LICENSE/b.c", "license_test.js"]
)
def test_names_that_only_look_like_licence_files(path: str):
    assert not is_licence_file(path)


def test_the_nearest_licence_file_holds_and_a_header_overrides_it():
    tree = licences_of_tree(TREE)
    texts = dict(TREE)
    found = {path: tree.of(path, texts[path]) for path in ("src/a.js", "src/b.js", "deps/x/src/x.c")}
    assert {path: (entry.expression, entry.origin, entry.source_path) for path, entry in found.items()} == {
        "src/a.js": ("MIT", "licence_file", "LICENSE"),
        "src/b.js": ("Apache-2.0", "header", "src/b.js"),
        "deps/x/src/x.c": ("BSD-3-Clause", "licence_file", "deps/x/COPYING"),
    }
    assert tree.of("src/b.js").expression == "MIT"  # without its text
    assert tree.main.expression == "MIT"
    assert tree.conflicts == ()


def test_metadata_that_names_another_licence_than_the_text_is_a_conflict_and_the_text_holds():
    tree = licences_of_tree([("LICENSE", MIT), ("Cargo.toml", '[package]\nlicense = "GPL-3.0"\n')])
    (conflict,) = tree.conflicts
    assert (conflict.metadata_path, conflict.stated, conflict.licence_path, conflict.detected) == (
        "Cargo.toml",
        "GPL-3.0-only",
        "LICENSE",
        "MIT",
    )
    assert tree.of("src/a.rs").expression == "MIT"


def test_metadata_holds_where_no_text_is_and_nothing_where_nothing_is_said():
    assert licences_of_tree([("a/Cargo.toml", '[package]\nlicense = "MIT"\n')]).of("a/b.rs").origin == "metadata"
    nothing = licences_of_tree([("b.rs", "fn main() {}\n")])
    assert (nothing.of("b.rs").expression, nothing.of("b.rs").origin) == (None, "none")


def test_two_licence_files_are_a_choice_where_metadata_says_so_or_custom_does():
    files = [("LICENSE-MIT", MIT), ("LICENSE-APACHE", APACHE)]
    assert licences_of_tree(files).main.expression == "Apache-2.0 OR MIT"
    stated = ("setup.py", "setup(license='BSD-3-Clause OR MIT')")
    assert (
        licences_of_tree([("LICENSE.MIT", MIT), ("LICENSE.BSD", BSD), stated]).main.expression == "BSD-3-Clause OR MIT"
    )
    assert licences_of_tree([("LICENSE.MIT", MIT), ("LICENSE.BSD", BSD)]).main.expression == "BSD-3-Clause AND MIT"


def test_a_licence_for_parts_does_not_speak_for_the_folder_but_is_told():
    found = licences_of_tree([("LICENSE", MIT), ("LICENSE.third-party", BSD)]).of("a.c")
    assert (found.expression, found.also) == ("MIT", ("BSD-3-Clause",))


def test_headers_settle_whether_later_versions_of_a_gnu_text_hold():
    assert licences_of_tree([("COPYING", GPL)]).of("doc/a.txt").expression == "GPL-2.0-only"
    tree = licences_of_tree([("COPYING", GPL), ("a.py", LATER), ("b.py", "b = 1\n"), ("c.py", "c = 1\n")])
    assert tree.of("doc/a.txt").expression == "GPL-2.0-or-later"


def test_headers_settle_it_for_an_exception_too():
    exception = (
        "GCC RUNTIME LIBRARY EXCEPTION\n\nThis GCC Runtime Library Exception is an additional permission under"
        " section 7 of the GNU General Public License, version 3. It applies to a given file.\n"
    )
    header = LATER.replace("version 2", "version 3")
    for programs, end in (([], "only"), ([("a.ads", header.replace("# ", "-- "))], "or-later")):
        found = licences_of_tree([("COPYING.RUNTIME", exception), *programs]).of("doc/a.txt")
        assert found.expression == f"GPL-3.0-{end} WITH GCC-exception-3.1"


def test_of_a_gpl_and_the_lgpl_beside_it_headers_say_which_and_else_the_lesser_holds():
    texts = [
        (f"COPYING{end}", " ".join(TEXTS[name])) for end, name in (("", "GPL-2.0-only"), (".LIB", "LGPL-2.1-only"))
    ]
    programs = [("b.py", "b = 1\n"), ("c.py", "c = 1\n")]
    lesser = LATER.replace("General", "Lesser General").replace("version 2", "version 2.1")
    for headers, expression in (
        ([("a.py", LATER)], "GPL-2.0-or-later"),
        ([("a.py", lesser)], "LGPL-2.1-or-later"),
        ([], "LGPL-2.1-only"),
    ):
        assert licences_of_tree([*texts, *programs, *headers]).of("doc/a.txt").expression == expression


def test_headers_of_half_the_programs_are_the_trees_licence_and_of_fewer_are_not():
    programs = [("a.py", "# SPDX-License-Identifier: ISC\n"), ("b.py", "b = 1\n")]
    assert licences_of_tree([("LICENSE", MIT), *programs]).main.expression == "ISC"
    assert licences_of_tree([("LICENSE", MIT), *programs, ("c.py", "c = 1\n")]).main.expression == "MIT"


def test_a_readme_counts_by_its_section_on_licences_only():
    section = "# Tool\n\nWords.\n\n## License\n\nReleased under the ISC license.\n"
    assert licences_of_tree([("README.md", section)]).of("a.js").origin == "readme"
    mention = "# Tool\n\nIt reads files under the MIT license and counts them.\n"
    assert licences_of_tree([("README.md", mention)]).of("a.js").origin == "none"


def test_where_no_folder_says_anything_most_headers_do_or_the_only_text_in_doc():
    header = "// SPDX-License-Identifier: ISC\n"
    tree = licences_of_tree([("a.js", header), ("b.js", header), ("c.js", "c;\n"), ("lib/x/LICENSE", MIT)])
    found = tree.of("c.js", "c;\n")
    assert (found.expression, found.origin, found.source_path, found.confidence) == ("ISC", "header", None, 0.5)
    assert tree.of("lib/x/y.js").expression == "MIT"
    assert licences_of_tree([("a.js", header), ("b.js", "b;\n"), ("c.js", "c;\n")]).of("c.js").expression is None
    assert licences_of_tree([("doc/COPYING", MIT)]).of("src/a.c").expression == "MIT"
    assert licences_of_tree([("fonts/COPYING", MIT)]).of("src/a.c").expression is None
    assert licences_of_tree([("doc/COPYING", MIT), ("lib/LICENSE", BSD)]).of("src/a.c").expression is None


OWN_NAME = "/* You may distribute under the terms of either the GNU General Public License\n * or the {} License. */\n"


def test_a_header_that_offers_a_licence_with_a_name_of_the_trees_own_leaves_it_to_the_readme():
    readme = (
        "Tool.\n\nThis program is free software. You may redistribute it under the terms of either:\n"
        "1. The GNU General Public License, version 3 or any later version; or\n2. The Tool License, in LICENSE.\n"
    )
    texts = [("COPYING", " ".join(TEXTS["GPL-3.0-only"])), ("LICENSE", " ".join(TEXTS["BSD-2-Clause"]))]
    header = OWN_NAME.format("Tool")
    tree = licences_of_tree([*texts, ("README", readme), ("a.c", header)])
    assert tree.of("a.c", header).expression == "BSD-2-Clause OR GPL-3.0-or-later"
    assert tree.main.expression == "BSD-2-Clause OR GPL-3.0-or-later"
    both = OWN_NAME.format("MIT")
    assert licences_of_tree(texts).of("a.c", both).expression == "GPL-1.0-or-later OR MIT"
    assert licences_of_tree([]).of("a.c", header).expression == "GPL-1.0-or-later"


def test_a_readme_that_grants_counts_without_a_section():
    grant = (
        "# Tool\n\nWords.\n\nThis {} is free software; you can redistribute it under the terms of the ISC license.\n"
    )
    assert licences_of_tree([("README.md", grant.format("library"))]).of("a.js").expression == "ISC"
    assert licences_of_tree([("README.md", grant.format("other one"))]).of("a.js").expression is None


@given(st.permutations(TREE))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_files_changes_nothing(files: list[tuple[str, str]]):
    tree, other = licences_of_tree(files), licences_of_tree(TREE)
    assert [tree.of(path, text) for path, text in TREE] == [other.of(path, text) for path, text in TREE]
    assert (tree.main, tree.conflicts, tree.licence_files) == (other.main, other.conflicts, other.licence_files)
