"""Values on the links of a graph: descriptions of models, texts and latents, and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PIL import Image

from zimg_kernel.images.source import SourceImage, load_source

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage


@dataclass(frozen=True)
class Model:
    """A model of the catalogue with what nodes have put to it (``MODEL``).

    Attributes
    ----------
    card : str
        Its id.
    loras : tuple of (name, weight)
    shift : float or None
        Of the noise levels; the model's own where None.
    stands_in : bool
        True for the miniature in the place of a model that is not here.
    """

    card: str
    loras: tuple[tuple[str, float], ...] = ()
    shift: float | None = None
    stands_in: bool = False


@dataclass(frozen=True)
class Clip:
    """A text encoder (``CLIP``): that of the model, whatever its file is called."""

    file: str


@dataclass(frozen=True)
class Vae:
    """An autoencoder (``VAE``): that of the model, whatever its file is called."""

    file: str


@dataclass(frozen=True)
class Conditioning:
    """A text (``CONDITIONING``), or nothing where it was zeroed out."""

    text: str
    zeroed: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture: of the gallery, whose pixels are read when they are asked for, or in memory.

    Attributes
    ----------
    made : GeneratedImage or None
        A picture of the gallery.
    pixels : PIL.Image.Image or None
        Another one.
    origin : GeneratedImage or None
        The gallery's picture that these pixels are a resized copy of.
    """

    made: GeneratedImage | None = None
    pixels: Image.Image | None = field(default=None, repr=False)
    origin: GeneratedImage | None = None

    @property
    def image(self) -> Image.Image:
        """The pixels."""
        if self.pixels is not None:
            return self.pixels
        assert self.made is not None
        return self.made.image

    @property
    def source(self) -> SourceImage:
        """The picture as an edit takes it; one of the gallery is known as such."""
        source = load_source(self.made or self.image)
        if self.origin is None:
            return source
        return replace(source, params=self.origin.params, path=self.origin.path)


Pictures = tuple[Picture, ...]
"""A batch (``IMAGE``)."""


@dataclass(frozen=True)
class Mask:
    """A mask (``MASK``), mode "L": white is repainted."""

    image: Image.Image = field(repr=False)


@dataclass(frozen=True)
class Latent:
    """What a sampler starts from or has drawn (``LATENT``).

    Attributes
    ----------
    width, height : int
        Of the picture that it decodes to, px.
    count : int
        Pictures of the batch.
    pictures : tuple of Picture
        What it holds; empty for an empty latent.
    mask : Mask or None
        The part to draw anew.
    """

    width: int
    height: int
    count: int = 1
    pictures: Pictures = ()
    mask: Mask | None = None


@dataclass(frozen=True)
class Noise:
    """The seed of a sampler's noise (``NOISE``); None for none at all."""

    seed: int | None


@dataclass(frozen=True)
class Guider:
    """What a sampler follows (``GUIDER``)."""

    model: Model
    positive: Conditioning
    negative: Conditioning
    cfg: float = 1.0


@dataclass(frozen=True)
class SamplerChoice:
    """The name of a sampler (``SAMPLER``)."""

    name: str


@dataclass(frozen=True)
class Sigmas:
    """The noise levels of a sampler (``SIGMAS``).

    Attributes
    ----------
    scheduler : str
    steps : int
    denoise : float
        Share of the way that they span, 0 to 1.
    """

    scheduler: str
    steps: int
    denoise: float = 1.0
