"""Mutants of a module: one plausible mistake each, in the module's text.

The mistakes are those of mutmut (a number one higher, `<` for `<=`, `and` for `or`, None for an
argument, a value, ...), and three of ours: a call or a `raise` left out, a condition turned round.
mutmut itself plants them in functions without decorators only, which leaves out every route,
property and setting, and runs all tests in one process before it begins.

Not mutated: annotations, docstrings and sentences, since no test should ask for wording.
"""

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from mutmut.mutation.mutators import mutation_operators

# Calls whose mutants end at the import, or nowhere.
_LEFT_ALONE = {"len", "isinstance", "cast", "TypeVar"}


@dataclass(frozen=True)
class Mutant:
    """One mistake. `place` tells mutants of the same node apart from others, `key` all of them."""

    path: str
    place: str
    key: str
    _module: cst.Module
    _node: cst.CSTNode
    _mutated: cst.CSTNode

    def text(self) -> str:
        """The whole module with this mistake."""
        return self._module.deep_replace(self._node, self._mutated).code

    def difference(self) -> tuple[int, str]:
        """The first line of the mistake, and the lines that differ."""
        old, new = self._module.code.splitlines(), self.text().splitlines()
        lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
        first = int(lines[0].split()[1].lstrip("-").partition(",")[0])
        return first, "\n".join(line for line in lines if not line.startswith("@@"))


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """All mutants of a module, in the order of its text."""
    module = cst.parse_module((root / path).read_text())
    found = []
    for unit in _units(module):
        # Keys outlast changes elsewhere in the module.
        text = module.code_for_node(unit)
        for trail, node in _nodes(unit, ""):
            place = _digest(path, text, trail)
            for count, mutated in enumerate(_mutations(node)):
                key = _digest(place, str(count), module.code_for_node(mutated))
                found.append(Mutant(path, place, key, module, node, mutated))
    return found


def sample(mutants: list[Mutant], seed: str) -> list[Mutant]:
    """One mutant of each place, in an order that only the seed and the code decide."""
    by_rank = sorted(mutants, key=lambda mutant: _digest(seed, mutant.key))
    places: dict[str, Mutant] = {}
    for mutant in by_rank:
        places.setdefault(mutant.place, mutant)
    return list(places.values())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _units(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Functions, methods, and the statements beside them."""
    for statement in module.body:
        if isinstance(statement, cst.ClassDef):
            yield from (*statement.decorators, *statement.body.body)
        else:
            yield statement


def _nodes(node: cst.CSTNode, trail: str) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield a node and all below it that may be mutated, each with the way that leads to it."""
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom):
        return
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString):
        return
    call = node.value if isinstance(node, cst.Assign) else node
    if isinstance(node, cst.Assign) and isinstance(call, cst.Subscript) and _is_type(call.value):
        return
    if isinstance(call, cst.Call) and getattr(call.func, "value", "") in _LEFT_ALONE:
        return
    yield trail, node
    for index, child in enumerate(node.children):
        yield from _nodes(child, f"{trail}.{index}")


def _is_type(value: cst.BaseExpression) -> bool:
    """Whether what a subscript is of is a type, as in ``Grey = NDArray[np.uint8]``."""
    return isinstance(value, cst.Name) and (value.value[0].isupper() or value.value == "tuple")


def _mutations(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.SimpleString) and " " in node.value:
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from operator(node)
    if isinstance(node, cst.Raise):
        yield cst.Pass()
    if isinstance(node, cst.Expr):
        call = node.value.expression if isinstance(node.value, cst.Await) else node.value
        if isinstance(call, cst.Call):
            yield cst.Pass()
    if isinstance(node, cst.If):
        inside = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        turned = cst.UnaryOperation(cst.Not(), inside)
        yield node.with_changes(test=turned, whitespace_before_test=cst.SimpleWhitespace(" "))
