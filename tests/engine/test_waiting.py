"""The order in which an engine takes its jobs: by priority, then as they came or were moved."""

from __future__ import annotations

import random
import threading

from zimg_kernel.engine.waiting import WaitingQueue


def filled(*ids: str, priority: int = 0) -> WaitingQueue[str]:
    queue: WaitingQueue[str] = WaitingQueue()
    for id in ids:
        queue.put(id, id, priority)
    return queue


def test_higher_priorities_come_first_then_the_order_of_coming() -> None:
    queue = filled("a", "b")
    queue.put("c", "c", 1)
    queue.put("d", "d", -1)
    queue.put("e", "e", 1)
    assert queue.values() == ["c", "e", "a", "b", "d"]
    assert [queue.ahead(p) for p in (2, 1, 0, -1, -2)] == [0, 2, 4, 5, 5]
    assert [queue.get() for _ in range(2)] == ["c", "e"]
    assert queue.values() == ["c", "e", "a", "b", "d"]  # taken, and not done
    assert queue.taken() == ["c", "e"]
    queue.done("c")
    assert queue.values() == ["e", "a", "b", "d"]


def test_moving_keeps_to_the_jobs_of_one_priority() -> None:
    queue = filled("a", "b", "c", "d")
    queue.put("x", "x", 1)
    queue.move("d", 0)
    assert queue.values() == ["x", "d", "a", "b", "c"]
    queue.move("d", 99)
    assert queue.values() == ["x", "a", "b", "c", "d"]
    queue.move("c", 2)
    assert queue.values() == ["x", "a", "c", "b", "d"]
    queue.move("x", 3)
    assert queue.values() == ["x", "a", "c", "b", "d"]
    assert queue.move("gone", 0) is None


def test_what_cannot_be_moved_counts_for_no_position() -> None:
    queue = filled("a")
    queue.put("task", "task", movable=False)
    queue.put("b", "b")
    queue.put("c", "c")
    queue.move("c", 0)
    assert queue.values() == ["c", "a", "task", "b"]


def test_any_number_of_moves_gives_the_order_of_a_list() -> None:
    chance = random.Random(1)
    wanted = [str(i) for i in range(9)]
    queue = filled(*wanted)
    for _ in range(3000):  # numbers between two neighbours run out on the way
        id, place = chance.choice(wanted), chance.choice((3, 4, chance.randrange(9)))
        queue.move(id, place)
        wanted.remove(id)
        wanted.insert(place, id)
        assert queue.values() == wanted


def test_removing_and_reordering() -> None:
    queue = filled("a", "b", "c")
    assert queue.remove("b") == "b"
    assert queue.remove("b") is None
    queue.reorder({"a": (0, queue.next_rank()), "gone": (0, 1)})
    assert queue.values() == ["c", "a"]
    queue.reorder({"a": (5, 7), "c": (5, 6)})
    assert [queue.get(), queue.get()] == ["c", "a"]


def test_it_ends_once_nothing_is_left() -> None:
    queue = filled("a")
    got: list[str | None] = []
    thread = threading.Thread(target=lambda: got.extend(queue.get() for _ in range(2)))
    queue.close()
    thread.start()
    thread.join(10)
    assert got == ["a", None]
