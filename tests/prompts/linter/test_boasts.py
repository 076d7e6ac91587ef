"""English statements of how good a picture is."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

BOASTS = """
Grandmother with lace, the most moving portrait of our time
Old fishing boats on shingle, what a picture!
Macaws in flight, prizewinning wildlife photography at its peak
Portrait of a gondolier, nobody does it better
Kingfisher diving, the sort of shot photographers dream of
Wild horses on a beach, as good as it gets
Dragon over a keep, top of the line fantasy art, concept-artist grade
Cup of cocoa with marshmallows, Instagram gold
A lighthouse in a storm. Quality beyond compare.
Sectional perspective of a public library. Competition-winning standard.
A kindergarten in Copenhagen. Picture quality of the highest level, professionally made.
Trapeze artist upside down. Behold a visual triumph of rare brilliance.
A grey heron in the reeds. The kind of picture that wins international prizes.
a plate of tagliatelle, the best food photo ever taken
A ceramic fox figurine on a shelf, perfect in every way
The result is of a quality that outshines every other landscape picture.
Watercolour clip art of mushrooms. Premium best-selling quality, five stars.
Portrait of an old weaver, lighting as only a true master could do it
Foggy vineyard, an absolute banger of a photo
Corgi in a raincoat, the cutest picture the internet has ever seen
Cliff monastery at dusk, deserves a place in the Louvre
An owl on a fence, executed with consummate skill and matchless finesse
Elf archer, insane render, 100/10, goated
A wolf in the birches, done better than any living painter could
A crane over the harbour, image quality turned up to the max
""".strip().splitlines()

PLAIN = """
A cyclist beats the rest across the line, arms up
A best-selling novel lies open on a deckchair
A gold medal winner bites her medal on the podium, rain on her tracksuit
The winner of second prize, a farmer with a leek, applauds at the county show.
A cake with three tiers; the top tier is the night sky in lapis blue
Beneath it, five columns of equal width each hold a line drawing.
A master and his pupil at a lathe, curls of wood on the floor
A museum hall with a marble statue, visitors with caps and cameras
Five stars embroidered on a flag, mountains behind
A quality control inspector in a white coat holds a bottle to the light.
""".strip().splitlines()


def alarms(prompt: str, *levels: str) -> set[str]:
    return {f.rule for f in lint(prompt, language="en") if f.severity in levels}


@pytest.mark.parametrize("prompt", BOASTS)
def test_praise_is_named(prompt: str) -> None:
    assert "praise" in alarms(prompt, "warning", "hint")


@pytest.mark.parametrize("prompt", PLAIN)
def test_what_is_drawn_is_no_alarm(prompt: str) -> None:
    assert "praise" not in alarms(prompt, "warning")
