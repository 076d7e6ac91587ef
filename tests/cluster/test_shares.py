"""Order among waiting pictures: priority, shares of the users, warm models."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from zimg_kernel.cluster.shares import HALF_LIFE, Candidate, Shares, choose, in_order

ONE = Candidate("a1", "ann", "small", priority=0, running=False, rank=1, waited=0.0)


def made(id: str, **changes: object) -> Candidate:
    return dataclasses.replace(ONE, id=id, **changes)  # type: ignore[arg-type]


def ids(found: list[Candidate]) -> list[str]:
    return [candidate.id for candidate in found]


def test_drawing_time_counts_half_after_ten_minutes() -> None:
    now = [0.0]
    shares = Shares(lambda: now[0])
    shares.charge("ann", 8.0)
    now[0] = HALF_LIFE
    shares.charge("ann", 1.0)
    assert shares.used("ann") == 5.0
    now[0] = 3 * HALF_LIFE
    assert shares.used("ann") == 1.25
    assert shares.used("bob") == 0.0


def test_priority_comes_before_shares_and_shares_before_rank() -> None:
    used = {"ann": 5.0, "bob": 1.0}.__getitem__
    waiting = [
        made("ann-first", rank=1),
        made("ann-urgent", rank=9, priority=1),
        made("bob-late", user="bob", rank=8),
        made("ann-begun", rank=7, running=True),
    ]
    assert ids(in_order(waiting, used)) == ["ann-urgent", "bob-late", "ann-begun", "ann-first"]


def test_a_user_with_few_pictures_does_not_wait_for_one_with_many() -> None:
    shares = Shares(lambda: 0.0)
    left = Counter(ann=100, bob=3)
    drawn = []
    for number in itertools.count():
        waiting = [made(u, user=u, rank=0 if u == "ann" else number) for u in left if left[u]]
        chosen = choose(in_order(waiting, shares.used), ("small",))
        if chosen is None:
            break
        drawn.append(chosen.user)
        left[chosen.user] -= 1
        shares.charge(chosen.user, 2.0)
    assert drawn.count("ann") == 100
    assert "bob" not in drawn[7:]


def test_a_warm_model_goes_first_until_another_has_waited_too_long() -> None:
    ordered = [made("cold", model="large", waited=3.0), made("warm", rank=2)]
    assert choose(ordered, {"small"}) is ordered[1]
    ordered[0] = made("cold", model="large", waited=11.0)
    assert choose(ordered, {"small"}) is ordered[0]
    urgent = [made("urgent", model="large", priority=1), made("warm")]
    assert choose(urgent, {"small"}) is urgent[0]
    assert choose([], {"small"}) is None


@given(
    st.lists(
        st.builds(
            Candidate, st.uuids().map(str), st.sampled_from("abc"), st.sampled_from("xyz"),
            st.integers(-2, 2), st.booleans(), st.integers(0, 9), st.floats(0, 30),
        )
    ),
    st.sets(st.sampled_from("xyz")),
)  # fmt: skip
def test_something_of_the_highest_priority_is_always_chosen(
    waiting: list[Candidate], warm: set[str]
) -> None:
    chosen = choose(in_order(waiting, lambda user: float(ord(user))), warm)
    assert (chosen is None) == (not waiting)
    if chosen is not None:
        assert chosen.priority == max(candidate.priority for candidate in waiting)
