"""Token ids are the ones the model was trained with, for any text, in time that grows with the text."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiktoken
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from rs_bpe.bpe import openai

from pipelines.errors import RecipeError, TokenizerUnavailable
from pipelines.recipe import TokenizerConfig
from pipelines.schemas import TOKENS
from pipelines.tokenizers import PACKAGED, encode_documents, load_tokenizer

CL100K = TokenizerConfig()
O200K = TokenizerConfig(name="o200k_base", padded_vocabulary=200_064)

# Pieces that pretokenisation patterns treat differently: contractions, kinds of space, digits, marks, scripts, symbols.
PIECES = [
    *("a", "b", "E", "the ", " The", "'s", "'S", "'ſ", "'LL", "'", "ß", "İ", "ǅ", "ʰ", "é", "e\u0301", "\u0301"),
    *(" ", "  ", "\n", "\r", "\t", "\u00a0", "\u2003", "\u0085", "\u2028", "\x1c", "\u180e", "\u200b", "\ufeff"),
    *("1", "23", "4567", "٣", "Ⅷ", "²", "½", "中", "文", "\U00010400", "😀", "👩\u200d👩\u200d👧", "\x00"),
    *("!", "...", "-", "_", "/", "<|endoftext|>", "<|fim_prefix|>"),
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tiktoken.Encoding]]:
    """tiktoken itself, given the merges that rs_bpe carries in the place of its download; it checks their sha256."""
    folder = tmp_path_factory.mktemp("tiktoken")
    for name, encoding in PACKAGED.items():
        merges = getattr(openai, name)().bpe()
        lines = [
            base64.b64encode(bytes(merges.decode_tokens([rank]))) + b" %d\n" % rank
            for rank in range(encoding.num_merges)
        ]
        url = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        (folder / hashlib.sha1(url.encode()).hexdigest()).write_bytes(b"".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        yield {name: tiktoken.get_encoding(name) for name in PACKAGED}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("hello world", [15339, 1917]),
        ("tiktoken is great!", [83, 1609, 5963, 374, 2294, 0]),
        ("antidisestablishmentarianism", [519, 85342, 34500, 479, 8997, 2191]),
        ("2 + 2 = 4", [17, 489, 220, 17, 284, 220, 19]),
        ("お誕生日おめでとう", [33334, 45918, 243, 21990, 9080, 33334, 62004, 16556, 78699]),
        ("", []),
    ],
)
def test_cl100k_gives_the_ids_that_openai_publishes(text: str, ids: list[int]) -> None:
    assert load_tokenizer(CL100K).encode_batch([text])[0].tolist() == ids


@pytest.mark.parametrize("config", [CL100K, O200K], ids=lambda config: config.name)
def test_packaged_tokenizers_have_the_special_tokens_of_tiktoken(
    config: TokenizerConfig, peers: dict[str, tiktoken.Encoding]
) -> None:
    peer, tokenizer = peers[config.name], load_tokenizer(config)
    assert tokenizer.end_of_document == peer.eot_token
    assert tokenizer.vocabulary == peer.n_vocab
    assert PACKAGED[config.name].special_tokens == {t: peer.encode_single_token(t) for t in peer.special_tokens_set}


@settings(max_examples=1000, deadline=None)
@given(text=TEXTS)
def test_packaged_tokenizers_agree_with_tiktoken_on_any_text(text: str, peers: dict[str, tiktoken.Encoding]) -> None:
    for config in (CL100K, O200K):
        assert load_tokenizer(config).encode_batch([text])[0].tolist() == peers[config.name].encode_ordinary(text)


def test_an_encoding_that_is_not_packaged_comes_from_tiktoken_by_name(peers: dict[str, tiktoken.Encoding]) -> None:
    config = TokenizerConfig(name="o200k_harmony", padded_vocabulary=201_088, end_of_document="<|return|>")
    tokenizer = load_tokenizer(config)
    assert (tokenizer.end_of_document, tokenizer.vocabulary) == (200_002, 201_088)
    text = "a <|return|> b\x00\n\n  c"
    assert tokenizer.encode_batch([text])[0].tolist() == peers["o200k_base"].encode_ordinary(text)
    assert tokenizer.digest == PACKAGED["o200k_base"].sha256


def test_a_special_token_in_a_text_is_encoded_as_its_characters() -> None:
    tokenizer = load_tokenizer(CL100K)
    assert tokenizer.encode_batch(["<|endoftext|>"])[0].tolist() == [27, 91, 8862, 728, 428, 91, 29]


@pytest.mark.parametrize("piece", ["a", "ab", " ", "\n", " \n", "\t", "\x00", "!", "1", "中", "😀", "ก", "e\u0301"])
def test_a_megabyte_of_one_piece_takes_less_than_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece.encode()))
    started = time.process_time()
    (ids,) = load_tokenizer(CL100K).encode_batch([text])
    assert time.process_time() - started < 5  # 0.01 to 0.3 s alone; a quadratic encoder needs minutes
    assert len(ids) > 1000


def test_each_document_gets_one_end_of_document_token_and_exact_counts() -> None:
    num_tokens, tokens = encode_documents(load_tokenizer(CL100K), ["hello world", "", "<|endoftext|>"])
    assert num_tokens.to_pylist() == [3, 1, 8]
    assert num_tokens.type == TOKENS.field("num_tokens").type
    assert tokens.type == TOKENS.field("tokens").type
    ids = [np.frombuffer(document, "<i4").tolist() for document in tokens.to_pylist()]
    assert ids == [[15339, 1917, 100257], [100257], [27, 91, 8862, 728, 428, 91, 29, 100257]]


def test_no_documents_give_empty_columns() -> None:
    num_tokens, tokens = encode_documents(load_tokenizer(CL100K), [])
    assert (len(num_tokens), len(tokens)) == (0, 0)


@given(texts=st.lists(st.text(), max_size=8))
def test_a_batch_gives_what_its_texts_give_alone(texts: list[str]) -> None:
    tokenizer = load_tokenizer(CL100K)
    together = [ids.tolist() for ids in tokenizer.encode_batch(texts)]
    assert together == [tokenizer.encode_batch([text])[0].tolist() for text in texts]


def test_a_vocabulary_that_just_fits_is_accepted_and_one_id_less_is_not() -> None:
    assert load_tokenizer(TokenizerConfig(padded_vocabulary=100_277)).vocabulary == 100_277
    with pytest.raises(RecipeError, match=r"largest id is 100,276.*at least 100,277"):
        load_tokenizer(TokenizerConfig(padded_vocabulary=100_276))


def test_an_end_of_document_token_of_another_tokenizer_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"'</s>' is not one of its special tokens .*<\|endoftext\|>"):
        load_tokenizer(TokenizerConfig(end_of_document="</s>"))


def test_a_name_that_nothing_has_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(TokenizerUnavailable, match=r"no tokenizer 'gpt5'.*cl100k_base.*tokenizer\.json"):
        load_tokenizer(TokenizerConfig(name="gpt5"))


def test_an_encoding_that_cannot_be_fetched_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(TokenizerUnavailable, match=r"p50k_base.*TIKTOKEN_CACHE_DIR.*packaged: cl100k_base"):
        load_tokenizer(TokenizerConfig(name="p50k_base"))


SENTENCES = ["the cat sat on the mat", "a cat and a dog", "the dog sat on a log", "mats and logs and cats and dogs"] * 5


@pytest.fixture
def tokenizer_json(tmp_path: Path) -> Path:
    """A small byte-level BPE that would cut, pad and frame every text if it were let."""
    model = tokenizers.Tokenizer(tokenizers.models.BPE())
    model.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    model.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    model.train_from_iterator(SENTENCES, trainer)
    model.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    model.enable_truncation(4)
    model.enable_padding(length=16)
    path = tmp_path / "tokenizer.json"
    model.save(str(path))
    return path


def test_a_tokenizer_json_encodes_whole_texts_without_frame_or_padding(tokenizer_json: Path) -> None:
    config = TokenizerConfig(name=str(tokenizer_json), padded_vocabulary=512, end_of_document="</s>")
    tokenizer = load_tokenizer(config)
    text = "the cat sat on </s> a log\x00\nœ😀"
    assert tokenizer.end_of_document == 1
    for whole, ids in zip((text, "a log"), tokenizer.encode_batch([text, "a log"]), strict=True):
        assert not set(ids.tolist()) & {0, 1}
        assert tokenizers.Tokenizer.from_file(str(tokenizer_json)).decode(ids.tolist()) == whole
    assert tokenizer.digest == hashlib.sha256(tokenizer_json.read_bytes()).hexdigest()
    assert tokenizer.vocabulary <= 400


def test_a_tokenizer_json_whose_model_knows_the_end_token_as_a_word_is_refused(tmp_path: Path) -> None:
    model = tokenizers.Tokenizer(tokenizers.models.Unigram([("<unk>", 0.0), ("</s>", 0.0), ("a", -1.0)], unk_id=0))
    model.add_special_tokens(["</s>"])
    model.save(str(tmp_path / "unigram.json"))
    config = TokenizerConfig(name=str(tmp_path / "unigram.json"), padded_vocabulary=512, end_of_document="</s>")
    with pytest.raises(RecipeError, match="would end there"):
        load_tokenizer(config)


def test_a_tokenizer_json_that_is_not_there_or_not_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerUnavailable, match="readable on every worker"):
        load_tokenizer(TokenizerConfig(name=str(tmp_path / "absent.json")))
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(TokenizerUnavailable, match="not JSON"):
        load_tokenizer(TokenizerConfig(name=str(tmp_path / "broken.json")))
    (tmp_path / "vocab.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(TokenizerUnavailable, match=r"not a tokenizer\.json"):
        load_tokenizer(TokenizerConfig(name=str(tmp_path / "vocab.json")))
