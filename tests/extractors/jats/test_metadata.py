"""What the front matter says of an article."""

from __future__ import annotations

import pytest

from extractors.jats import extract
from extractors.result import Extraction

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:ali="http://www.niso.org/schemas/ali/1.0/"'


def front(meta: str, kind: str = "research-article", body: str = "<body><p>x</p></body>") -> Extraction:
    xml = f'<article {XLINK} article-type="{kind}"><front><article-meta>{meta}</article-meta></front>{body}</article>'
    found = extract(xml.encode())
    assert found.error is None
    return found


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (
            (
                '<pub-date pub-type="ppub"><year>2001</year></pub-date><pub-date '
                'pub-type="epub"><day>4</day><month>3</month><year>2000</year></pub-date>'
            ),
            "2000-03-04",
        ),
        ('<pub-date date-type="pub" iso-8601-date="2020-05-06"><year>2019</year></pub-date>', "2020-05-06"),
        ('<pub-date pub-type="collection"><month>Nov</month><year>2015</year></pub-date>', "2015-11"),
        ("<pub-date><season>Spring</season><year>1999</year></pub-date>", "1999"),
        ('<pub-date pub-type="epub"><year>soon</year></pub-date>', None),
        ('<pub-date pub-type="epub"><day>40</day><month>13</month><year>2000</year></pub-date>', "2000"),
        ("", None),
    ],
)
def test_dates_are_iso_and_the_first_publication_wins(dates: str, expected: str | None) -> None:
    assert front(dates).date == expected


def test_ids_authors_and_journal() -> None:
    found = front(
        '<article-id pub-id-type="pmc">PMC12.3</article-id><article-id pub-id-type="doi">10.1/x</article-id>'
        "<contrib-group><contrib><name><surname>Okafor</surname><given-names>N.</given-names></name></contrib>"
        '<contrib contrib-type="editor"><name><surname>No</surname></name>'
        "</contrib><contrib><collab>The Group</collab></contrib></contrib-group>"
    )
    assert found.author == "N. Okafor; The Group"
    assert (found.metadata["id_pmcid"], found.metadata["id_version"], found.metadata["id_doi"]) == (
        "PMC12",
        "3",
        "10.1/x",
    )


@pytest.mark.parametrize(
    ("permissions", "url"),
    [
        (
            '<license xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>CC</license-p></license>',
            "http://creativecommons.org/licenses/by/4.0/",
        ),
        (
            "<license><ali:license_ref>https://creativecommons.org/licenses/by-nc/4.0/</ali:license_ref></license>",
            "https://creativecommons.org/licenses/by-nc/4.0/",
        ),
        ("<ali:license_ref>https://example.org/terms</ali:license_ref>", "https://example.org/terms"),
        (
            '<license><license-p>See <ext-link xlink:href="https://creativecommons.org/licenses/by-sa/3.0/">this</ext-link></license-p></license>',
            "https://creativecommons.org/licenses/by-sa/3.0/",
        ),
        ("<license><license-p>All rights reserved.</license-p></license>", None),
    ],
)
def test_the_address_of_the_licence(permissions: str, url: str | None) -> None:
    assert front(f"<permissions>{permissions}</permissions>").license_url == url


@pytest.mark.parametrize(
    ("meta", "kind", "flag"),
    [
        ('<related-article related-article-type="retracted-article"/>', "retraction", "retraction_notice"),
        ("", "retraction", "retraction_notice"),
        ('<related-article related-article-type="retraction-forward"/>', "research-article", "retracted"),
        ("", "retracted-article", "retracted"),
        (
            "<title-group><article-title>RETRACTED: On naps</article-title></title-group>",
            "research-article",
            "retracted",
        ),
        ('<article-id pub-id-type="manuscript">nihms1</article-id>', "research-article", "manuscript"),
        (
            "<custom-meta-group><custom-meta><meta-name>pmc-prop-manuscript</meta-name><meta-value>yes</meta-value></custom-meta></custom-meta-group>",
            "article",
            "manuscript",
        ),
    ],
)
def test_flags(meta: str, kind: str, flag: str) -> None:
    assert flag in front(meta, kind).metadata
    assert not {"retraction_notice", "retracted", "manuscript"} & front("", "research-article").metadata.keys()


def test_what_an_article_has_is_told() -> None:
    title = "<title-group><article-title>T</article-title></title-group>"
    assert front(title).metadata["content"] == "body"
    assert front(title + "<abstract><p>a</p></abstract>", body="").metadata["content"] == "abstract"
    scan = front(title, body='<body><supplementary-material content-type="scanned-pages"/></body>')
    assert (scan.metadata["content"], scan.metadata["scanned_pages"]) == ("title", "true")
