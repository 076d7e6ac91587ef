"""HTML of results, by jinja2 templates with autoescape."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.files import atomic_file
from zimg_kernel.images.encode import jpeg_url

from .batch.paths import output_path

if TYPE_CHECKING:
    import jinja2

    from zimg_kernel.images.image import GeneratedImage

LEAST_BYTES = 1500  # of a thumbnail; the headers of a JPEG alone take 600


def render(template: str, **values: Any) -> str:
    """Return a template of this folder, filled in; all values are escaped.

    Parameters
    ----------
    template : str
        Path below ``zimg_kernel/experiments``.
    **values
        What the template names.
    """
    return _environment().get_template(template).render(values)


def write_page(path: Path, title: str, about: str, body: str, style: str = "") -> Path:
    """Write one HTML file with everything in it; return its absolute path.

    Parameters
    ----------
    path : Path
        Ends in ``.html``.
    title, about : str
        Heading and paragraph above the body.
    body : str
        HTML, as :func:`render` returns it.
    style : str
        CSS besides that of all pages.
    """
    from markupsafe import Markup

    path = output_path(path, ".html", ".htm")
    whole = Markup(body)  # noqa: S704 (render() has escaped what is in it)
    page = render("page.html.j2", title=title, about=about, body=whole, style=style)
    with atomic_file(path) as file:
        file.write(page.encode())
    return path


def thumbnail_budget(count: int, most: int | None) -> tuple[int, int | None]:
    """Return how many thumbnails fit, and the bytes that each may take.

    Parameters
    ----------
    count : int
        How many there are.
    most : int or None
        Bytes for all of them together; None sets no limit.
    """
    if most is None:
        return count, None
    each = max(LEAST_BYTES, most // max(1, count))
    return most // each, each


def thumbnail_url(image: GeneratedImage, side: int, most: int) -> str:
    """Return a picture within ``side`` px and ``most`` bytes as the address of a JPEG."""
    return jpeg_url(image.preview(side, most))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
