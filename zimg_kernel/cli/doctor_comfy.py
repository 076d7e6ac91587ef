"""Whether the ComfyUI server of the settings answers, for ``zimg doctor``."""

from __future__ import annotations

from typing import Any

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.settings import settings

_SECONDS = 5.0  # that an answer may take


def examine_comfy(fix: list[str]) -> dict[str, Any] | None:
    """Return what a server tells of itself; None where the settings name none.

    Parameters
    ----------
    fix : list of str
        Gets what the user should do.
    """
    chosen = (settings().engine or "").lower() == "comfy"
    if not chosen and not settings().comfy_url:
        return None
    from zimg_kernel.comfy_client.address import Address
    from zimg_kernel.comfy_client.names import ServerNames
    from zimg_kernel.comfy_client.server import ComfyServer
    from zimg_kernel.comfy_client.system import System

    found: dict[str, Any] = {"address": None, "answers": False, "draws": chosen}
    try:
        server = ComfyServer(Address.of(), _SECONDS)
        found["address"] = server.shown
        found["system"] = System.of(server).description
        found["answers"] = True
        names = ServerNames(server)
        found["models"] = [card.id for card in load_catalog().values() if names.find(card)]
    except (BadInput, ZimgError) as error:
        fix.append(str(error))
    if found["answers"] and not found.get("models"):
        fix.append(
            f"The ComfyUI server at {found['address']} has no model that is known here: put "
            "z_image_turbo_bf16.safetensors, qwen_3_4b.safetensors and ae.safetensors among its "
            "models."
        )
    return found


def comfy_line(found: dict[str, Any]) -> str:
    """Return the findings as a line for a terminal."""
    if not found["answers"]:
        return f"ComfyUI   {found['address'] or 'no address'}: does not answer"
    models = ", ".join(found.get("models") or ()) or "no model that is known here"
    use = "" if found["draws"] else " (ZIMG_ENGINE=comfy draws there)"
    return f"ComfyUI   {found['address']}: {found['system']}; {models}{use}"
