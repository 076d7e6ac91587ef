"""Workflows of the Z-Image templates as ComfyUI's page saves them, rebuilt small."""

from __future__ import annotations

from typing import Any

Workflow = dict[str, Any]


class Page:
    """A workflow that is put together node by node."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.links: list[list[Any]] = []

    def add(
        self, number: int, kind: str, values: Any = (), inputs: tuple[Any, ...] = (),
        outputs: tuple[str, ...] = (), **more: Any,
    ) -> None:  # fmt: skip
        """Add a node.

        Parameters
        ----------
        inputs : tuple
            Of each slot: name, type, and where it comes from: (node, output) or None. A fourth
            value of True makes it the slot of a typed value.
        outputs : tuple of str
            Types.
        """
        slots = []
        for at, (name, type_, origin, *widget) in enumerate(inputs):
            link = None
            if origin is not None:
                link = len(self.links) + 1
                self.links.append([link, *origin, number, at, type_])
            slot = {"name": name, "type": type_, "link": link}
            slots.append(slot | ({"widget": {"name": name}} if widget else {}))
        self.nodes.append(
            {
                "id": number,
                "type": kind,
                "mode": 0,
                "inputs": slots,
                "outputs": [{"name": each, "type": each, "links": []} for each in outputs],
                "widgets_values": list(values) if isinstance(values, tuple) else values,
                "pos": [0, 0],
                "size": [200, 100],
                "flags": {},
                "order": len(self.nodes),
                **more,
            }
        )

    def workflow(self, **more: Any) -> Workflow:
        """Return it whole."""
        return {
            "id": "0", "revision": 0, "last_node_id": 99, "last_link_id": len(self.links),
            "nodes": self.nodes, "links": self.links, "groups": [], "config": {}, "extra": {},
            "version": 0.4, **more,
        }  # fmt: skip


def _sampling(page: Page, *, text: Any = None, size: Any = None) -> None:
    """Add the nodes of a Turbo template, from the loaders to the decoder."""
    page.add(11, "UNETLoader", ("nano-turbo.safetensors", "default"), outputs=("MODEL",))
    page.add(12, "ModelSamplingAuraFlow", (3,), (("model", "MODEL", (11, 0)),), ("MODEL",))
    page.add(13, "CLIPLoader", ("qwen_3_4b.safetensors", "lumina2", "default"), outputs=("CLIP",))
    page.add(14, "VAELoader", ("ae.safetensors",), outputs=("VAE",))
    page.add(6, "CLIPTextEncode", ("a red circle",),
             (("clip", "CLIP", (13, 0)), ("text", "STRING", text, True)),
             ("CONDITIONING",))  # fmt: skip
    page.add(7, "ConditioningZeroOut", (), (("conditioning", "CONDITIONING", (6, 0)),),
             ("CONDITIONING",))  # fmt: skip
    page.add(5, "EmptySD3LatentImage", (128, 128, 1),
             (("width", "INT", size, True), ("height", "INT", None, True)),
             ("LATENT",))  # fmt: skip
    page.add(3, "KSampler", (5, "randomize", 2, 1, "euler", "simple", 1),
             (("model", "MODEL", (12, 0)), ("positive", "CONDITIONING", (6, 0)),
              ("negative", "CONDITIONING", (7, 0)), ("latent_image", "LATENT", (5, 0)),
              ("seed", "INT", None, True)),
             ("LATENT",))  # fmt: skip
    page.add(8, "VAEDecode", (), (("samples", "LATENT", (3, 0)), ("vae", "VAE", (14, 0))),
             ("IMAGE",))  # fmt: skip


def old_template() -> Workflow:
    """Return the first Turbo template: all nodes on the page, with notes."""
    page = Page()
    _sampling(page)
    page.add(9, "SaveImage", ("z-image",), (("images", "IMAGE", (8, 0)),))
    page.add(35, "MarkdownNote", ("## Models",))
    page.add(36, "Note", ("Nothing to run",))
    return page.workflow()


def with_detours() -> Workflow:
    """Return the same through reroutes and primitives, with nodes that are muted or bypassed."""
    page = Page()
    page.add(40, "PrimitiveNode", ("a red circle", "fixed"), outputs=("STRING",))
    page.add(41, "PrimitiveNode", (128, "fixed"), outputs=("INT",))
    page.add(42, "Reroute", (), (("", "*", (40, 0)),), ("STRING",))
    _sampling(page, text=(42, 0), size=(41, 0))
    page.add(50, "LoraLoaderModelOnly", ("gone.safetensors", 1.0), (("model", "MODEL", (11, 0)),),
             ("MODEL",), )  # fmt: skip
    page.nodes[-1]["mode"] = 4
    page.add(51, "Reroute", (), (("", "*", (8, 0)),), ("IMAGE",))
    page.add(52, "ImageScaleBy", ("bicubic", 2.0), (("image", "IMAGE", (51, 0)),), ("IMAGE",))
    page.nodes[-1]["mode"] = 4
    page.add(9, "SaveImage", ("z-image",), (("images", "IMAGE", (52, 0)),))
    page.add(53, "PreviewImage", (), (("images", "IMAGE", (8, 0)),))
    page.nodes[-1]["mode"] = 2
    shift = next(link for link in page.links if link[3] == 12)
    shift[1:3] = [50, 0]  # the model comes through the bypassed loader
    return page.workflow()


SUBGRAPH = "b1f1c0de-0000-4000-8000-00000000cafe"


def new_template(*, prompt: str = "a red circle", linked: bool = False) -> Workflow:
    """Return the newer Turbo template: the sampling is a subgraph with the prompt at its node.

    Parameters
    ----------
    prompt : str
        Typed at the subgraph's node.
    linked : bool
        Whether the prompt comes by a link instead.
    """
    inner = Page()
    _sampling(inner)
    links = [
        dict(zip(("id", "origin_id", "origin_slot", "target_id", "target_slot", "type"), link,
                 strict=True))
        for link in inner.links
    ]  # fmt: skip
    slots = {"text": (6, 1), "width": (5, 0), "seed": (3, 4)}
    for at, (target, slot) in enumerate(slots.values()):
        number = 100 + at
        links.append({"id": number, "origin_id": -10, "origin_slot": at, "target_id": target,
                      "target_slot": slot, "type": "*"})  # fmt: skip
        node = next(each for each in inner.nodes if each["id"] == target)
        node["inputs"][slot]["link"] = number
    links.append({"id": 110, "origin_id": 8, "origin_slot": 0, "target_id": -20, "target_slot": 0,
                  "type": "IMAGE"})  # fmt: skip
    definition = {
        "id": SUBGRAPH, "name": "Text to Image (Z-Image-Turbo)", "version": 1,
        "inputNode": {"id": -10}, "outputNode": {"id": -20},
        "inputs": [{"name": name, "type": "*"} for name in slots],
        "outputs": [{"name": "IMAGE", "type": "IMAGE"}],
        "nodes": inner.nodes, "links": links,
    }  # fmt: skip
    page = Page()
    origin = None
    if linked:
        page.add(60, "PrimitiveStringMultiline", (prompt,), outputs=("STRING",))
        origin = (60, 0)
    page.add(57, SUBGRAPH, (prompt, 128, 5),
             (("text", "STRING", origin, True), ("width", "INT", None, True),
              ("seed", "INT", None, True)),
             ("IMAGE",))  # fmt: skip
    page.add(9, "SaveImage", ("z-image",), (("images", "IMAGE", (57, 0)),))
    page.add(35, "MarkdownNote", ("## Models",))
    return page.workflow(definitions={"subgraphs": [definition]})
