"""What an English prompt insists on, and what differs from it."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

OPPOSED = """
A plate with exactly two lemons on it, and a third lemon cut open in front.
Four otters float in kelp, the trio of them holding paws.
A lone rider in the dunes, the trio keeps close together.
A boy holds a single balloon, a bunch of twenty balloons above his head.
A twin-towered church on a hill, its solitary tower lit by the sun.
A parrot, entirely green, with a scarlet head.
A red, blue teapot with one solid glaze all over.
Street market, the whole frame in black and white, a crimson awning.
A paper boat on a pond, its steel plates streaked with rust.
Miners kneel in a mine at the coal face, a wide blue sky overhead.
Bareheaded, a motorcyclist on a coast road, visor down.
A bird's-eye view of a market square. The camera lies on the ground.
""".strip().splitlines()

GOOD = """
A plate with exactly two lemons, and a third of a melon beside it.
Three otters float in kelp beside an old seal, the pair of them asleep.
A boy holds a single balloon, twenty children behind him.
A church with two towers, its bell tower lit by the sun.
A parrot, entirely green save for a scarlet head.
A paper boat on a pond, a steel bridge in the background.
A greyscale drawing with one splash of red.
Miners at the mouth of a mine, a blue sky above the hills.
""".strip().splitlines()


def rules(prompt: str) -> set[str]:
    return {found.rule for found in lint(prompt, language="en")}


@pytest.mark.parametrize("prompt", OPPOSED)
def test_what_differs_from_it_is_named(prompt: str) -> None:
    assert "contradiction" in rules(prompt)


@pytest.mark.parametrize("prompt", GOOD)
def test_what_fits_is_left_alone(prompt: str) -> None:
    assert "contradiction" not in rules(prompt)
