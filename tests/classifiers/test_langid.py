from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.langid import (
    UNKNOWN,
    WINDOW_CHARS,
    LanguageIdentifier,
    LanguageModelError,
    load_identifier,
)

WRITTEN = {
    "en": "The ferry leaves at seven in the morning and comes back when the tide allows.",
    "de": "Die Fähre fährt um sieben Uhr morgens ab und kommt zurück, wenn es die Flut erlaubt.",
    "fr": "Le bac part à sept heures du matin et revient quand la marée le permet.",
    "es": "El transbordador sale a las siete de la mañana y vuelve cuando lo permite la marea.",
    "it": "Il traghetto parte alle sette del mattino e torna quando la marea lo permette.",
    "pt": "A balsa sai às sete da manhã e volta quando a maré permite.",
    "hi": "नाव सुबह सात बजे निकलती है और ज्वार के अनुसार लौटती है।",
    "ja": "渡し船は朝七時に出て、潮が許せば戻ってきます。",
    "zh": "渡船早上七点出发，潮水允许时返回。",
    "ru": "Паром уходит в семь утра и возвращается, когда позволяет прилив.",
}


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return load_identifier()


@pytest.mark.parametrize(("code", "text"), WRITTEN.items())
def test_a_sentence_is_identified(identifier: LanguageIdentifier, code: str, text: str) -> None:
    language = identifier.identify(text)
    assert language.code == code
    assert language.score is not None
    assert 0.5 < language.score <= 1


@pytest.mark.parametrize("text", ["", "  \n", "123 456", "… — !", "😀"])
def test_text_without_letters_has_no_language(identifier: LanguageIdentifier, text: str) -> None:
    assert identifier.identify(text) == UNKNOWN


@given(st.text())
def test_any_text_can_be_identified(identifier: LanguageIdentifier, text: str) -> None:
    language = identifier.identify(text)
    assert (language.code is None) == (language.score is None)
    assert language.score is None or 0 <= language.score <= 1


def test_newlines_count_as_spaces(identifier: LanguageIdentifier) -> None:
    text = WRITTEN["fr"]
    assert identifier.identify(text.replace(" ", "\n")) == identifier.identify(text)


def test_of_a_long_text_the_start_and_the_middle_count(identifier: LanguageIdentifier) -> None:
    english, german = ((WRITTEN[code] + " ") * 200 for code in ("en", "de"))
    text = english[: 4 * WINDOW_CHARS]
    with_other_end = text[: 3 * WINDOW_CHARS] + german[:WINDOW_CHARS]
    with_other_middle = text[: 2 * WINDOW_CHARS] + german[:WINDOW_CHARS] + text[3 * WINDOW_CHARS :]
    assert identifier.identify(with_other_end) == identifier.identify(text)
    assert identifier.identify(with_other_middle) != identifier.identify(text)


def test_a_missing_model_and_a_file_that_is_none_are_errors(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="no language model at"):
        load_identifier(str(tmp_path / "lid.bin"))
    other = tmp_path / "other.bin"
    other.write_bytes(b"something else")
    with pytest.raises(LanguageModelError, match="not a fastText model"):
        load_identifier(str(other))


@pytest.mark.corpus
def test_translations_of_the_universal_declaration_in_large_languages_are_identified(
    shared: Path, identifier: LanguageIdentifier
) -> None:
    known = {"en", "de", "fr", "es", "it", "pt", "hi", "ja", "zh", "ru", "pl", "nl", "tr", "ar", "ko", "vi", "fa", "id"}
    missed = []
    with gzip.open(shared / "corpus" / "multilingual" / "udhr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            code = record["bcp47"].split("-")[0]
            if code in known:
                text = "\n\n".join(p for article in record["articles"] for p in article["paras"])
                found = identifier.identify(text).code
                if found != code:
                    missed.append((record["name"], found))
    # a dialect of the Vosges in its own spelling, and Vietnamese in Han characters
    assert missed == [("French (Welche)", "ru"), ("Vietnamese (Han nom)", "zh")]
