"""Control maps of a picture: one function, six kinds, settings checked."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.images.pixels import rgb
from zimg_kernel.images.reading import Source, read

Check = tuple[float, float] | None
"""The range of a setting's number, both ends allowed; None for the name of a folder."""

# For each kind: the module and function that makes it, and the ranges of its settings.
_MAKERS: dict[str, tuple[str, str, dict[str, Check]]] = {
    "canny": ("lines", "canny", {"low": (1, 1000), "high": (1, 1000)}),
    "soft-edge": ("lines", "soft_edge", {"threshold": (0, 0.9), "softness": (0.5, 32)}),
    "scribble": (
        "lines",
        "scribble",
        {"threshold": (0.01, 0.9), "detail": (0.5, 32), "width": (1, 64)},
    ),
    "depth": ("depth", "depth_map", {"model": None}),
    "pose": (
        "pose",
        "pose_map",
        {"threshold": (0, 1), "people": (1, 50), "model": None, "detector": None},
    ),
}
_WHOLE = ("people", "width")

KINDS: tuple[str, ...] = (*_MAKERS, "map")
"""The kinds of control maps; "map" is a picture that is such a map already."""


def control_map(image: Source, kind: str, **settings: Any) -> Image.Image:
    """Return a control map of a picture, for a ControlNet to follow.

    Parameters
    ----------
    image : GeneratedImage, PIL.Image.Image, str or Path
        The picture, of any mode.
    kind : {"canny", "soft-edge", "scribble", "depth", "pose", "map"}
        canny: thin white lines (OpenCV). soft-edge: soft grey lines, stronger where the contrast
        is. scribble: a few bold white lines, as drawn by hand. depth: near is white (Depth
        Anything V2, by transformers). pose: people as OpenPose skeletons (ViTPose, by
        transformers). map: the picture is a map already and comes back as it is.
    low, high : float
        canny: gradients from which a line goes on and begins, 1 to 1000 (100 and 200).
    threshold : float
        soft-edge: contrast below which nothing is drawn, 0 to 0.9 (0.02); scribble: from which
        a line begins, 0.01 to 0.9 (0.12), where 1 is black beside white; pose: how sure a joint
        must be, 0 to 1 (0.3).
    softness : float
        soft-edge: standard deviation of a line's profile, px, 0.5 to 32.
    detail : float
        scribble: what is smaller is overlooked, px, 0.5 to 32; larger gives fewer lines.
    width : int
        scribble: of a line, px, 1 to 64.
    people : int
        pose: at most so many, the surest first, 1 to 50 (10).
    model, detector : str or Path
        depth, pose: the folder of another model for transformers; of one that finds people.

    Returns
    -------
    PIL.Image.Image
        RGB, of the picture's size as it stands upright.

    Raises
    ------
    BadInput
        No such kind or setting, no picture, or nothing to be drawn in it: a flat picture has no
        lines, one without people no pose.
    WeightsMissing
        The depth or pose model is not on this machine; says the command that gets it.
    """
    _check_kind(kind)
    if kind == "map":
        _check_settings(kind, settings, {})
        return rgb(read(image, "image"))
    module, name, ranges = _MAKERS[kind]
    given = _check_settings(kind, settings, ranges)
    picture = rgb(read(image, "image"))
    maker: Callable[..., Image.Image] = getattr(import_module(f".{module}", __package__), name)
    return maker(picture, **given)


def require_maker(kind: str) -> None:
    """Refuse a kind of map that cannot be made here, before anything is drawn.

    Raises
    ------
    BadInput
        No such kind.
    WeightsMissing
        The depth or pose model is not on this machine; says the command that gets it.
    """
    _check_kind(kind)
    if kind in ("depth", "pose"):
        from .estimators import ESTIMATORS, require_estimator

        require_estimator(ESTIMATORS[kind])


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        close = get_close_matches(str(kind), KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(KINDS)}."
        raise BadInput(
            f"There is no control map of the kind {kind!r}: {hint}",
            code="unknown-choice",
            field="kind",
        )


def _check_settings(
    kind: str, settings: dict[str, Any], ranges: dict[str, Check]
) -> dict[str, Any]:
    given = {name: value for name, value in settings.items() if value is not None}
    for name, value in given.items():
        if name not in ranges:
            known = f"its settings are {', '.join(ranges)}" if ranges else "it has none"
            raise BadInput(
                f"A {kind} map has no setting {name}: {known}.",
                code="unknown-parameter",
                field=name,
            )
        limits = ranges[name]
        if limits is None:
            continue
        good = isinstance(value, int | float) and not isinstance(value, bool)
        whole = name not in _WHOLE or value == int(value) if good else False
        if not (good and whole and limits[0] <= value <= limits[1]):
            what = "a whole number" if name in _WHOLE else "a number"
            raise BadInput(
                f"{name} must be {what} from {limits[0]:g} to {limits[1]:g}, not {value!r}.",
                code="out-of-range",
                field=name,
            )
    return given
