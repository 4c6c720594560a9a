"""What the benches tell by: when a change counts as slower."""

import importlib
from types import ModuleType

import pytest

from tests.conftest import ROOT


@pytest.fixture
def ratios(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("ratios")


@pytest.mark.parametrize(
    ("now", "kept", "slower"),
    [
        ((1.00, 0.01), (1.00, 0.01), False),
        ((1.09, 0.01), (1.00, 0.01), False),
        ((1.12, 0.01), (1.00, 0.01), True),
        ((0.50, 0.01), (1.00, 0.01), False),
        ((1.12, 0.07), (1.00, 0.01), False),
        ((1.12, 0.01), (1.00, 0.07), False),
        ((1.16, 0.07), (1.00, 0.01), True),
        ((0.30, 0.01), (0.20, 0.01), True),
        ((9.50, 0.10), (9.00, 0.10), False),
    ],
)
def test_a_ratio_is_slower_only_beyond_a_tenth_and_the_noise(
    ratios: ModuleType, now: tuple[float, float], kept: tuple[float, float], slower: bool
) -> None:
    assert ratios.is_slower(ratios.Ratio(*now), ratios.Ratio(*kept)) is slower


def test_a_summary_is_the_median_and_the_spread_of_the_middle(ratios: ModuleType) -> None:
    assert ratios.summarize([5.0, 1.0, 2.0, 3.0, 4.0]) == ratios.Ratio(3.0, 1.0)
    assert ratios.summarize([2.0]) == ratios.Ratio(2.0, 0.0)
