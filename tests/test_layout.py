"""The rings of the design: who may import whom, what a worker without pyspark can import, what a zip carries."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.session import build_py_files

ROOT = Path(__file__).parents[1]
PACKAGES = ("extractors", "classifiers", "pipelines", "jobs")
FORBIDDEN = {
    "extractors": {"classifiers", "pipelines", "jobs", "pyspark"},
    "classifiers": {"extractors", "pipelines", "jobs", "pyspark"},
    "pipelines": {"jobs", "pyspark"},
    "pipelines/spark": {"jobs"},
    "jobs": set(),
}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def ring(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return "pipelines/spark" if relative.parts[:2] == ("pipelines", "spark") else relative.parts[0]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_lower_ring_never_imports_a_higher_one(path: Path) -> None:
    here = ring(path)
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & FORBIDDEN[here]
    if here == "pipelines":
        assert not any(name.startswith("pipelines.spark") for name in imported(path))


def test_no_file_of_jobs_bears_the_name_of_a_standard_module() -> None:
    names = {path.stem for path in (ROOT / "jobs").glob("*.py")} - {"__init__", "__main__"}
    assert not names & set(sys.stdlib_module_names)


def test_every_pure_module_imports_from_the_py_files_zip_without_pyspark(tmp_path: Path) -> None:
    archive = build_py_files(tmp_path)
    pure = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules()
        if ring(path) in ("extractors", "classifiers", "pipelines") and path.stem not in ("__main__", "train")
    ]
    program = f"""
import sys
sys.modules["pyspark"] = None
sys.path[:] = [{str(archive)!r}] + [p for p in sys.path if p != {str(ROOT)!r}]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in str(f).lower()]
import importlib
for name in {pure!r}:
    module = importlib.import_module(name)
    assert module.__spec__.origin.startswith({str(archive)!r}), (name, module.__spec__.origin)
from pipelines.recipe import load_recipe, released_recipes
for name in released_recipes():
    load_recipe(name)
print(len({pure!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(pure)


def test_the_zip_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = build_py_files(tmp_path / "a"), build_py_files(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
