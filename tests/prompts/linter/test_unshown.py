"""Words that English descriptions of pictures hardly have, told as hints."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

UNSHOWN = """
A woman with a telescope. The comet returns every seventy-six years.
A swimmer at the edge of a cold pool, her courage sinking
A cellist on an empty stage; tomorrow's concert could break her.
Snow on a Tyrolean farm. The farmer's dog ran off in autumn.
A woman at a loom, her thoughts in Lisbon
An icebreaker in the dark, forty days from the nearest port
A giraffe at a fence, curious what the keeper has in his bucket
Fishing hut on stilts, meaning freedom to its builder
Fog over a fishing port and the sad lowing of a ship's horn
Old violin in its case, its tone said to be like honey
A stone bridge over a stream. Locals call it the Weeping Arch.
A crooked house on stilts. The people of the village believe that its owner can talk with eels.
A St Bernard lies in the snow. Three winters ago it pulled a lost skier out of a crevasse.
A greenhouse with orchids, the air warm and damp on the skin
A chess board on a crate, the game abandoned when the sirens started
Two porters carry a piano. It weighs three hundred kilos and belongs to a count.
A bakery window, loaves in rows, and the recipe is older than the town.
Dusty attic with trunk and mirror. Behind the wall, unknown to all, lies the will.
Castle ruin on a hill, destroyed by the Swedes in 1643
A mule on a mountain path, too stubborn to obey
Somewhere a woodpecker drums, and the hollow knocking carries through the valley.
empty swing in a park, the laughter of children still echoing
woman on a fire escape, jazz drifting from the apartment below, hot night
""".strip().splitlines()

SEEN = """
A fox runs along a wall, its tail low, snow on the moss
A woman weighs cherries on an old scale
Old encyclopaedia engravings of birds, yellowed paper
A can of paint on a shelf, and beside it a brush
A bare bulb somewhere to the left, a table, a bowl
Light comes from a tall window on the left, so that the glass throws a long shadow.
A clown with a red nose, as if carved from wood
""".strip().splitlines()


def clauses(prompt: str) -> list[str]:
    return [f.severity for f in lint(prompt, language="en") if f.rule == "clause"]


@pytest.mark.parametrize("prompt", UNSHOWN)
def test_what_no_picture_shows_is_named(prompt: str) -> None:
    assert clauses(prompt)


@pytest.mark.parametrize("prompt", SEEN)
def test_what_is_seen_is_left_alone(prompt: str) -> None:
    assert not clauses(prompt)
