"""Work on all cores: its order, its errors and a process that is forked."""

import os
import sys
import threading

import pytest

from rag.models.hardware import cores, map_on_cores


def test_results_are_in_the_order_of_the_items() -> None:
    assert map_on_cores(lambda number: number * number, range(100)) == [number * number for number in range(100)]
    assert map_on_cores(str, []) == []


@pytest.mark.skipif(cores() < 2, reason="one core works alone")
def test_items_are_worked_on_at_once() -> None:
    both = threading.Barrier(2)
    map_on_cores(lambda _: both.wait(timeout=20), range(2))


def test_an_error_of_any_item_is_raised() -> None:
    def fail(number: int) -> int:
        if number == 5:
            raise IndexError("the fifth")
        return number

    with pytest.raises(IndexError, match="the fifth"):
        map_on_cores(fail, range(10))
    assert map_on_cores(fail, range(4)) == [0, 1, 2, 3]


def test_work_may_itself_work_on_cores() -> None:
    assert map_on_cores(lambda rows: sum(map_on_cores(lambda one: one, range(rows))), range(20)) == [
        sum(range(rows)) for rows in range(20)
    ]


@pytest.mark.skipif(sys.platform == "win32" or cores() < 2, reason="forks on POSIX, with threads to lose")
def test_a_forked_process_works_too() -> None:
    map_on_cores(str, range(10))
    child = os.fork()
    if not child:
        os._exit(0 if map_on_cores(str, range(10)) == list(map(str, range(10))) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
