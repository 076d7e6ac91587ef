"""What one thing is told again, and otherwise: views, postures, ages, materials."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

OPPOSED = """
fantasy wizard, smooth-faced lad of twenty with a staff, the wizard is ninety and deeply wrinkled
A teenage skater rests on a bench beside his board. He is eighty years old and bald.
A blacksmith of about fifty hammers a horseshoe. The blacksmith is a boy of nine in an apron.
cyclist on a mountain pass, 400mm telephoto, 8mm fisheye lens, wet asphalt
macro shot of a beetle, aerial drone view of the beetle
A bust of a senator in a hall, white Carrara marble with grey veins. The bust is of dark walnut.
A crown on a cushion, solid gold with rubies. The crown is folded from newspaper.
A librarian sits cross-legged on the carpet. The librarian is standing on a ladder.
a crow perched on a fence, it is soaring high over the fields
A lion sleeps under an acacia. A storm builds. The lion gallops across the plain.
""".strip().splitlines()

GOOD = """
A grandmother of eighty reads to a girl of six on the sofa, the girl is laughing
A young mother with her baby; the mother is in her thirties
A photographer with a 400mm telephoto lens on a tripod, shot with a 24mm lens
A man seen from behind looks at a poster of a woman facing the camera
A stone house with a door made of oak. The house is covered in ivy.
A boy sits on a wall, another boy is running along the fence
Two dogs: one sits beside the door, the other is jumping over a hedge.
The cat lies on the mat; the dog is running in circles
A cat sleeps on the bed. In the painting above it a cat leaps after a bird.
A man sits on a horse. The horse is galloping.
""".strip().splitlines()


def rules(text: str) -> set[str]:
    return {found.rule for found in lint(text, language="en")} - {"vague"}


@pytest.mark.parametrize("text", OPPOSED)
def test_two_statements_on_one_thing_are_named(text: str) -> None:
    assert "contradiction" in rules(text)


@pytest.mark.parametrize("text", GOOD)
def test_statements_on_two_things_are_no_contradiction(text: str) -> None:
    assert "contradiction" not in rules(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("rubber stamp mark APPROVED in red ink on an envelope", "lettering"),
        ("a logo, and beneath it in smaller type runs Baked Slowly in Devon", "lettering"),
        ("a slice of lemon, sour on the tongue", "clause"),
        ("a curry with a slow burn of chilli heat", "clause"),
    ],
)
def test_stamps_set_lines_and_tastes_are_named(text: str, rule: str) -> None:
    assert rule in rules(text)


def test_a_race_has_no_praise() -> None:
    assert "praise" not in rules("runners at the start of an 8K race in a misty park")
    assert "praise" in rules("a lighthouse at dusk, 8K")


def test_a_coloured_picture_of_a_black_and_white_one_raises_no_warning() -> None:
    text = "A black-and-white photograph hangs on a bright yellow wall. Colour interior shot."
    assert all(found.severity == "hint" for found in lint(text, language="en"))
