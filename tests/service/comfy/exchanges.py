"""Requests whose answers by ComfyUI and by ours are laid beside each other.

Each is a function of an :class:`Asker`; what it returns is compared.
"""

from __future__ import annotations

import copy
import io
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import websocket
from PIL import Image

from .asker import Asker, png, told
from .graphs import Graph, node

UNKNOWN = "0b0e2b5c-8f0c-4d6b-9d0a-3f5a6c7d8e9f"
EXCHANGES: dict[str, Callable[[Asker], Any]] = {}


def exchange(ask: Callable[[Asker], Any]) -> Callable[[Asker], Any]:
    EXCHANGES[ask.__name__] = ask
    return ask


def _several(name: str, ask: Callable[..., Any], values: dict[str, Any]) -> None:
    for about, value in values.items():
        EXCHANGES[f"{name}: {about}"] = lambda one, value=value: ask(one, value)


# Graphs that are refused, or taken all the same.


def _changed(one: Asker, change: tuple[str, str, Any]) -> Any:
    where, name, value = change
    graph = one.graph()
    if value is ...:
        del graph[where]["inputs"][name]
    else:
        graph[where]["inputs"][name] = value
    return one.prompt(graph)


_several("input", _changed, {
    "missing number": ("3", "seed", ...), "missing link": ("3", "model", ...),
    "missing text": ("6", "text", ...), "missing picture": ("9", "images", ...),
    "steps 0": ("3", "steps", 0), "steps 10001": ("3", "steps", 10001),
    "cfg 101": ("3", "cfg", 101), "seed -1": ("3", "seed", -1), "seed 2**64": ("3", "seed", 2**64),
    "denoise 1.5": ("3", "denoise", 1.5), "width 8": ("5", "width", 8),
    "width 100": ("5", "width", 16385), "batch 0": ("5", "batch_size", 0),
    "unknown sampler": ("3", "sampler_name", "x"), "unknown clip": ("13", "clip_name", "x"),
    "unknown clip type": ("13", "type", "x"), "unknown scheduler": ("3", "scheduler", 7),
    "steps as a word": ("3", "steps", "eight"), "steps as a text of a number": ("3", "steps", "2"),
    "steps as a float": ("3", "steps", 2.7), "steps true": ("3", "steps", True),
    "steps none": ("3", "steps", None), "steps an object": ("3", "steps", {"a": 1}),
    "steps wrapped": ("3", "steps", {"__value__": 2}), "text a number": ("6", "text", 5),
    "text none": ("6", "text", None), "cfg a word": ("3", "cfg", "much"),
    "unknown one more": ("3", "unknown", 1), "link for a typed one": ("6", "text", ["13", 0]),
    "typed for a link": ("3", "model", "x"), "number for a link": ("3", "model", 1),
    "link of another type": ("3", "model", ["13", 0]), "link to nowhere": ("3", "model", ["99", 0]),
    "link with a number": ("3", "model", [11, 0]), "link to a slot 5": ("3", "model", ["11", 5]),
    "link to a slot -1": ("3", "model", ["11", -1]),
    "link to slot text": ("3", "model", ["11", "0"]), "link of one": ("3", "model", ["11"]),
    "link of an output to nowhere": ("9", "images", ["99", 0]),
    "link of three": ("3", "model", ["11", 0, 1]), "empty link": ("3", "model", []),
    "prefix none": ("9", "filename_prefix", None),
})  # fmt: skip


@exchange
def unknown_class(one: Asker) -> Any:
    graph = one.graph()
    graph["3"]["class_type"] = "Nope"
    first = one.prompt(graph)
    graph["3"]["_meta"] = {"title": "My sampler"}
    return first, one.prompt(graph)


@exchange
def no_class(one: Asker) -> Any:
    graph = one.graph()
    del graph["3"]["class_type"]
    return one.prompt(graph)


@exchange
def no_outputs(one: Asker) -> Any:
    graph = one.graph()
    del graph["9"]
    return one.prompt(graph), one.prompt({})


@exchange
def circle(one: Asker) -> Any:
    graph = one.graph()
    graph["12"]["inputs"]["model"] = ["50", 0]
    graph["50"] = node("ModelSamplingAuraFlow", model=["12", 0], shift=3)
    return one.prompt(graph)


@exchange
def node_linked_to_itself(one: Asker) -> Any:
    graph = one.graph()
    graph["12"]["inputs"]["model"] = ["12", 0]
    return one.prompt(graph)


@exchange
def two_errors_two_outputs(one: Asker) -> Any:
    graph = one.graph(steps=0)
    graph["3"]["inputs"]["seed"] = -1
    graph["10"] = node("PreviewImage", images=["8", 0])
    status, kind, body = one.prompt(graph)
    entry = body["node_errors"]["3"]
    entry["errors"].sort(key=lambda error: str(error["details"]))
    entry["dependent_outputs"].sort()  # a set there
    return status, kind, body


@exchange
def good_output_beside_a_bad_one(one: Asker) -> Any:
    graph = one.graph()
    graph["20"] = node("LoadImage", image=f"{one.tag}-nope.png")
    graph["21"] = node("PreviewImage", images=["20", 0])
    answer = one.prompt(graph)
    return answer, sorted(one.ended(answer[2]["prompt_id"])["outputs"])


@exchange
def inputs_left_out(one: Asker) -> Any:
    graph = one.graph()
    del graph["14"]["inputs"]
    return one.prompt(graph)


_several("body", lambda one, data: one.answer(
    "POST", "/prompt", data=data, headers={"Content-Type": "application/json"}
), {
    "empty": b"", "cut off": b"{", "no UTF-8": b"\xff\xfe", "list": b"[]", "object": b"{}",
    "only a client": b'{"client_id": "x"}', "null": b"null", "number": b"5",
    "prompt list": b'{"prompt": [1]}', "prompt text": b'{"prompt": "x"}',
    "prompt null": b'{"prompt": null}', "node a number": b'{"prompt": {"1": 2}}',
    "class a list": b'{"prompt": {"1": {"class_type": [], "inputs": {}}}}',
    "inputs a number": b'{"prompt": {"1": {"class_type": "SaveImage", "inputs": 5}}}',
})  # fmt: skip
_several("prompt_id", lambda one, given: one.prompt(one.graph(), prompt_id=given), {
    "text": "x", "upper case": UNKNOWN.upper(), "without hyphens": UNKNOWN.replace("-", ""),
    "number": 7, "empty": "", "null": None,
})  # fmt: skip
_several("client_id", lambda one, given: one.prompt(one.graph(), client_id=given), {
    "number": 5, "empty": "", "null": None,
})  # fmt: skip
_several("extra_data", lambda one, given: one.prompt(one.graph(), extra_data=given), {
    "empty": {}, "nested": {"extra_pnginfo": {"workflow": {"nodes": []}}},
})  # fmt: skip  # null ends the thread that draws in ComfyUI 0.3.64


# Prompts that are drawn: history, cache, queue.


def _long(one: Asker) -> Graph:
    """Return a graph that is stopped before its end."""
    graph = one.graph(steps=200)
    graph["5"]["inputs"]["batch_size"] = 8
    return graph


@exchange
def drawn(one: Asker) -> Any:
    one.run(one.graph())  # the loaders are known then
    graph = one.graph()
    own = str(uuid.uuid4())
    answer = one.prompt(graph, prompt_id=own, client_id="me", extra_data={
        "api_key_comfy_org": "secret", "auth_token_comfy_org": "secret", "mine": [1],
        "extra_pnginfo": {"workflow": {"nodes": []}},
    })  # fmt: skip
    return answer, own == answer[2]["prompt_id"], one.ended(own)


@exchange
def drawn_again(one: Asker) -> Any:
    graph = one.graph()
    first, second = one.run(graph), one.run(graph)
    changed = copy.deepcopy(graph)
    changed["3"]["inputs"]["seed"] += 10**6
    third = one.run(changed)
    return (
        first["outputs"] == second["outputs"], second["outputs"] == third["outputs"],
        _sorted_cache(second), _sorted_cache(third),
    )  # fmt: skip


@exchange
def same_prompt_with_another_prefix(one: Asker) -> Any:
    graph = one.graph()
    one.run(graph)
    graph["9"]["inputs"]["filename_prefix"] = f"{one.tag}/inside/b"
    entry = one.run(graph)
    return _sorted_cache(entry), entry["outputs"]


@exchange
def several_outputs(one: Asker) -> Any:
    graph = one.graph()
    graph["10"] = node("PreviewImage", images=["8", 0])
    graph["2"] = node("SaveImage", images=["8", 0], filename_prefix=f"{one.tag}-b")
    outputs = one.run(graph)["outputs"]
    return {name: [(i["subfolder"], i["type"]) for i in shown["images"]]
            for name, shown in sorted(outputs.items())}  # fmt: skip


@exchange
def batch(one: Asker) -> Any:
    graph = one.graph()
    graph["5"]["inputs"]["batch_size"] = 2
    return one.run(graph)["outputs"]


@exchange
def partial_execution_targets(one: Asker) -> Any:
    graph = one.graph()
    graph["10"] = node("PreviewImage", images=["8", 0])
    entry = one.run(graph, partial_execution_targets=["10"])
    none = one.prompt(graph, partial_execution_targets=["77"])
    return sorted(entry["outputs"]), entry["prompt"][4], none


@exchange
def failing_while_it_runs(one: Asker) -> Any:
    one.upload(f"{one.tag}-bad.png", b"\x89PNG no picture")
    graph = {
        "20": node("LoadImage", image=f"{one.tag}-bad.png"),
        "21": node("PreviewImage", images=["20", 0]),
    }
    answer = one.ask("POST", "/prompt", json={"prompt": graph})
    if answer.status_code != 200:
        return told(answer)
    return one.ended(answer.json()["prompt_id"])


@exchange
def queue_at_rest(one: Asker) -> Any:
    return one.answer("GET", "/queue"), one.answer("GET", "/prompt")


@exchange
def queue_with_prompts(one: Asker) -> Any:
    running = one.running(_long(one))
    waiting = [one.post(one.graph(), extra_data={"api_key_comfy_org": "x"}) for _ in range(3)]
    counted = one.answer("GET", "/prompt")
    queue = one.queue()
    shapes = [[type(part).__name__ for part in item] for item in queue["queue_pending"]]
    ids = [[item[1] for item in queue[part]] for part in ("queue_running", "queue_pending")]
    order = [ids[0] == [running], ids[1] == waiting]
    deleted = one.answer("POST", "/queue", json={"delete": [waiting[0], running, UNKNOWN]})
    left = [item[1] for item in one.queue()["queue_pending"]] == waiting[1:]
    other = one.answer("POST", "/interrupt", json={"prompt_id": waiting[1]})
    goes_on = [item[1] for item in one.queue()["queue_running"]] == [running]
    cleared = one.answer("POST", "/queue", json={"clear": True})
    empty = one.queue()["queue_pending"]
    one.stop(running)
    histories = [one.answer("GET", f"/history/{each}") for each in waiting]
    return counted, shapes, order, deleted, left, other, goes_on, cleared, empty, histories


@exchange
def interrupted(one: Asker) -> Any:
    running = one.running(_long(one))
    answer = one.answer("POST", "/interrupt", json={"prompt_id": running})
    one.stop(running)
    return answer, one.ended(running)


@exchange
def front_and_number(one: Asker) -> Any:
    running = one.running(_long(one))
    last = one.post(one.graph())
    first = one.post(one.graph(), front=True)
    numbered = one.answer("POST", "/prompt", json={"prompt": one.graph(), "number": -1e9})
    half = one.answer("POST", "/prompt", json={"prompt": one.graph(), "number": "0.5"})
    order = [item[1] for item in sorted(one.queue()["queue_pending"], key=lambda item: item[0])]
    names = {last: "last", first: "first", numbered[2]["prompt_id"]: "numbered",
             half[2].get("prompt_id"): "half"}  # fmt: skip
    one.ask("POST", "/queue", json={"clear": True})
    one.stop(running)
    return [names[each] for each in order], numbered[2]["number"], half[2].get("number")


_several("number", lambda one, given: one.answer(
    "POST", "/prompt", json={"prompt": one.graph(), "number": given}
), {"word": "x", "null": None})  # fmt: skip


@exchange
def history_of_unknown_ids(one: Asker) -> Any:
    return [one.answer("GET", f"/history/{each}") for each in (UNKNOWN, "x")]


@exchange
def pages_of_history(one: Asker) -> Any:
    one.rest()
    one.ask("POST", "/history", json={"clear": True})
    ids = [one.post(one.graph()) for _ in range(3)]
    one.ended(ids[-1])
    found = {}
    for query in ("", "?max_items=1", "?max_items=2", "?max_items=1&offset=0", "?offset=1",
                  "?max_items=5&offset=2", "?max_items=0", "?max_items=-1", "?offset=-1",
                  "?offset=9"):  # fmt: skip
        found[query] = [ids.index(each) for each in one.ask("GET", f"/history{query}").json()]
    deleted = one.answer("POST", "/history", json={"delete": [ids[0], UNKNOWN]})
    left = [ids.index(each) for each in one.ask("GET", "/history").json()]
    cleared = one.answer("POST", "/history", json={"clear": True})
    return found, deleted, left, cleared, one.answer("GET", "/history")


_several("history", lambda one, query: one.answer("GET", f"/history?{query}"), {
    "max_items a word": "max_items=x", "offset a word": "offset=x",
})  # fmt: skip
_several("posted to", lambda one, each: one.answer("POST", each[0], **each[1]), {
    f"{route}: {about}": (route, more)
    for route in ("/queue", "/history", "/free", "/interrupt")
    for about, more in {
        "nothing": {}, "malformed": {"data": b"{"}, "list": {"json": []}, "object": {"json": {}},
        "unknown ids": {"json": {"delete": [UNKNOWN], "prompt_id": UNKNOWN}},
    }.items()
})  # fmt: skip


# Pictures.


@exchange
def views(one: Asker) -> Any:
    one.upload(f"{one.tag}.png", png((200, 30, 30, 100)), subfolder=one.tag)
    (image,) = one.run(one.graph())["outputs"]["9"]["images"]
    name = f"{one.tag}.png"
    found: dict[str, Any] = {}
    for about, query in {
        "drawn": image, "drawn, no type": {"filename": image["filename"]},
        "sent": {"filename": name, "type": "input", "subfolder": one.tag},
        "sent, annotated": {"filename": f"{name} [input]", "subfolder": one.tag},
        "sent, small": {"filename": name, "type": "input", "subfolder": one.tag,
                        "preview": "webp;50"},
        "sent, jpeg": {"filename": name, "type": "input", "subfolder": one.tag, "preview": "jpeg"},
        "sent, other": {"filename": name, "type": "input", "subfolder": one.tag,
                        "preview": "gif;x"},
        "sent, rgb": {"filename": name, "type": "input", "subfolder": one.tag, "channel": "rgb"},
        "sent, a": {"filename": name, "type": "input", "subfolder": one.tag, "channel": "a"},
        "sent, channel x": {"filename": name, "type": "input", "subfolder": one.tag,
                            "channel": "x"},
        "with a folder in the name": {"filename": f"{one.tag}/{name}", "type": "input"},
        "no name": {}, "empty name": {"filename": ""}, "missing": {"filename": "nope.png"},
        "missing folder": {"filename": "a.png", "subfolder": "nope"},
        "upwards": {"filename": "../a.png"}, "upwards inside": {"filename": "a/../b.png"},
        "folder upwards": {"filename": "a.png", "subfolder": "../.."},
        "folder absolute": {"filename": "a.png", "subfolder": "/etc"},
        "absolute": {"filename": "/etc/passwd"}, "unknown type": {"filename": "a", "type": "nope"},
        "empty type": {"filename": "a", "type": ""}, "two dots": {"filename": "a..b.png"},
    }.items():  # fmt: skip
        answer = one.ask("GET", "/view", params=query)
        named = answer.headers.get("Content-Disposition", "")
        found[about] = [*told(answer), named.replace(one.tag, "tag")]
    return found


@exchange
def uploads(one: Asker) -> Any:
    name, red, blue = f"{one.tag}-u.png", png(), png((0, 0, 200))
    found = {
        "first": one.upload(name, red), "same again": one.upload(name, red),
        "other bytes": one.upload(name, blue), "other bytes again": one.upload(name, blue),
        "overwritten": one.upload(name, blue, overwrite="true"),
        "overwritten by 1": one.upload(name, red, overwrite="1"),
        "overwrite false": one.upload(name, png((1, 2, 3)), overwrite="false"),
        "subfolder": one.upload(name, red, subfolder="a/b"),
        "subfolder with dots": one.upload(name, red, subfolder="a/./b/"),
        "subfolder upwards": one.upload(name, red, subfolder="../x"),
        "subfolder upwards inside": one.upload(name, red, subfolder="a/../b"),
        "subfolder absolute": one.upload(name, red, subfolder="/etc/x"),
        "name upwards": one.upload("../" + name, red), "temp": one.upload(name, red, type="temp"),
        "output": one.upload(name, red, type="output"), "no type": one.upload(name, red, type=""),
        "unknown type": one.upload(name, red, type="nope"),
        "no picture": one.upload(f"{one.tag}.txt", b"text"), "empty": one.upload("e.png", b""),
        "no file": one.answer("POST", "/upload/image", data={"a": "b"}),
        "no form": one.answer("POST", "/upload/image", json={}),
        "field of text": one.answer("POST", "/upload/image", files={"image": (None, "text")}),
        "another field": one.answer("POST", "/upload/image", files={"file": ("a.png", red)}),
        "no name": one.answer("POST", "/upload/image", files={"image": ("", red)}),
    }  # fmt: skip
    return {about: _untagged(answer, one.tag) for about, answer in found.items()}


@exchange
def masks(one: Asker) -> Any:
    name, mask = f"{one.tag}-m.png", png((0, 0, 0, 77))
    one.upload(name, png())
    refer = json.dumps({"filename": name, "type": "input"})
    found = {
        "good": one.upload("mask-" + name, mask, "mask", original_ref=refer),
        "upwards": one.upload("x" + name, mask, "mask", original_ref='{"filename": "../a"}'),
        "no reference": one.upload("y" + name, mask, "mask"),
        "bad reference": one.upload("z" + name, mask, "mask", original_ref="{"),
        "missing": one.upload("w" + name, mask, "mask", original_ref='{"filename": "nope.png"}'),
        "other size": one.upload(
            "v" + name, png((0, 0, 0, 7), 16), "mask", original_ref=refer
        ),
    }  # fmt: skip
    made = one.ask("GET", "/view", params={"filename": "mask-" + name, "type": "input"})
    with Image.open(io.BytesIO(made.content)) as image:
        found["made"] = [image.mode, list(image.convert("RGBA").getpixel((3, 3)))]
    return {about: _untagged(answer, one.tag) for about, answer in found.items()}


# What a server tells of itself.

# Nodes of the Z-Image workflows whose description must be the same.
NODES = (
    "KSampler", "KSamplerAdvanced", "UNETLoader", "CLIPLoader", "VAELoader", "CLIPTextEncode",
    "ConditioningZeroOut", "EmptySD3LatentImage", "EmptyLatentImage", "VAEDecode", "VAEEncode",
    "VAEEncodeForInpaint", "SaveImage", "PreviewImage", "LoadImage", "LoadImageMask",
    "LoraLoader", "LoraLoaderModelOnly", "ModelSamplingAuraFlow", "LatentUpscale",
    "LatentUpscaleBy", "SetLatentNoiseMask", "ImageScale", "ImageScaleBy", "RandomNoise",
    "BasicGuider", "CFGGuider", "BasicScheduler", "KSamplerSelect", "SamplerCustomAdvanced",
    "ImagePadForOutpaint", "CheckpointLoaderSimple", "EmptyImage", "InpaintModelConditioning",
    "GrowMask", "InvertMask", "ImageToMask", "MaskToImage", "SaveImageWebsocket",
    "RepeatLatentBatch",
)  # fmt: skip
_several("object_info", lambda one, name: _described(one, name), {name: name for name in NODES})


@exchange
def object_info_of_an_unknown_node(one: Asker) -> Any:
    return one.answer("GET", "/object_info/Nope")


@exchange
def models_of_folders(one: Asker) -> Any:
    known = one.ask("GET", "/models").json()
    wanted = ("checkpoints", "loras", "vae", "text_encoders", "diffusion_models", "embeddings")
    kinds = {name: one.answer("GET", f"/models/{name}") for name in wanted}
    return (
        [name in known for name in wanted], one.answer("GET", "/models/nope"),
        {name: (answer[0], type(answer[2]).__name__) for name, answer in kinds.items()},
        one.answer("GET", "/embeddings"),
    )  # fmt: skip


@exchange
def system_stats(one: Asker) -> Any:
    status, kind, body = one.answer("GET", "/system_stats")
    shape = {name: type(value).__name__ for name, value in body["system"].items()}
    device = {name: type(value).__name__ for name, value in body["devices"][0].items()}
    return status, kind, shape, device


@exchange
def features(one: Asker) -> Any:
    status, kind, body = one.answer("GET", "/features")
    return status, kind, {name: type(value).__name__ for name, value in body.items()}


_several("other", lambda one, each: _status(one, *each), {
    "users": ("GET", "/users"), "extensions": ("GET", "/extensions"),
    "settings": ("GET", "/settings"), "under /api": ("GET", "/api/queue"),
    "unknown route": ("GET", "/nope"), "unknown route under /api": ("GET", "/api/nope"),
    "GET /interrupt": ("GET", "/interrupt"), "PUT /prompt": ("PUT", "/prompt"),
    "DELETE /queue": ("DELETE", "/queue"), "POST /view": ("POST", "/view"),
    "HEAD /queue": ("HEAD", "/queue"), "GET /upload/image": ("GET", "/upload/image"),
    "slash at the end": ("GET", "/queue/"), "userdata": ("GET", "/userdata?dir=workflows"),
    "view_metadata": ("GET", "/view_metadata/loras?filename=x.safetensors"),
})  # fmt: skip


@exchange
def other_origins(one: Asker) -> Any:
    return [
        one.ask("GET", "/queue", headers=headers).status_code
        for headers in (
            {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
            {"Origin": one.url}, {"Sec-Fetch-Site": "same-origin"},
        )
    ]  # fmt: skip


# Messages.


@exchange
def messages(one: Asker) -> Any:
    one.run(one.graph())
    return _heard(one, one.graph(), {})


@exchange
def messages_with_previews(one: Asker) -> Any:
    one.run(one.graph())
    return _heard(one, one.graph(), {"supports_preview_metadata": True})


@exchange
def messages_of_a_known_prompt(one: Asker) -> Any:
    graph = one.graph()
    one.run(graph)
    return _heard(one, graph, {})


@exchange
def messages_of_a_failure(one: Asker) -> Any:
    one.upload(f"{one.tag}-bad2.png", b"\x89PNG no picture")
    graph = {
        "20": node("LoadImage", image=f"{one.tag}-bad2.png"),
        "21": node("PreviewImage", images=["20", 0]),
    }
    if one.prompt(graph)[0] != 200:
        return "refused"
    return _heard(one, graph, {})


@exchange
def messages_of_an_interruption(one: Asker) -> Any:
    socket = one.socket("me")
    running = one.running(_long(one), client_id="me")
    one.stop(running)
    found = [each for each in _until_end(socket, running) if isinstance(each, dict)]
    socket.close()
    return [_kind(each) for each in found[-4:]], found[-4:]


@exchange
def messages_of_others(one: Asker) -> Any:
    other = one.socket("other")
    one.run(one.graph(), client_id="me")
    other.settimeout(0.5)
    found: list[str] = []
    try:
        while True:
            found.append(_kind(_read(other)))
    except websocket.WebSocketTimeoutException:
        other.close()
    return found


@exchange
def socket_without_an_id(one: Asker) -> Any:
    socket = one.socket()
    first = _read(socket)
    socket.close()
    assert isinstance(first, dict)
    return first["type"], sorted(first["data"]), len(first["data"]["sid"])


@exchange
def reconnection(one: Asker) -> Any:
    socket = one.socket("again")
    running = one.running(_long(one), client_id="again")
    while _kind(_read(socket)) != "progress":
        pass
    socket.close()
    time.sleep(0.2)
    socket = one.socket("again")
    first = [_read(socket), _read(socket)]
    one.stop(running)
    rest = _kinds(_until_end(socket, running))
    socket.close()
    return first, rest[-3:]


def _heard(one: Asker, graph: Graph, flags: dict[str, bool]) -> Any:
    one.rest()
    client = f"c-{uuid.uuid4().hex}"
    socket = one.socket(client, **flags)
    prompt_id = one.post(graph, client_id=client)
    found = _until_end(socket, prompt_id)
    socket.close()
    shapes: dict[str, Any] = {}
    for message in found:
        if isinstance(message, dict):
            shapes.setdefault(_kind(message), sorted(message["data"]))
        elif flags:
            length = int.from_bytes(message[4:8])
            about = json.loads(message[8 : 8 + length])
            shapes.setdefault("binary", [message[3], sorted(about), about["image_type"]])
    return _kinds(found), shapes


def _until_end(socket: websocket.WebSocket, prompt_id: str) -> list[Any]:
    found = []
    while True:
        message = _read(socket)
        found.append(message)
        if _kind(message) == "end" and message["data"]["prompt_id"] == prompt_id:
            return found


def _read(socket: websocket.WebSocket) -> Any:
    got = socket.recv()
    return got if isinstance(got, bytes) else json.loads(got)


def _kind(message: Any) -> str:
    if isinstance(message, bytes):
        return "binary"
    ends = message["type"] == "executing" and message["data"]["node"] is None
    return "end" if ends else str(message["type"])


def _kinds(found: list[Any]) -> list[str]:
    """Kinds in a row, each run of equal ones once."""
    kinds = [_kind(each) for each in found]
    return [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]


def _status(one: Asker, method: str, path: str) -> Any:
    return one.ask(method, path).status_code


# Keys of descriptions that some of ComfyUI's releases do not have.
_OF_RELEASES = (
    "python_module", "is_input_list", "has_intermediate_output", "search_aliases", "deprecated",
    "experimental", "api_node",
)  # fmt: skip


def _described(one: Asker, name: str) -> Any:
    status, kind, body = one.answer("GET", f"/object_info/{name}")
    about = body.get(name, {})
    for part in about.get("input", {}).values():
        for declared in part.values():
            if isinstance(declared, list) and isinstance(declared[0], list):
                declared[0] = "<choices>"
            if isinstance(declared, list) and len(declared) == 1:
                declared.append({})
            if isinstance(declared, list) and declared[1].get("step") == 1:
                del declared[1]["step"]
    return status, kind, {key: about[key] for key in about if key not in _OF_RELEASES}


def _sorted_cache(entry: dict[str, Any]) -> list[str]:
    return sorted(dict(entry["status"]["messages"])["execution_cached"]["nodes"])


def _untagged(value: Any, tag: str) -> Any:
    return json.loads(json.dumps(value).replace(tag, "tag"))
