"""The plan of the house, held: who may import whom, what the pure rooms may touch, how large a page may grow."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "franked"

PURE = {"rules"}
FORMS = {"formats", *PURE}
RECORD = {"store", "shelves", "record", "enquiry"}
CORE = {"ports", "outside", *RECORD, *FORMS}
TRIPS = {"sending", "feedback", "access"}
MAILERS = {"flows", "reputation"}  # they send mail: they call accept like any door
LAW = {  # whoever adds a room adds its line
    "rules": set[str](),
    "formats": PURE,
    "settings": PURE,
    "ready": set[str](),
    "record": FORMS,
    "enquiry": FORMS,
    "shelves": {"record", "enquiry", *FORMS},
    "store": {"shelves", "record", "enquiry", *FORMS},
    "outside": FORMS,
    "ports": {"store", "outside", *FORMS},
    "backends": CORE,
    "sending": CORE,
    "feedback": CORE,
    "access": CORE,
    "flows": {"sending", *CORE},
    "reputation": {"sending", *CORE},
    "declaring": {"settings", *CORE},
    "wiring": {"backends", "declaring", "settings", *CORE},
    "doors": {"wiring", "settings", "ready", *MAILERS, *TRIPS, *CORE},
    "testing": {"doors", "wiring", "settings", *MAILERS, *TRIPS, *CORE},
}

NO_TOUCH = {"asyncio", "os", "time", "random", "secrets", "socket", "sqlalchemy", "aiohttp", "boto3", "botocore"}
ASKS_THE_WORLD = {  # calls that read a clock or draw a number: World does that
    *{f"datetime.{ask}" for ask in ("now", "utcnow", "today")},
    *{f"datetime.datetime.{ask}" for ask in ("now", "utcnow", "today")},
    "date.today",
    *{f"time.{ask}" for ask in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")},
}
SAYS_NOTHING = ("manager", "helper", "util", "common", "service", "handler", "misc")
LONGEST_FILE = 300
LONGEST_FUNCTION = 60


def pages(*rooms: str) -> list[Path]:
    """Every Python file of the house, or of some of its rooms; generated migrations are no prose of ours."""
    found = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)
    return [path for path in found if not rooms or room_of(path) in rooms]


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every dotted name that is imported, wherever it stands: at the top, in a function, by name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(level=level, module=module, names=names):
                yield from (("." * level + f"{module or ''}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if dotted(func).endswith(
                "import_module"
            ):
                yield name, node.lineno


def dotted(node: ast.expr) -> str:
    """`a.b.c` for such an expression, else an empty text."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""


def rooms_imported(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports(tree_of(path)):
        parts = name.split(".")
        if parts[0] == "franked" and len(parts) > 1 and parts[1] != "__version__":
            yield parts[1], line


def asks(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Calls that read a clock or draw a random number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in ASKS_THE_WORLD or name.startswith(("random.", "secrets.", "uuid.uuid")):
                yield name, node.lineno


def test_every_room_has_its_line_in_the_plan() -> None:
    assert {room_of(path) for path in pages()} - {"__init__"} <= LAW.keys()


def test_imports_go_down() -> None:
    broken = [
        f"{place(path, line)} {room_of(path)} -> {room}"
        for path in pages()
        for room, line in rooms_imported(path)
        if room not in {room_of(path), *LAW.get(room_of(path), set())}
    ]
    assert broken == []


def test_the_plan_has_no_circle() -> None:
    seen: set[str] = set()
    while ready := {room for room, below in LAW.items() if below <= seen} - seen:
        seen |= ready
    assert seen == LAW.keys()


def test_only_wiring_names_a_backend() -> None:
    told = {room_of(path) for path in pages() for room, _ in rooms_imported(path) if room == "backends"}
    assert told <= {"wiring", "backends"}


def test_imports_name_their_room_in_full() -> None:
    assert [place(path, line) for path in pages() for name, line in imports(tree_of(path)) if name[0] == "."] == []


def test_rules_and_formats_touch_nothing() -> None:
    touched = [
        f"{place(path, line)} {name}"
        for path in pages("rules", "formats")
        for name, line in imports(tree_of(path))
        if name.split(".")[0] in NO_TOUCH
    ]
    assert touched == []


def test_rules_formats_and_trips_ask_the_world_for_time_and_chance() -> None:
    asked = [
        f"{place(path, line)} {name}"
        for path in pages("rules", "formats", "sending", "feedback", "flows", "access")
        for name, line in asks(tree_of(path))
    ]
    assert asked == []


def test_examples_know_franked_by_its_doors_only() -> None:
    told = [
        place(path, line)
        for path in sorted((ROOT / "examples").rglob("*.py"))
        for name, line in imports(tree_of(path))
        if name.split(".")[0] == "franked"
    ]
    assert told == []


def test_every_name_says_something() -> None:
    names = [path.relative_to(HOUSE) for path in HOUSE.rglob("*") if path.is_dir() or path.suffix == ".py"]
    assert [str(name) for name in names if any(word in name.stem.lower() for word in SAYS_NOTHING)] == []


def test_no_page_outgrows_its_reader() -> None:
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in pages()}
    assert {where: length for where, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_outgrows_its_page() -> None:
    lengths = {
        f"{place(path, node.lineno)} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in pages()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {where: length for where, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_every_page_opens_with_a_sentence() -> None:
    assert [place(path) for path in pages() if not ast.get_docstring(tree_of(path))] == []


def test_no_way_to_import_is_overlooked() -> None:
    text = """
import franked.rules.lane, os
from franked import backends
def late():
    from franked.doors import cli
    importlib.import_module("franked.wiring")
if TYPE_CHECKING:
    from .near import thing
"""
    assert {name for name, _ in imports(ast.parse(text))} == {
        "franked.rules.lane",
        "os",
        "franked.backends",
        ".near.thing",
        "franked.doors.cli",
        "franked.wiring",
    }


def test_no_way_to_ask_a_clock_is_overlooked() -> None:
    text = "datetime.now(UTC); datetime.datetime.utcnow(); time.time(); random.random(); uuid.uuid4(); world.now()"
    assert len(list(asks(ast.parse(text)))) == 5
