"""What is left out of a picture in other words than "no" and "without"."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

LEFT_OUT = """
Portrait of a beekeeper, veil up, bees must be kept away
Harbour basin with cutters, get those gulls out of there
Portrait of a judge, hands cropped, wig omitted
Garden gate with roses, but hide the house number
Tall glass of iced tea on a tray; hold the lemon.
Dune landscape with ripples but vegetation of any sort is a no
Study of a left hand in red chalk, rings to be dropped
Main street of a mining town with tram rails, all cars removed
Street market in Lisbon, every car having been taken out of the scene
Portrait of a violinist, hands are to stay out of the frame
A suspension bridge in thick fog, cars banned from the picture
Swimming lane from above. The caps, goggles and logos are to be absent.
The walls lack pictures of any kind.
The banks have zero footprints on them, zero fences.
Vintage tram on a hill road, and do away with the overhead wires
Balloons and ribbons must stay out of the picture.
Keep out any modern objects. Barley hangs drying near the gable.
Poster of a jumping dolphin, any lettering prohibited
Pine forest in fog, human presence strictly ruled out
A baker's hands kneading dough, faces cut out of the picture
Bowl of cherries on linen, keep it clear of stems and leaves
Plain tee on a hanger, logo-less, studio backdrop
Round oak dining table by a bay window with nothing on it
Cartoon avocado lifting a dumbbell, sticker look, don't include a background
""".strip().splitlines()

DRAWN = """
A street cleared of snow, banks on both sides, a red car
A cloudless sky over a desert road, a single truck
A bench with its back removed and a plank laid across
An astronaut in zero gravity, a pen afloat beside her
Two men take the wheel off a cart and drop the nails into a tin.
A hands-free headset on a desk, a lamp
A gate marked private in front of a treeless island
""".strip().splitlines()


def alarms(prompt: str, *levels: str) -> set[str]:
    return {f.rule for f in lint(prompt, language="en") if f.severity in levels}


@pytest.mark.parametrize("prompt", LEFT_OUT)
def test_what_is_left_out_is_named(prompt: str) -> None:
    assert "negative" in alarms(prompt, "warning", "hint")


@pytest.mark.parametrize("prompt", DRAWN)
def test_what_is_drawn_is_no_alarm(prompt: str) -> None:
    assert "negative" not in alarms(prompt, "warning")
