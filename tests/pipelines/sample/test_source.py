from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from importlib import resources

import pytest

from pipelines.sample.build import CATEGORIES, documents_of, rendered_pages
from pipelines.sample.source import Page, load_sites, read_documents, root

BENCHMARK_WORDS = re.compile(r"\w+")
EXPECT = re.compile(r"kept|any|duplicate|dropped(:\w+)?|(leak|partial):[\w-]+/\d+")


def all_pages() -> list[tuple[str, Page]]:
    return [(host, page) for _, pages in load_sites() for host, page in pages]


def written_text(page: Page) -> str:
    """What the author wrote, without the furniture around it."""
    parts = [page.body, *page.ingredients, *page.steps, *(comment.text for comment in page.comments)]
    parts += [post.text for post in (*page.posts, *page.answers, *([page.question] if page.question else []))]
    return "\n".join(parts)


def shingles(text: str, n: int) -> set[str]:
    words = re.findall(r"[\u0900-\u0dff\w]+", text.lower())
    if len(words) * 12 < len(text):  # a script without spaces between words
        letters = "".join(words)
        return {letters[at : at + 3 * n] for at in range(len(letters) - 3 * n + 1)}
    return {" ".join(words[at : at + n]) for at in range(len(words) - n + 1)}


def items() -> dict[str, str]:
    """Text of each benchmark item by `file/index`."""
    found = {}
    for file in sorted((root() / "benchmarks").iterdir(), key=lambda f: f.name):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            found[f"{file.name.removesuffix('.jsonl')}/{number}"] = json.loads(line)["question"]
    return found


def normal(text: str) -> str:
    return " ".join(BENCHMARK_WORDS.findall(text.lower()))


def test_there_are_at_least_160_pages_on_at_least_20_sites() -> None:
    assert len(all_pages()) >= 160
    assert len(load_sites()) >= 20


def test_every_page_has_a_title_and_a_known_expectation() -> None:
    for host, page in all_pages():
        assert page.title.strip(), f"{host}{page.path}"
        assert EXPECT.fullmatch(page.expect), f"{host}{page.path}: {page.expect}"


def test_a_duplicate_names_the_page_whose_copy_it_is() -> None:
    urls = {f"{site.scheme}://{host}{page.path}" for site, pages in load_sites() for host, page in pages}
    for host, page in all_pages():
        assert (page.duplicate_of in urls) == bool(page.duplicate_of), f"{host}{page.path}"


@pytest.mark.parametrize(
    ("language", "at_least"),
    {
        "en": 100,
        "de": 6,
        "fr": 6,
        "es": 6,
        "it": 6,
        "pt": 6,
        "pl": 6,
        "ru": 6,
        "ja": 6,
        "zh": 6,
        "hi": 6,
        "ar": 5,
    }.items(),
)
def test_a_language_has_enough_pages(language: str, at_least: int) -> None:
    counted = Counter(page.language.split("-")[0] for page in rendered_pages())
    assert counted[language] >= at_least


def test_legacy_charsets_are_there() -> None:
    charsets = {page.charset.lower() for page in rendered_pages()}
    assert charsets >= {"windows-1252", "iso-8859-2", "windows-1251", "shift_jis", "gb18030", "euc-kr"}


def test_some_pages_declare_a_charset_that_is_not_theirs() -> None:
    pages = [page for _, page in all_pages()]
    assert any(page.declare_header not in ("", "none") for page in pages)


def test_between_six_and_ten_pages_leak_an_item_word_for_word() -> None:
    leaks = [(page, page.expect.partition(":")[2]) for _, page in all_pages() if page.expect.startswith("leak:")]
    assert 6 <= len(leaks) <= 10
    for page, item in leaks:
        assert normal(items()[item]) in normal(written_text(page)), page.path


def test_no_other_page_shares_thirteen_words_with_an_item() -> None:
    grams = {gram for text in items().values() for gram in shingles(text, 13)}
    for host, page in all_pages():
        if not page.expect.startswith("leak:"):
            assert not shingles(written_text(page), 13) & grams, f"{host}{page.path}"
    for category in CATEGORIES:
        for row in documents_of(category):
            assert not shingles(row["text"], 13) & grams, row["id"]


def test_no_two_unrelated_texts_share_a_long_passage() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for site, pages in load_sites():
        for host, page in pages:
            cluster = page.duplicate_of or f"{site.scheme}://{host}{page.path}"
            for gram in shingles(written_text(page), 20):
                owners[gram].add(cluster)
    for category in CATEGORIES:
        for row in documents_of(category):
            for gram in shingles(row["text"], 20):
                owners[gram].add(row.get("copy_of", row["id"]))
    shared = {gram: sorted(of) for gram, of in owners.items() if len(of) > 1}
    assert not shared


def test_documents_of_a_file_are_separated_by_four_percent_signs() -> None:
    text = "---\na: 1\n---\nOne.\n\n---\nstill one\n%%%%\n---\na: 2\n---\n"
    assert list(read_documents(text)) == [({"a": 1}, "One.\n\n---\nstill one\n"), ({"a": 2}, "\n")]


@pytest.mark.parametrize("text", ["", "no front matter", "---\n- a list\n---\nx", "---\na: [1\n---\nx"])
def test_a_document_without_front_matter_is_an_error_that_quotes_it(text: str) -> None:
    with pytest.raises(ValueError, match="front matter"):
        list(read_documents(text))


def test_the_sources_are_less_than_two_megabytes() -> None:
    def size(folder: resources.abc.Traversable) -> int:
        files = [f for f in folder.iterdir() if f.name != "__pycache__"]
        return sum(size(f) if f.is_dir() else len(f.read_bytes()) for f in files)

    assert size(root()) < 2 * 2**20
