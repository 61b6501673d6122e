from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.code.licences import LicenceMatch, detect, detect_header
from extractors.code.licences.templates import index
from extractors.code.licences.texts import MIN_LIKENESS, passages
from extractors.code.licences.words import words_of

GNU = """ * {name} is free software; you can redistribute it and/or modify
 * it under the terms of the GNU {family}General Public License as published by
 * the Free Software Foundation; {version}.
 *
 * It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY. See the
 * GNU General Public License for more details."""


def template_words(spdx_id: str) -> list[str]:
    """The words of a licence, out of our own table."""
    from extractors.code.licences.templates import stored

    return next(words for found, words in stored() if found == spdx_id)


def text_of(spdx_id: str) -> str:
    return " ".join(template_words(spdx_id))


def ids() -> list[str]:
    return sorted({template.spdx_id for template in index().templates})


def expression(match: LicenceMatch | None) -> str | None:
    return match.expression if match else None


def test_more_than_six_hundred_licences_are_known():
    assert len(ids()) > 600


@pytest.mark.parametrize(
    "spdx_id",
    [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "MPL-2.0",
        "LGPL-2.1-only",
        "GPL-3.0-only",
        "0BSD",
    ],
)
def test_a_text_is_itself_with_full_confidence_and_coverage(spdx_id: str):
    found = detect(text_of(spdx_id))
    assert found is not None
    assert (found.expression, found.spdx_id) == (spdx_id, spdx_id)
    assert found.confidence > 0.98
    assert found.coverage > 0.98


@given(st.sampled_from(ids()))
@settings(max_examples=60, deadline=None)
def test_every_text_of_the_list_is_found_as_itself(spdx_id: str):
    assert spdx_id in {passage.spdx_id for passage in passages(template_words(spdx_id))} or spdx_id.startswith(
        "LGPL-3.0"
    )


def test_copyright_lines_comment_marks_case_and_wrapping_do_not_count():
    words = text_of("MIT").removeprefix("mit license").split()
    lines = [" ".join(words[start : start + 9]).upper() for start in range(0, len(words), 9)]
    text = "/*\n * Copyright (c) 2001, 2002 Some Body <some@body.org>. All rights reserved.\n" + "".join(
        f" * {line}\n" for line in lines
    )
    found = detect(text + " */")
    assert found is not None
    assert (found.expression, found.coverage) == ("MIT", pytest.approx(1.0, abs=0.02))


def test_a_bsd_licence_with_the_authors_name_keeps_its_number_of_clauses():
    text = text_of("BSD-3-Clause").replace("the copyright holder nor", "acme corporation nor")
    assert expression(detect(text)) == "BSD-3-Clause"


def test_likeness_under_the_limit_is_no_licence():
    words = template_words("Zlib")
    changed = ["changed" if number % 4 == 0 else word for number, word in enumerate(words)]
    assert passages(changed) == []
    assert passages(words)[0].likeness >= MIN_LIKENESS


def test_two_texts_stand_with_and_and_the_first_is_for_the_whole():
    found = detect(f"{text_of('MIT')}\n\nThe folder lib has another licence:\n\n{text_of('BSD-3-Clause')}")
    assert found is not None
    assert (found.expression, found.principal) == ("BSD-3-Clause AND MIT", "MIT")


def test_two_texts_stand_with_or_where_the_words_around_them_offer_a_choice():
    found = detect(f"You may choose one of the following:\n{text_of('MIT')}\nor\n{text_of('Apache-2.0')}")
    assert found is not None
    assert (found.expression, found.principal) == ("Apache-2.0 OR MIT", "Apache-2.0 OR MIT")


def test_lgpl_3_beside_the_gpl_on_which_it_builds_is_lgpl_3():
    assert expression(detect(f"{text_of('LGPL-3.0-only')}\n{text_of('GPL-3.0-only')}")) == "LGPL-3.0-only"


def test_a_gnu_text_alone_leaves_later_versions_open_and_a_notice_above_it_closes_them():
    alone = detect(text_of("GPL-2.0-only"))
    assert alone is not None
    assert (alone.expression, alone.version_open) == ("GPL-2.0-only", True)
    notice = GNU.format(name="Tool", family="", version="either version 2, or (at your option) any later version")
    noticed = detect(f"{notice}\n\n{text_of('GPL-2.0-only')}")
    assert noticed is not None
    assert (noticed.expression, noticed.version_open) == ("GPL-2.0-or-later", False)


@pytest.mark.parametrize(
    ("family", "version", "spdx"),
    [
        ("", "either version 2 of the License, or\n * (at your option) any later version", "GPL-2.0-or-later"),
        ("", "version 2 of the License", "GPL-2.0-only"),
        ("", "either version 3 of the License, or (at your option) any later version", "GPL-3.0-or-later"),
        (
            "Lesser ",
            "either\n * version 2.1 of the License, or (at your option) any later version",
            "LGPL-2.1-or-later",
        ),
        ("Library ", "either version 2 of the License, or (at your option) any later version", "LGPL-2.0-or-later"),
        ("Affero ", "version 3", "AGPL-3.0-only"),
    ],
)
def test_the_gnu_notices_say_family_version_and_whether_later_ones_do(family: str, version: str, spdx: str):
    header = "/*\n" + GNU.format(name="Tool", family=family, version=version) + "\n */\nint main(void);\n"
    assert expression(detect_header(header)) == spdx


@pytest.mark.parametrize(
    ("header", "spdx"),
    [
        ("// SPDX-License-Identifier: GPL-2.0+ OR MIT\n", "GPL-2.0-or-later OR MIT"),
        ("/* SPDX-License-Identifier: BSD-3-Clause */\n", "BSD-3-Clause"),
        ("# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: Zlib\n", "MIT AND Zlib"),
        ("# Licensed under the Apache License, Version 2.0 (the \"License\");\n", "Apache-2.0"),
        ("// subject to the terms of the Mozilla Public\n// License, v. 2.0. If a copy of the MPL\n", "MPL-2.0"),
        ("// Distributed under the Boost Software License, Version 1.0.\n", "BSL-1.0"),
        ("# Released under the MIT license\n", "MIT"),
        ("# This file is released under GPLv2+\n", "GPL-2.0-or-later"),
        ("// This file is in the public domain.\n", "LicenseRef-public-domain"),
        ("dual-licensed under the MIT license and the GPL version 2 or later\n", "GPL-2.0-or-later OR MIT"),
        ("licensed under the same terms as Perl itself\n", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("// Use of this source code is governed by a BSD-style\n// license found in the LICENSE file", None),
        ("// See LICENSE for terms.\n", None),
        ("int main(void) { return 0; }\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_headers_by_tag_and_by_sentence(header: str, spdx: str | None):
    assert expression(detect_header(header)) == spdx


def test_mozillas_three_licences_are_a_choice():
    header = (
        "The contents of this file are subject to the Mozilla Public License Version 1.1 (the \"License\"). "
        "Alternatively, the contents of this file may be used under the terms of either the GNU General Public License "
        "Version 2 or later (the \"GPL\"), or the GNU Lesser General Public License Version 2.1 or later (\"LGPL\")."
    )  # fmt: skip
    assert expression(detect_header(header)) == "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1"


def test_a_licence_in_the_documentation_at_the_end_of_a_module_counts():
    module = "package Tool;\n" + "sub f { 1 }\n" * 3000 + "\n=head1 LICENSE\n\nsame terms as Perl itself.\n\n=cut\n"
    assert expression(detect_header(module)) == "Artistic-1.0-Perl OR GPL-1.0-or-later"


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(["licensed", "under", "the", "gnu", "gpl", "mit", "version", "2", "or", "later", "3", "see"])
    ).map(" ".join)
)
@settings(deadline=None)
def test_any_text_gives_measures_between_nought_and_one_twice_the_same(text: str):
    for found in (detect(text), detect_header(text)):
        assert found is None or (0 <= found.confidence <= 1 and 0 <= found.coverage <= 1)
    assert detect(text) == detect(text)


def test_the_two_texts_of_a_perl_module_are_perls_own():
    text = (
        "This is free software; you can redistribute it and/or modify it under the same terms as the Perl 5 "
        "programming language system itself. Terms of the Perl programming language system itself: a) the GNU General "
        f"Public License version 1, or any later version, or b) the \"Artistic License\"\n{text_of('GPL-1.0-only')}\n"
        f"--- The Artistic License 1.0 ---\n{text_of('Artistic-1.0')}"
    )  # fmt: skip
    assert expression(detect(text)) == "Artistic-1.0-Perl OR GPL-1.0-or-later"


def test_a_line_that_begins_with_copyright_notice_or_holders_is_part_of_the_licence():
    broken = text_of("ISC").replace(" copyright notice", "\ncopyright notice").replace("copies the", "copies\nthe")
    assert "\ncopyright notice and this permission notice appear in all copies\n" in broken
    found = detect(f"Copyright (c) 2013-2015, A. Nobody <a@b.c>\n\n{broken}\n")
    assert found is not None
    assert (found.expression, found.confidence) == ("ISC", 1.0)
    shouted = "provided by the\nCOPYRIGHT HOLDERS AND CONTRIBUTORS\nas is"
    assert words_of(shouted) == ["provided", "by", "the", "copyright", "holders", "and", "contributors", "as", "is"]
    assert words_of("Copyright Holder: A. Nobody 2004\nCopyright A. Nobody\nwords") == ["words"]
