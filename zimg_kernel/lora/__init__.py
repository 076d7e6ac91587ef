"""LoRA files: what there is, what fits which model, and their use in pictures.

``generate("a red circle", loras=[("my-style", 0.8)])`` draws with ``my-style.safetensors`` of the
folder of LoRAs; ``inspect_lora("my-style", "z-image-turbo")`` tells whether it fits.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
