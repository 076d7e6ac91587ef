"""Published clients of ComfyUI, each as its own guide uses it; run as a program of its own.

``python published_clients.py NAME ADDRESS TOKEN GRAPH`` prints what it got as JSON: the sizes of
pictures, and what else it says. ADDRESS is that of the service, GRAPH a file in API form.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import socket
import subprocess
import sys
import time
from typing import Any

from PIL import Image

Told = dict[str, Any]


def sizes(pictures: Any) -> list[list[int]]:
    return [list(Image.open(io.BytesIO(data)).size) for data in pictures]


def with_password(url: str, token: str) -> str:
    """The address with the token as a password (Basic)."""
    return url.replace("://", f"://u:{token}@")


def below_token(url: str, token: str) -> str:
    """The address with the token in its path."""
    return f"{url}/t/{token}"


def comfykit(url: str, token: str, path: str, kind: str, **options: Any) -> Told:
    import requests
    from comfykit import ComfyKit

    kit = ComfyKit(comfyui_url=url, executor_type=kind, **options)  # type: ignore[arg-type]
    result = asyncio.run(kit.execute(path))
    head = {"Authorization": f"Bearer {token}"}
    found = [requests.get(image, headers=head, timeout=30).content for image in result.images]
    return {"status": result.status, "message": result.msg, "sizes": sizes(found)}


def comfykit_ways(url: str, token: str, path: str) -> Told:
    """Bearer, the token in the path on its WebSocket, and Basic."""
    ways = [
        comfykit(url, token, path, "http", api_key=token),
        comfykit(below_token(url, token), token, path, "websocket"),
        comfykit(with_password(url, token), token, path, "http"),
    ]
    return {"ways": ways}


def comfy_script(url: str, token: str, path: str) -> Told:
    from comfy_script.runtime import Workflow, load

    load(below_token(url, token) + "/", save_script_source=False)
    from comfy_script.runtime.nodes import (
        CheckpointLoaderSimple,
        CLIPTextEncode,
        EmptyLatentImage,
        KSampler,
        SaveImage,
        VAEDecode,
    )

    found = []
    for _ in range(2):  # the second time all of it is known
        with Workflow(wait=True):
            model, clip, vae = CheckpointLoaderSimple("nano-turbo.safetensors")
            texts = CLIPTextEncode("a red circle", clip), CLIPTextEncode("", clip)
            latent = EmptyLatentImage(128, 128, 1)
            latent = KSampler(model, 7, 2, 1, "euler", "simple", *texts, latent, 1)
            saved = SaveImage(VAEDecode(latent, vae), "script")
        batch = saved.wait()
        found += [image.size for image in batch.wait()] if hasattr(batch, "wait") else []
        found += [] if hasattr(batch, "wait") else [image.size for image in batch]
    return {"sizes": [list(size) for size in found]}


def comfy_api_simplified(url: str, token: str, path: str) -> Told:
    from comfy_api_simplified import ComfyApiWrapper, ComfyWorkflowWrapper

    api = ComfyApiWrapper(url, user="u", password=token)
    workflow = ComfyWorkflowWrapper(path)
    found = api.queue_and_wait_images(workflow, "Save Image")
    again = api.queue_and_wait_images(workflow, "Save Image")
    Image.new("RGB", (8, 8), "red").save("sent.png")
    sent = api.upload_image("sent.png")
    return {"names": list(found), "sizes": sizes(found.values()), "again": list(again),
            "sent": sent, "queue": api.get_queue()}  # fmt: skip


def comfy_headless(url: str, token: str, path: str) -> Told:
    from comfy_headless import ComfyClient

    with ComfyClient(with_password(url, token)) as client:
        steps: list[float] = []
        result = client.generate_image(
            "a red circle", checkpoint="nano-turbo.safetensors", width=128, height=128, steps=2,
            cfg=1.0, seed=3, on_progress=lambda share, text: steps.append(share),
        )  # fmt: skip
        found = [client.get_image(image["filename"]) for image in result["images"]]
        return {"success": result["success"], "sizes": sizes(found), "online": client.is_online(),
                "checkpoints": client.get_checkpoints()}  # fmt: skip


def comfy_toolkit(url: str, token: str, path: str) -> Told:
    from comfy_toolkit import ComfyClient

    client = ComfyClient(below_token(url, token))
    workflow = client.load_workflow(path)
    polled = client.wait(client.submit(workflow), poll_interval=0.1)
    steps: list[int] = []
    workflow["3"]["inputs"]["seed"] += 1
    tracked = client.submit_and_track(workflow, on_progress=lambda step, total: steps.append(step))
    found = [client.download(image) for image in (*polled["images"], *tracked["images"])]
    return {"sizes": sizes(found), "steps": steps, "online": client.is_online()}


def _sdk(address: str, token: str, path: str) -> Told:
    os.environ["COMFY_BASE_URL"] = address
    from comfy_sdk import Comfy
    from comfy_sdk.events import OutputReady, Preview, Progress, StatusChange

    with open(path, encoding="utf-8") as file:
        graph = json.load(file)
    with Comfy(api_key=token) as client:
        job = client.submit(client.workflows.from_json(graph), metadata={"run": "7"})
        events = list(job.events())
        done = job.result()
        found = [output.to_bytes() for output in done.outputs]
        kinds = OutputReady | Preview | Progress | StatusChange

        picture = io.BytesIO()
        Image.new("RGB", (128, 128), "red").save(picture, "PNG")
        asset = client.assets.from_bytes(picture.getvalue(), filename="red.png")
        loading = client.workflows.from_json({
            "1": {"class_type": "LoadImage", "inputs": {"image": "x"}},
            "2": {"class_type": "SaveImage",
                  "inputs": {"images": ["1", 0], "filename_prefix": "red"}},
        })  # fmt: skip
        loading.set_input("1", "image", asset)
        loaded = client.run(loading)
        twice = client.assets.from_bytes(picture.getvalue(), filename="red.png")
        twice.commit()
        try:
            client.run(client.workflows.from_json({"1": {"class_type": "Nope", "inputs": {}}}))
            refused = ""
        except Exception as error:
            refused = getattr(error, "code", type(error).__name__)
        listed = [each.id for each in client.list_jobs(metadata={"run": "7"})]
        return {
            "sizes": sizes([*found, *(output.to_bytes() for output in loaded.outputs)]),
            "kinds": sorted({type(event).__name__ for event in events if isinstance(event, kinds)}),
            "created": [asset.created_new, twice.created_new],
            "refused": refused,
            "listed": listed == [done.id],
            "graph": job.get_workflow().graph["3"]["class_type"],
        }  # fmt: skip


def comfy_sdk(url: str, token: str, path: str) -> Told:
    return _sdk(url, token, path)


def comfy_api_proxy(url: str, token: str, path: str) -> Told:
    """comfy-sdk, and between it and us the proxy that is made for a real ComfyUI."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "comfy_api_proxy.cli", "run", "--port", str(port)]
    command += ["--comfyui", below_token(url, token)]
    with open("proxy.log", "wb") as log:
        proxy = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        return _proxied(f"http://127.0.0.1:{port}", path)
    finally:
        proxy.terminate()
        proxy.wait(60)


def _proxied(address: str, path: str) -> Told:
    os.environ["COMFY_BASE_URL"] = address
    from comfy_sdk import Comfy

    with open(path, encoding="utf-8") as file:
        graph = json.load(file)
    with Comfy(api_key="any") as client:
        job = client.submit(client.workflows.from_json(graph))
        kinds = sorted({type(event).__name__ for event in job.events()})
        done = job.result()
        return {"sizes": sizes(output.to_bytes() for output in done.outputs), "kinds": kinds}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    name, *given = sys.argv[1:]
    told = globals()[name](*given)
    print("TOLD " + json.dumps(told))
