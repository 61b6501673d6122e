"""What the READMEs say exists: commands, flags, make targets, recipes, rules, files, columns."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from jobs.cli import gristmill
from pipelines.recipe import load_recipe, parse_recipe
from pipelines.rules.arrow import column_kinds
from pipelines.rules.check import check_rules
from pipelines.signals.schema import SIGNALS

ROOT = Path(__file__).parents[1]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "infra/README.md")}


def shell_lines(text: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    joined = "\n".join(blocks).replace("\\\n", " ")
    return [line.split(" #")[0].strip() for line in joined.splitlines() if line.strip()]


def gristmill_calls() -> list[list[str]]:
    calls = [line for text in TEXTS.values() for line in shell_lines(text)]
    calls += re.findall(r"`(gristmill [^`]+)`", "\n".join(TEXTS.values()))
    words = [shlex.split(call.split("$(")[-1].rstrip(") …")) for call in calls]
    return [call[call.index("gristmill") + 1 :] for call in words if "gristmill" in call]


@pytest.mark.parametrize("call", gristmill_calls(), ids=" ".join)
def test_every_command_and_flag_of_the_readmes_exists(call: list[str]) -> None:
    command = gristmill.get_command(click.Context(gristmill), call[0])
    assert command is not None, call[0]
    known = {flag for parameter in command.params for flag in parameter.opts}
    assert {word for word in call[1:] if word.startswith("-")} <= known


def test_there_are_commands_to_check() -> None:
    assert len(gristmill_calls()) >= 15


def test_every_make_target_of_the_readmes_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", "\n".join(TEXTS.values())))
    assert {"demo", "test", "check", "bench"} <= named <= targets


@pytest.mark.parametrize("name", ["phi4", "fineweb", "tiny"])
def test_every_recipe_of_the_readme_loads_and_its_rules_are_of_stored_columns(name: str) -> None:
    assert f"`{name}`" in TEXTS["README.md"]
    assert check_rules(load_recipe(name).rules, column_kinds(SIGNALS))


def test_the_readmes_own_recipe_is_a_recipe() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXTS["README.md"], re.DOTALL)
    recipe = parse_recipe(block, "README.md")
    assert recipe.name == yaml.safe_load(block)["name"]
    assert check_rules(recipe.rules, column_kinds(SIGNALS))


def test_every_rule_named_in_the_readme_is_one_of_phi4s() -> None:
    rules = {rule.name for rule in load_recipe("phi4").rules}
    named = set(re.findall(r"--rule ([a-z0-9_.]+)", TEXTS["README.md"]))
    assert named
    assert named <= rules


def test_every_file_named_in_the_readmes_is_there() -> None:
    for name, text in TEXTS.items():
        for path in re.findall(r"`((?:pipelines|jobs|infra|extractors|classifiers)/[\w./-]+\.\w+)`", text):
            assert (ROOT / path).exists(), f"{name}: {path}"
