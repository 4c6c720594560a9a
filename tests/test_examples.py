"""Each public name has an example in its docstring, and every example does what it shows."""

import doctest

import pytest

import rag


@pytest.mark.parametrize("name", rag.__all__)
def test_the_example_of_every_public_name_runs(name: str) -> None:
    public = getattr(rag, name)
    examples = doctest.DocTestFinder(recurse=False).find(public, name, globs={})
    assert sum(len(example.examples) for example in examples) > 0, f"{name} has no example in its docstring"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    shown = list[str]()
    for example in examples:
        runner.run(example, out=shown.append)
    assert not shown, "".join(shown)
