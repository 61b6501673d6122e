"""Notebooks to a script or to Markdown."""

from __future__ import annotations

import ast
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.guard import Limits
from extractors.notebook import Options, extract


def notebook(*cells: tuple[str, str | list[str]], **metadata: Any) -> str:
    return json.dumps(
        {
            "cells": [{"cell_type": kind, "source": source, "outputs": [{"text": "OUT"}]} for kind, source in cells],
            "metadata": metadata,
            "nbformat": 4,
        }
    )


TIDES = notebook(
    ("markdown", ["# Tides\n", "\n", "High water twice a day."]),
    ("code", "%matplotlib inline\nimport math\n!pip install moon\nmath.sin?"),
    ("code", "%%bash\necho 1\nls"),
    ("code", "%%time\nx = 5 \\\n%2"),
    ("raw", "left as it is"),
    ("code", "   \n"),
    kernelspec={"language": "python", "name": "python3"},
)


def test_a_script_has_markdown_and_magics_as_comments_and_no_outputs() -> None:
    found = extract(TIDES)
    assert found.text == (
        "# # Tides\n#\n# High water twice a day.\n\n"
        "# %matplotlib inline\nimport math\n# !pip install moon\n# math.sin?\n\n"
        "# %%bash\n# echo 1\n# ls\n\n"
        "# %%time\nx = 5 \\\n%2\n\n"
        "# left as it is\n"
    )
    assert (found.title, found.error) == ("Tides", None)
    assert found.metadata == {"language": "Python", "num_code_cells": "3", "num_markdown_cells": "1"}
    ast.parse(found.text)


def test_markdown_has_the_code_in_fences_longer_than_what_they_hold() -> None:
    text = extract(notebook(("markdown", "*A*"), ("code", "s = '''\n````\n'''")), Options(form="markdown")).text
    assert text == "*A*\n\n`````python\ns = '''\n````\n'''\n`````\n"


@pytest.mark.parametrize(
    ("metadata", "language", "comment"),
    [
        ({"language_info": {"name": "R"}}, "R", "# m"),
        ({"kernelspec": {"name": "julia-1.9"}}, "Julia", "# m"),
        ({"language_info": {"name": "C++17"}}, "C++", "// m"),
        ({"language_info": {"name": "scala"}}, "Scala", "// m"),
        ({"kernelspec": {"name": "conda-env-x-py"}}, "Python", "# m"),
        ({}, "Python", "# m"),
    ],
)
def test_comments_are_written_as_the_kernels_language_does(metadata: Any, language: str, comment: str) -> None:
    found = extract(notebook(("markdown", "m"), **metadata))
    assert (found.metadata["language"], found.text) == (language, f"{comment}\n")


@pytest.mark.parametrize(
    "image",
    [
        "![a](data:image/png;base64,iVBORw0KGgo=)",
        '![a b](attachment:tide.png "Tide")',
        '<img alt="a" src="data:image/png;base64,iVBORw0KGgo=" width=9>',
        "<img src='attachment:tide.png'/>",
    ],
)
def test_images_inside_the_notebook_are_left_out_and_counted(image: str) -> None:
    found = extract(notebook(("markdown", f"see {image} after ![b](https://a.de/b.png)")))
    assert found.text == "# see  after ![b](https://a.de/b.png)\n"
    assert found.metadata["num_embedded_images"] == "1"


@pytest.mark.parametrize("language", ["R", "julia", "bash"])
def test_only_pythons_kernels_have_magics(language: str) -> None:
    code = "!isempty(x) || return\n%in% y"
    assert extract(notebook(("code", code), language_info={"name": language})).text == f"{code}\n"


def test_magics_that_give_a_value_are_comments_too() -> None:
    text = extract(notebook(("code", "files = !ls\na, b = %sx ls\nc = 7 %2\nd = not c\ne = 'a' != c"))).text
    assert text == "# files = !ls\n# a, b = %sx ls\nc = 7 %2\nd = not c\ne = 'a' != c\n"
    ast.parse(text)


def test_lines_of_a_string_are_no_magics() -> None:
    code = '# it\'s """\ns = \'\'\'a\n%d of\n!b """\n\'\'\'\n!ls\nt = """\n%s"""\n%cd x'
    assert extract(notebook(("code", code))).text == code.replace("!ls", "# !ls").replace("%cd", "# %cd") + "\n"


@pytest.mark.parametrize(("magic", "is_python"), [("%%julia", False), ("%%cuda -x", False), ("%%capture o", True)])
def test_a_cell_in_another_language_is_a_comment(magic: str, is_python: bool) -> None:
    body = "x = 1" if is_python else "# x = 1"
    assert extract(notebook(("code", f"{magic}\nx = 1"))).text == f"# {magic}\n{body}\n"


def test_sheets_of_the_older_format_are_read() -> None:
    old = {
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": "Part"},
                    {"cell_type": "code", "language": "ruby", "input": ["puts 1\n", "puts 2"]},
                ]
            }
        ],
        "nbformat": 3,
    }
    found = extract(json.dumps(old))
    assert found.text == "# ## Part\n\nputs 1\nputs 2\n"
    assert found.metadata["language"] == "Ruby"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"cells": 3}', b'"x"', b"\xff\xfe{", b"[" * 100_000])
def test_what_is_no_notebook_is_a_typed_failure(data: bytes) -> None:
    found = extract(data)
    assert (found.text, found.error and found.error.code) in (("", "DamagedInput"), ("", "NestingTooDeep"))


def test_a_notebook_over_the_limit_fails_whole() -> None:
    assert extract(TIDES, Options(limits=Limits(input_bytes=len(TIDES)))).text
    assert extract(TIDES, Options(limits=Limits(input_bytes=len(TIDES) - 1))).error is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "metadata", "worksheets", "cell_type", "input", "level", "kernelspec"]),
            inner,
        )
    ),
)


@given(JSON, st.sampled_from(["script", "markdown"]))
def test_any_json_is_text_or_damaged_input(value: object, form: Literal["script", "markdown"]) -> None:
    found = extract(json.dumps(value), Options(form=form))
    assert found.error is None or found.error.code == "DamagedInput"
    assert "\r" not in found.text


@given(st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), st.text(max_size=40)), max_size=6))
def test_every_line_of_every_cell_is_in_both_forms(cells: list[tuple[str, str]]) -> None:
    for form in ("script", "markdown"):
        text = extract(notebook(*cells), Options(form=form)).text  # type: ignore[arg-type]
        for _, source in cells:
            for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
                assert line.strip() in text
