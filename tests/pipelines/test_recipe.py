from pathlib import Path

import pytest

from pipelines.errors import RecipeError
from pipelines.recipe import MixtureConfig, Recipe, config_digest, load_recipe, parse_recipe, released_recipes


@pytest.mark.parametrize("name", released_recipes())
def test_every_released_recipe_loads_and_bears_its_file_name(name: str) -> None:
    assert load_recipe(name).name == name


def test_an_unknown_key_is_named_with_its_place() -> None:
    with pytest.raises(RecipeError, match=r"dedup\.min_similarty"):
        parse_recipe("name: x\nsources: []\ndedup: {min_similarty: 0.9}", "x.yaml")


def test_a_value_out_of_range_is_named_with_its_place() -> None:
    with pytest.raises(RecipeError, match=r"dedup\.min_similarity"):
        parse_recipe("name: x\nsources: []\ndedup: {min_similarity: 1.1}", "x.yaml")


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sum to 1\.1"):
        MixtureConfig.model_validate({"web": {"share": 0.25, "max_epochs": 1}})


def test_two_rules_of_one_name_are_refused() -> None:
    text = "name: x\nsources: []\nrules: [{name: a.b, drop: num_words < 1}, {name: a.b, drop: num_words < 2}]"
    with pytest.raises(RecipeError, match=r"rule 'a\.b' is there twice"):
        parse_recipe(text, "x")


def test_a_name_that_is_neither_file_nor_release_lists_the_released_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="neither a file nor one of"):
        load_recipe(str(tmp_path / "none.yaml"))


def test_text_that_is_not_yaml_is_a_recipe_error() -> None:
    with pytest.raises(RecipeError, match="not YAML"):
        parse_recipe("a: [", "x")


def test_the_digest_follows_the_values_not_their_order() -> None:
    assert config_digest({"a": 1, "b": 2}) == config_digest({"b": 2, "a": 1})
    assert config_digest(Recipe(name="a", sources=())) != config_digest(Recipe(name="b", sources=()))


def test_a_recipe_extends_another_by_merging_mappings_and_adding_to_lists() -> None:
    base = load_recipe("phi4")
    text = "extends: phi4\nname: mine\ndedup: {min_similarity: 0.9}\nrules+: [{name: a.b, drop: num_words < 1}]"
    mine = parse_recipe(text, "mine")
    assert mine.name == "mine"
    assert mine.dedup == base.dedup.model_copy(update={"min_similarity": 0.9})
    assert [rule.name for rule in mine.rules] == [*(rule.name for rule in base.rules), "a.b"]


def test_a_list_without_a_plus_replaces_the_base_recipes() -> None:
    assert parse_recipe("extends: phi4\nname: bare\nrules: []", "bare").rules == ()


def test_recipes_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(f"extends: {two}\nname: one")
    two.write_text(f"extends: {one}\nname: two")
    with pytest.raises(RecipeError, match="in a circle"):
        load_recipe(str(one))


def test_a_recipe_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(RecipeError, match="must be a mapping"):
        parse_recipe("- a", "x")
