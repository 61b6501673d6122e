"""The page: well formed, self-contained, its links resolve, documents cannot act in it, and it says what happened."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.report.excerpts import one_line
from pipelines.report.page import render_report
from pipelines.report.run_json import Records, RunSummary
from pipelines.report.statistics import (
    BenchmarkMatch,
    Excerpt,
    Histogram,
    RuleReach,
    Sample,
    Statistics,
    Survivor,
)
from pipelines.report.summary import build_run_summary
from tests.made_run import HOSTILE, RECIPE, write_run

VOID = {"meta", "br", "wbr", "hr", "img", "input", "link"}
TAGS = (
    "html head title style body header nav main section article footer h1 h2 h3 h4 h5 p a b code time span div i mark "
    "dl dt dd ul li table caption thead tbody tfoot tr th td figure figcaption details summary svg rect text line g "
    "meta br wbr"
)
ALLOWED = set(TAGS.split())


class Page(HTMLParser):
    """Checks that tags are balanced, and collects what a test asks about."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.tables_without_caption = 0
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.open and self.open[-1] == "table" and tag != "caption" and self.tags[-1] == "table":
            self.tables_without_caption += 1
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> RunSummary:
    return build_run_summary(write_run(tmp_path_factory.mktemp("run")), RECIPE)


def sample(text: str = "Some text.", **columns: object) -> Sample:
    made = Sample(
        doc_id="0" * 32,
        verdict="dropped",
        rule="gopher.too_few_words",
        value="6",
        limit="20",
        failed_rules=("gopher.too_few_words", "language.unsure"),
        source="commoncrawl",
        category="web",
        container="CC-MADE-0001.warc.gz",
        offset=4000,
        url="https://harbour.example/page/4",
        title="Page 4",
        language="en",
        num_words=6,
        excerpt=Excerpt(text),
    )
    return replace(made, **columns)  # type: ignore[arg-type]


def statistics(*samples: Sample) -> Statistics:
    return Statistics(
        languages={"en": {"kept": 30, "dropped": 21}, "": {"dropped": 2}} | {f"x{n}": {"kept": 1} for n in range(30)},
        histograms={"num_words": Histogram({("web", "kept"): {16: 30}, ("code", "dropped"): {8: 21}})},
        skip_values={"ingest.not_html": {f"image/x{n}": n for n in range(1, 9)} | {"application/pdf": 99}},
        reach={"gopher.too_few_words": RuleReach(17, 9)},
        cluster_sizes={2: 3, 8: 1},
        duplicates={"survivor": 4, "exact": 1, "near": 1},
        similarities=Histogram({("", "near"): {91: 1}}, 0.01),
        samples=samples,
    )


def test_every_tag_is_closed_and_every_link_leads_somewhere(summary: RunSummary) -> None:
    page = Page(render_report(summary, statistics(sample(), sample(verdict="failed", rule="TimeLimitExceeded"))))
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside
    assert inside <= set(page.ids)
    assert set(page.tags) <= ALLOWED
    assert page.tables_without_caption == 0


def test_the_page_asks_for_nothing_from_outside(summary: RunSummary) -> None:
    html = render_report(summary, statistics(sample()))
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(Page(html).tags)
    assert not re.search(r"url\(|@import", html)
    assert "default-src 'none'" in html


def test_the_same_run_gives_the_same_page(summary: RunSummary) -> None:
    assert render_report(summary, statistics(sample())) == render_report(summary, statistics(sample()))


def test_an_empty_run_still_has_a_page(summary: RunSummary) -> None:
    nothing = Records(input=0, kept=0, dropped=0, failed=0)
    empty = summary.model_copy(
        update={"records": nothing, "mixture": (), "shards": (), "dropped_by_rule": (), "failed_by_error": {}}
    )
    text = Page(render_report(empty, Statistics())).text
    assert "No shards have been written yet." in text
    assert "The mixture has not been planned yet." in text
    assert "No record failed." in text


def test_the_figures_are_on_the_page(summary: RunSummary) -> None:
    text = " ".join(Page(render_report(summary, statistics(sample()))).text.split())
    assert "The books balance: 243 records = 49 kept + 192 dropped + 2 failed." in text
    assert "The rules that drop most: gopher.too_few_words (17, 24.3 %)" in text
    assert "Removing gopher.too_few_words, and nothing else, would bring back up to 9 documents." in text
    assert "2 rules dropped nothing: language.unsure, c4.lorem_ipsum." in text
    assert "The mixture is short by 2,600 tokens, 65.0 % of what was asked for" in text
    assert "Dropped by gopher.too_few_words 1 sample of 17" in text
    assert "gopher.too_few_words: measured 6, limit 20" in text
    assert "Also true: language.unsure" in text
    assert all(shard.sha256 in text for shard in summary.shards)


def test_the_commonest_values_say_what_the_reader_passed_over(summary: RunSummary) -> None:
    text = Page(render_report(summary, statistics())).text
    assert "application/pdf 99, image/x8 8, image/x7 7, image/x6 6, image/x5 5, 4 more" in text


def test_books_that_do_not_balance_come_first(summary: RunSummary) -> None:
    broken = summary.model_copy(update={"books": summary.books.model_copy(update={"balanced": False})})
    text = Page(render_report(broken, Statistics())).text
    assert "The books do not balance" in text
    assert "do not use these shards" in text


def test_languages_beyond_twenty_are_summed_up(summary: RunSummary) -> None:
    text = Page(render_report(summary, statistics())).text
    assert "12 languages with fewer documents are summed up" in text
    assert "others" in text


def test_a_duplicate_stands_beside_its_survivor_with_the_differences_marked(summary: RunSummary) -> None:
    survivor = Survivor("1" * 32, "near", 0.9107, "https://harbour.example/1", "Page 1", Excerpt("one ribbons three"))
    html = render_report(summary, statistics(sample("one strips three", rule="dedup.near", survivor=survivor)))
    assert '<span class="differs"> strips</span>' in html
    assert '<span class="differs"> ribbons</span>' in html
    assert "similarity 0.91" in Page(html).text


def test_the_words_of_a_benchmark_are_marked(summary: RunSummary) -> None:
    match = BenchmarkMatch("buns/3", "a baker sells", "13-gram", "5 13-grams in common")
    shown = Excerpt("before ", "A BAKER SELLS", " after", cut_before=12)
    html = render_report(summary, statistics(sample(rule="benchmark.match_13gram", match=match, excerpt=shown)))
    assert "<mark>A BAKER SELLS</mark>" in html
    assert "[12 characters before]" in Page(html).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://[bad"])
def test_only_web_addresses_become_links(summary: RunSummary, url: str) -> None:
    page = Page(render_report(summary, statistics(sample(url=url))))
    assert url not in page.links
    assert url in page.text


def test_a_hostile_title_and_text_are_shown_not_run(summary: RunSummary) -> None:
    html = render_report(summary, statistics(sample(HOSTILE, title=HOSTILE, url=HOSTILE, value=HOSTILE)))
    assert set(Page(html).tags) <= ALLOWED
    assert "&lt;script&gt;alert(" in html
    assert "<script" not in html


FRAGMENTS = st.sampled_from(
    [HOSTILE, "</style>", "<!--", "]]>", "{{ 7*7 }}", "{% raw %}", "'\"`", "&lt;b&gt;", "\0", "<svg/onload=x>"]
)
HOSTILE_TEXTS = st.lists(FRAGMENTS | st.text(max_size=20), min_size=1, max_size=4).map("".join)


@settings(max_examples=60, deadline=None)
@given(HOSTILE_TEXTS, HOSTILE_TEXTS, HOSTILE_TEXTS)
def test_nothing_that_documents_hold_becomes_markup(summary: RunSummary, text: str, title: str, other: str) -> None:
    survivor = Survivor("1" * 32, "near", 0.9, other, title, Excerpt(text))
    samples = (
        sample(text, title=title, url=other, value=text, limit=other, container=title, language=other),
        sample(text, verdict="kept", rule=None, value=None, limit=None, title=other, url=None),
        sample(text, rule="dedup.near", survivor=survivor, title=title),
        sample(text, verdict="failed", rule=title or "x", error_detail=other, failed_rules=()),
        sample(match=BenchmarkMatch(title, other, "13-gram", "5"), excerpt=Excerpt(text, title, other)),
    )
    page = Page(render_report(summary, statistics(*samples)))
    assert set(page.tags) <= ALLOWED
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(link.startswith(("#", "http://", "https://")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert one_line(title) in page.text


def test_the_templates_come_with_the_package() -> None:
    folder = Path(__file__).parents[3] / "pipelines" / "report" / "templates"
    assert {"report.html", "report.css"} <= {path.name for path in folder.iterdir()}
