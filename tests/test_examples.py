"""Each public name has an example in its docstring, and every example does what it shows."""

import doctest

import pytest

import rag
from rag import testing

PUBLIC = [getattr(rag, name) for name in rag.__all__]
FAKES = [testing.WordEmbedder, testing.OverlapReader, testing.ScriptedLLM]


@pytest.mark.parametrize("public", [*PUBLIC, *FAKES], ids=lambda public: public.__name__)
def test_the_example_of_every_public_name_runs(public: type) -> None:
    name = public.__name__
    examples = doctest.DocTestFinder(recurse=False).find(public, name, globs={})
    assert sum(len(example.examples) for example in examples) > 0, f"{name} has no example in its docstring"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    shown = list[str]()
    for example in examples:
        runner.run(example, out=shown.append)
    assert not shown, "".join(shown)
