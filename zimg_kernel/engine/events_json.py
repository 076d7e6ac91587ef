"""Events as JSON objects, and back, so that a job can be followed from another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from PIL import Image

from zimg_kernel import errors
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage

from .events import Cancelled, Done, Event, Failed, Finished, Queued, Started, Step, Warned
from .step_preview import sketch_from_json, sketch_to_json

PixelLoader: TypeAlias = "Callable[[Mapping[str, Any]], Image.Image]"
"""Returns the pixels of a picture by its JSON object (``id``, ``pixels``, ``path``)."""

_PLAIN = {kind.__name__.lower(): kind for kind in (Queued, Started, Warned, Cancelled)}
_ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, BadInput | ZimgError)
}


def event_to_dict(event: Event, job_id: str) -> dict[str, Any]:
    """Return an event as an object of JSON.

    Every object has a ``kind``: the event's name in small letters. A step carries its preview
    (``preview``, or null): an object of ``width``, ``height`` and ``rgb`` (bytes in base64), or a
    JPEG in base64. A picture is an object of ``id`` (the
    job's id, a slash, and its index), ``pixels`` (the digest of its pixels), ``path`` (its file,
    or null) and ``record`` (all that its file tells of it); ``done`` names pictures by their
    ids. An error is its class, ``code``, ``field`` and ``text``.

    Parameters
    ----------
    job_id : str
        Id of the job that the event belongs to.
    """
    kind = type(event).__name__.lower()
    match event:
        case Step():
            numbers = {name: getattr(event, name) for name in ("step", "steps", "index", "count")}
            return {"kind": kind, **numbers, "preview": sketch_to_json(event.sketch)}
        case Finished(image, index, count):
            picture = picture_to_dict(image, f"{job_id}/{index}")
            return {"kind": kind, "picture": picture, "index": index, "count": count}
        case Done(images):
            return {"kind": kind, "pictures": [f"{job_id}/{i}" for i in range(len(images))]}
        case Failed(error):
            return {"kind": kind, "error": error_to_dict(error)}
    return {"kind": kind, **vars(event)}


def event_from_dict(
    data: Mapping[str, Any], pictures: Sequence[GeneratedImage], load: PixelLoader
) -> Event:
    """Return the event of an object of JSON.

    Parameters
    ----------
    data : mapping
        From :func:`event_to_dict`.
    pictures : sequence of GeneratedImage
        Pictures of the job that have arrived before.
    load : callable
        Called for a picture's pixels when somebody looks at them.

    Raises
    ------
    BadInput
        It is no event of this version.
    """
    rest = {name: value for name, value in data.items() if name != "kind"}
    try:
        match data["kind"]:
            case "step":
                sketch = sketch_from_json(rest.pop("preview"))
                return Step(**rest, sketch=sketch)
            case "finished":
                image = picture_from_dict(rest["picture"], load)
                return Finished(image, rest["index"], rest["count"])
            case "done":
                return Done(tuple(pictures[: len(rest["pictures"])]))
            case "failed":
                return Failed(error_from_dict(rest["error"]))
            case kind:
                event: Event = _PLAIN[kind](**rest)
                return event
    except (LookupError, TypeError, ValueError) as error:
        raise BadInput(
            f"This is no event of a job ({type(error).__name__}: {error}): take the objects that "
            "an engine of the same version sends.",
            code="unknown-event",
            field="event",
        ) from error


def picture_to_dict(image: GeneratedImage, picture_id: str) -> dict[str, Any]:
    """Return a picture without its pixels as an object of JSON."""
    record = image.record()
    path = str(image.path) if image.path else None
    return {"id": picture_id, "pixels": record["pixels"], "path": path, "record": record}


def picture_from_dict(data: Mapping[str, Any], load: PixelLoader) -> GeneratedImage:
    """Return the picture of an object of JSON; its pixels are loaded when looked at."""
    return GeneratedImage.from_record(data["record"], data["path"], lambda: load(data))


def error_to_dict(error: Exception) -> dict[str, Any]:
    """Return an error as an object of JSON: its class, code, field and sentence."""
    return {
        "class": type(error).__name__,
        "code": getattr(error, "code", "error"),
        "field": getattr(error, "field", None),
        "text": str(error),
    }


def error_from_dict(data: Mapping[str, Any]) -> Exception:
    """Return the error of an object of JSON; one of an unknown class is a :class:`ZimgError`."""
    kind = _ERRORS.get(data["class"], ZimgError)
    return kind(data["text"], code=data["code"], field=data["field"])
