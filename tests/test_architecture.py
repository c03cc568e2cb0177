"""The house keeps its shape: rooms, arrows, sizes, and a command line that starts without the heavy libraries."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("controller", "detectors", "playbooks")
MOST_LINES_A_FILE = 300
MOST_LINES_A_FUNCTION = 60
HEAVY = {
    "pandas",
    "sklearn",
    "napalm",
    "numba",
    "pyarrow",
    "netmiko",
    "paramiko",
    "pysnmp",
    "kafka",
    "sqlalchemy",
    "fastapi",
}


def _sources(*folders: str) -> list[Path]:
    """Migrations are a history, not code that is read: they are left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "versions" not in path.parts)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_keep_to_the_arrows() -> None:
    """Three rooms, two arrows; inside controller imports only go down (import-linter contracts in pyproject.toml)."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_outgrows_its_reader() -> None:
    """Code and tests stay below 300 lines a file."""
    long = {
        str(p): n
        for p in _sources(*ROOMS, "tests")
        if (n := len(p.read_text("utf-8").splitlines())) > MOST_LINES_A_FILE
    }
    assert {} == long


def test_no_function_outgrows_its_name() -> None:
    """No function is longer than 60 lines."""
    long = {
        f"{path}:{fn.name}": size
        for path in _sources(*ROOMS, "tests")
        for fn in _functions(path)
        if (size := (fn.end_lineno or fn.lineno) - fn.lineno + 1) > MOST_LINES_A_FUNCTION
    }
    assert {} == long


def test_every_test_says_the_behaviour_it_proves() -> None:
    """A failing test must explain itself: each has a docstring."""
    silent = [
        f"{path}:{fn.name}"
        for path in _sources("tests")
        for fn in _functions(path)
        if fn.name.startswith("test_") and not ast.get_docstring(fn)
    ]
    assert [] == silent


def test_public_names_of_the_rooms_are_documented() -> None:
    """Modules, classes and module-level functions without a leading underscore have a docstring."""
    bare = []
    for path in _sources(*ROOMS):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        bare += [f"{path}:{n.name}" for n in nodes if not n.name.startswith("_") and not ast.get_docstring(n)]
        if not ast.get_docstring(tree):
            bare.append(str(path))
    assert [] == bare


def test_only_services_wires() -> None:
    """Parts are built in runtime/services.py and what it calls beside it, nowhere in web, cli or the loops."""
    pattern = re.compile(r"\b(open_store|open_bus|Containment|Inventory|Collector)\(")
    found = [
        str(path.relative_to(ROOT))
        for path in _sources("controller/web", "controller/cli", "controller/feeds")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert [] == found


def test_the_command_line_starts_without_heavy_libraries() -> None:
    """`cordon --help` imports none of them; importing scikit-learn alone would cost seconds."""
    code = "import sys; import controller.cli.main; print(' '.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set() == HEAVY & set(done.stdout.split())


@pytest.mark.parametrize(
    "pattern", [r"(?<![\w.])/(?:work|farm|root)/", r'"resolved": *"http', r"--(?:extra-)?index-url"]
)
def test_nothing_tracked_names_a_machine_or_a_registry(pattern: str) -> None:
    """The repository could be built anywhere."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not files:
        pytest.skip("not a git checkout")
    texts = [ROOT / f for f in files if not f.endswith((".pcap", ".png", ".gz")) and "test_architecture" not in f]
    found = [str(p) for p in texts if p.is_file() and re.search(pattern, p.read_text("utf-8", errors="ignore"))]
    assert [] == found
