import pytest

from pipelines.errors import RecipeError
from pipelines.inputs import assign_inputs
from pipelines.recipe import Recipe
from pipelines.source_config import SourceConfig

RECIPE = Recipe(
    name="r",
    sources=(
        SourceConfig(id="web", format="commoncrawl", category="web"),
        SourceConfig(id="books", format="records", category="acquired"),
        SourceConfig(id="code", format="records", category="code", input="code.jsonl"),
    ),
)


def test_a_flag_without_an_id_goes_to_the_first_source() -> None:
    assert assign_inputs(RECIPE, ["a.warc", "b.warc"]) == {"web": ("a.warc", "b.warc"), "code": ("code.jsonl",)}


def test_a_flag_with_an_id_goes_to_that_source_and_replaces_its_own_input() -> None:
    inputs = assign_inputs(RECIPE, ["books=x", "code=y"])
    assert inputs == {"books": ("x",), "code": ("y",)}


def test_an_equals_sign_inside_a_path_names_no_source() -> None:
    assert assign_inputs(RECIPE, ["s3://b/crawl=CC-MAIN-2024-51/x"])["web"] == ("s3://b/crawl=CC-MAIN-2024-51/x",)


def test_an_unknown_id_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(RecipeError, match="no source 'wiki', only web, books, code"):
        assign_inputs(RECIPE, ["wiki=x"])


def test_a_run_without_any_input_is_an_error() -> None:
    bare = RECIPE.model_copy(update={"sources": RECIPE.sources[:2]})
    with pytest.raises(RecipeError, match="no source has an input"):
        assign_inputs(bare, [])
