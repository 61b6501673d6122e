"""The order in which the files of a repository are put into one document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.imports import reading_order


def before(files: dict[str, str], first: str, second: str) -> bool:
    order = reading_order(files)
    return order.index(first) < order.index(second)


@pytest.mark.parametrize(
    ("files", "first", "second"),
    [
        ({"pkg/a.py": "from pkg.z import f\n", "pkg/z.py": ""}, "pkg/z.py", "pkg/a.py"),
        ({"pkg/a.py": "from pkg import (\n    y,\n    z as q,\n)\n", "pkg/z.py": ""}, "pkg/z.py", "pkg/a.py"),
        ({"src/pkg/a.py": "import os, pkg.z as z\n", "src/pkg/z.py": ""}, "src/pkg/z.py", "src/pkg/a.py"),
        ({"pkg/a.py": "from .z import f\n", "pkg/z.py": ""}, "pkg/z.py", "pkg/a.py"),
        ({"pkg/b/a.py": "from ..z.y import f\n", "pkg/z/y.py": ""}, "pkg/z/y.py", "pkg/b/a.py"),
        ({"a.py": "import zebra\n", "zebra/__init__.py": ""}, "zebra/__init__.py", "a.py"),
        ({"a.js": "import x from './z'\n", "z.js": ""}, "z.js", "a.js"),
        ({"a.ts": "export { x } from './z.js'\n", "z.ts": ""}, "z.ts", "a.ts"),
        ({"lib/a.js": "const z = require('../z')\n", "z/index.js": ""}, "z/index.js", "lib/a.js"),
        (
            {"go.mod": "module e.org/m\n", "a.go": 'import (\n\t"fmt"\n\tx "e.org/m/z"\n)\n', "z/z.go": ""},
            "z/z.go",
            "a.go",
        ),
        ({"a.go": 'import "github.com/o/m/inner/z"\n', "inner/z/z.go": ""}, "inner/z/z.go", "a.go"),
        ({"src/o/A.java": "import o.z.Z;\n", "src/o/z/Z.java": ""}, "src/o/z/Z.java", "src/o/A.java"),
        ({"src/o/A.java": "import o.z.*;\n", "src/o/z/Z.java": ""}, "src/o/z/Z.java", "src/o/A.java"),
        ({"src/o/A.java": "import static o.z.Z.f;\n", "src/o/z/Z.java": ""}, "src/o/z/Z.java", "src/o/A.java"),
        ({"a.c": '#include "z.h"\n', "z.h": ""}, "z.h", "a.c"),
        ({"src/a.cc": "#include <m/z.hpp>\n", "include/m/z.hpp": ""}, "include/m/z.hpp", "src/a.cc"),
        ({"src/lib.rs": "mod z;\n", "src/z.rs": ""}, "src/z.rs", "src/lib.rs"),
        ({"src/a.rs": "use crate::z::{f};\n", "src/z/mod.rs": ""}, "src/z/mod.rs", "src/a.rs"),
        ({"src/a/b.rs": "use super::z::f;\n", "src/a/z.rs": ""}, "src/a/z.rs", "src/a/b.rs"),
        ({"src/a.rs": "use crate::{\n    b::f,\n    z::{g, h},\n};\n", "src/z.rs": ""}, "src/z.rs", "src/a.rs"),
    ],
)
def test_what_a_file_imports_comes_before_it(files: dict[str, str], first: str, second: str) -> None:
    assert before(files, first, second)
    assert not before(dict.fromkeys(files, ""), first, second) or first < second


def test_readmes_come_first_the_nearest_to_the_root_before_others() -> None:
    files = {"a.py": "", "docs/README.md": "", "README.rst": "", "readme_data.py": ""}
    assert reading_order(files) == ["README.rst", "docs/README.md", "a.py", "readme_data.py"]


def test_a_cycle_is_broken_at_the_file_with_the_fewest_imports() -> None:
    files = {"a.py": "import b\nimport c\n", "b.py": "import a\n", "c.py": "import a\nimport b\n"}
    assert reading_order(files) == ["b.py", "a.py", "c.py"]


def test_of_two_files_of_one_name_the_nearer_is_meant() -> None:
    files = {"one/src/a.c": '#include "z.h"\n', "one/inc/z.h": "", "two/z.h": '#include "../one/src/a.c"\n'}
    assert reading_order(files).index("one/inc/z.h") < reading_order(files).index("one/src/a.c")


def test_a_module_of_the_standard_library_is_not_taken_for_a_file_far_away() -> None:
    files = {"a/b.py": "import types\n", "z/deep/types.py": ""}
    assert reading_order(files) == ["a/b.py", "z/deep/types.py"]


def test_files_that_hang_together_stand_together() -> None:
    files = {"a.py": "import y\n", "b.py": "", "y.py": "import z\n", "z.py": "", "c.py": "import x\n", "x.py": ""}
    assert reading_order(files) == ["z.py", "y.py", "a.py", "b.py", "x.py", "c.py"]


@pytest.mark.parametrize(
    ("others", "first", "user"),
    [
        ("p/s{}/__init__.py", "p/s99/__init__.py", ("a.py", "from p.s99 import f\n")),
        ("inc/m{}/config.h", "inc/m99/config.h", ("a.c", '#include "m99/config.h"\n')),
        ("j/m{}/Util.java", "j/m99/Util.java", ("A.java", "import m99.Util;\n")),
        ("x/m{}/z/z.go", "x/m99/z/z.go", ("a.go", 'import "e.org/m99/z"\n')),
    ],
)
def test_a_name_that_many_files_have_is_found(others: str, first: str, user: tuple[str, str]) -> None:
    files = {others.format(number): "" for number in range(200)} | dict([user])
    assert reading_order(files).index(first) == reading_order(files).index(user[0]) - 1


NAMES = [f"{folder}{name}.{end}" for folder in ("", "p/") for name in "abc" for end in ("py", "js", "h", "rs", "go")]
TEXTS = ["import a, b\n", "from . import c\n", "from p.b import x\n", "require('./b')", '#include "c.h"\n', "mod b;\n"]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(TEXTS)).map("".join)), st.randoms())
def test_every_file_comes_once_whatever_order_they_are_given_in(files: dict[str, str], draw: object) -> None:
    order = reading_order(files)
    assert sorted(order) == sorted(files)
    shuffled = list(files.items())
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reading_order(dict(shuffled)) == order


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    files = {f"a.{end}": text for end in ("py", "js", "go", "java", "c", "rs")}
    assert sorted(reading_order(files)) == sorted(files)
