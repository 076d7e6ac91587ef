"""Stories, plans, sounds, smells and aches in English descriptions."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

UNSEEN = """
half-orc bard, once betrayed by his own guild, lute on his back
dragon rider, exiled from the northern court, black armour
The owners, who first met here at a funeral, still argue about the piano.
The innkeeper, whose first husband drowned in the harbour, dries a mug.
A warehouse loft with brick walls, where the band rehearsed its first album
An empty swing. It squealed all afternoon.
The abbot had every lamp replaced.
Old couple on a pier, married for fifty-one years
Courtyard house in larch. The plan grew out of a long argument between the owners.
Elf sorceress, disciple of a mad hermit, silver staff
The older player has already worked out the next six moves.
A barn owl on a beam; the mice below have no clue.
The saxophone solo starts low and husky and then climbs to a shriek.
her heels hammering out a rhythm that drives the guitarist on
The motor whines when it pulls away.
Hotel lobby with brass lanterns. The air carries notes of orange blossom.
Cloves and cardamom tickle the nostrils of passers-by.
A cup of coffee, a blend with a finish of dark cherry
A nurse in teal scrubs, her lower back aches.
Every step sends a stab through his left knee.
""".strip().splitlines()

SEEN = """
a wall once painted blue, now flaking, a bicycle leaning against it
The notes of a score lie beside a bowl of soup, a metronome
An old woman bends forward with one hand on her back, a steep lane
A boy covers his ears with both hands, a jackhammer in the street below
The statue of a general, its head knocked off and lying in the nettles
A field where the harvest has left stubble, straw bales, crows
A path that climbs from a dark gorge to a bright pasture
a door painted the colour of moss, a knocker
The plan of a house on tracing paper, a brass ruler on it
a wheel, each spoke lit by the sun
""".strip().splitlines()


def rules(prompt: str) -> set[str]:
    return {found.rule for found in lint(prompt, language="en")}


@pytest.mark.parametrize("prompt", UNSEEN)
def test_what_no_picture_shows_is_named(prompt: str) -> None:
    assert "clause" in rules(prompt)


@pytest.mark.parametrize("prompt", SEEN)
def test_what_is_seen_is_left_alone(prompt: str) -> None:
    assert "clause" not in rules(prompt)
