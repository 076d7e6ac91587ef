"""Answers to requests whose answers by ComfyUI 0.33.0 are known."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest

from .comfy_client import Client, images
from .graphs import Graph, node, turbo

ID = "0b0e2b5c-8f0c-4d6b-9d0a-3f5a6c7d8e9f"


def changed(path: str, value: Any) -> Graph:
    """Return the graph with one input set to a value, or left out where that is ``...``."""
    graph = turbo()
    where, name = path.split(".")
    if value is ...:
        del graph[where]["inputs"][name]
    else:
        graph[where]["inputs"][name] = value
    return graph


def refusal(client: Client, graph: Any, **more: Any) -> dict[str, Any]:
    answer = client.prompt(graph, **more)
    assert answer.status_code == 400, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"error", "node_errors"}
    assert set(body["error"]) == {"type", "message", "details", "extra_info"}
    return body


def test_unknown_class(client: Client) -> None:
    graph = turbo()
    graph["3"]["class_type"] = "Nope"
    error = refusal(client, graph)["error"]
    assert error == {
        "type": "missing_node_type",
        "message": "Node 'Nope' not found. The custom node may not be installed.",
        "details": "Node ID '#3'",
        "extra_info": {"node_id": "3", "class_type": "Nope", "node_title": "Nope"},
    }
    graph["3"]["_meta"] = {"title": "My sampler"}
    error = refusal(client, graph)["error"]
    assert error["message"].startswith("Node 'My sampler' not found.")


def test_no_class(client: Client) -> None:
    graph = turbo()
    del graph["3"]["class_type"]
    body = refusal(client, graph)
    assert body["error"]["type"] == "missing_node_type"
    assert body["error"]["message"].startswith("Node 'ID #3' has no class_type.")
    assert body["error"]["extra_info"]["class_type"] is None
    assert body["node_errors"] == {}


def test_no_outputs(client: Client) -> None:
    graph = turbo()
    del graph["9"]
    wanted = {
        "type": "prompt_no_outputs",
        "message": "Prompt has no outputs",
        "details": "",
        "extra_info": {},
    }
    assert refusal(client, graph) == {"error": wanted, "node_errors": {}}
    assert refusal(client, {}) == {"error": wanted, "node_errors": {}}


@pytest.mark.parametrize("body", [{}, {"client_id": "x"}, []])
def test_no_prompt(client: Client, body: Any) -> None:
    answer = client.post("/prompt", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["message"]) == ("no_prompt", "No prompt provided")


@pytest.mark.parametrize("given", ["x", ID.upper(), ID.replace("-", ""), 7, "", f"{{{ID}}}"])
def test_bad_prompt_id(client: Client, given: Any) -> None:
    error = refusal(client, turbo(), prompt_id=given)["error"]
    assert (error["type"], error["message"]) == (
        "invalid_prompt_id", "prompt_id must be a valid UUID"
    )  # fmt: skip
    assert error["details"].startswith("prompt_id must be a UUID string in canonical lowercase")


# Input, its value, and the error that follows: type, message, details, received value.
VALUES = [
    ("3.steps", 0, "value_smaller_than_min", "Value 0 smaller than min of 1", "steps"),
    ("3.steps", 10_001, "value_bigger_than_max", "Value 10001 bigger than max of 10000", "steps"),
    ("3.cfg", 101, "value_bigger_than_max", "Value 101.0 bigger than max of 100.0", "cfg"),
    ("3.seed", -1, "value_smaller_than_min", "Value -1 smaller than min of 0", "seed"),
    ("3.denoise", 1.5, "value_bigger_than_max", "Value 1.5 bigger than max of 1.0", "denoise"),
    ("5.width", 8, "value_smaller_than_min", "Value 8 smaller than min of 16", "width"),
]


@pytest.mark.parametrize(("path", "value", "kind", "message", "details"), VALUES)
def test_out_of_range(
    client: Client, path: str, value: Any, kind: str, message: str, details: str
) -> None:
    body = refusal(client, changed(path, value))
    assert body["error"] == {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": "",
        "extra_info": {},
    }
    where = path[0]
    entry = body["node_errors"][where]
    assert list(body["node_errors"]) == [where]
    assert entry["dependent_outputs"] == ["9"]
    assert entry["class_type"] == turbo()[where]["class_type"]
    (error,) = entry["errors"]
    assert (error["type"], error["message"], error["details"]) == (kind, message, details)
    assert error["extra_info"]["input_name"] == details
    assert error["extra_info"]["received_value"] == value
    declared = error["extra_info"]["input_config"]
    assert declared[0] in ("INT", "FLOAT")
    assert {"default", "min", "max"} <= set(declared[1])


@pytest.mark.parametrize("path", ["3.seed", "3.model", "6.text", "9.images", "11.unet_name"])
def test_missing_input(client: Client, path: str) -> None:
    body = refusal(client, changed(path, ...))
    where, name = path.split(".")
    (error,) = body["node_errors"][where]["errors"]
    assert error == {
        "type": "required_input_missing",
        "message": "Required input is missing",
        "details": name,
        "extra_info": {"input_name": name},
    }


def test_value_not_in_short_list(client: Client) -> None:
    body = refusal(client, changed("13.clip_name", "x"))
    (error,) = body["node_errors"]["13"]["errors"]
    assert error["type"] == "value_not_in_list"
    assert error["details"] == "clip_name: 'x' not in ['qwen_3_4b.safetensors']"
    assert error["extra_info"]["input_config"][0] == ["qwen_3_4b.safetensors"]


def test_value_not_in_long_list(client: Client) -> None:
    body = refusal(client, changed("3.sampler_name", "x"))
    (error,) = body["node_errors"]["3"]["errors"]
    assert error["details"] == "sampler_name: 'x' not in (list of length 44)"
    assert error["extra_info"]["input_config"] is None
    assert error["extra_info"]["received_value"] == "x"


@pytest.mark.parametrize("value", ["eight", None, {"a": 1}, "9" * 5000])
def test_value_of_another_type(client: Client, value: Any) -> None:
    body = refusal(client, changed("3.steps", value))
    (error,) = body["node_errors"]["3"]["errors"]
    assert error["type"] == "invalid_input_type"
    assert error["message"] == "Failed to convert an input value to a INT value"


def test_link_of_another_type(client: Client) -> None:
    body = refusal(client, changed("3.model", ["13", 0]))
    (error,) = body["node_errors"]["3"]["errors"]
    assert error["type"] == "return_type_mismatch"
    assert error["message"] == "Return type mismatch between linked nodes"
    assert error["details"] == "model, received_type(CLIP) mismatch input_type(MODEL)"
    assert error["extra_info"]["linked_node"] == ["13", 0]


@pytest.mark.parametrize("value", [["11"], ["11", 0, 1], []])
def test_list_that_is_no_link(client: Client, value: Any) -> None:
    body = refusal(client, changed("3.model", value))
    (error,) = body["node_errors"]["3"]["errors"]
    assert error["type"] == "bad_linked_input"
    assert "must be a length-2 list of [node_id, slot_index]" in error["message"]


@pytest.mark.parametrize(
    ("value", "kind", "details"),
    [
        (["99", 0], "KeyError", "'99'"),
        ([11, 0], "KeyError", "11"),
        (["11", 5], "IndexError", "tuple index out of range"),
    ],
)
def test_link_to_nowhere(client: Client, value: Any, kind: str, details: str) -> None:
    """It is told at the node that holds the link, with the input of the node after it."""
    body = refusal(client, changed("3.model", value))
    (error,) = body["node_errors"]["3"]["errors"]
    assert error["type"] == "exception_during_inner_validation"
    assert error["message"] == "Exception when validating inner node"
    assert error["details"] == details
    told = error["extra_info"]
    assert (told["input_name"], told["exception_type"]) == ("samples", kind)
    assert told["input_config"] == ["LATENT", {}]  # type and options, also where there are none
    assert told["linked_node"] == ["3", 0]
    assert told["traceback"] == []


def test_link_of_an_output_to_nowhere(client: Client) -> None:
    body = refusal(client, changed("9.images", ["99", 0]))
    (error,) = body["node_errors"]["9"]["errors"]
    assert error["type"] == "exception_during_validation"
    assert error["details"] == "'99'"


def test_circle(client: Client) -> None:
    graph = turbo()
    graph["12"]["inputs"]["model"] = ["50", 0]
    graph["50"] = node("ModelSamplingAuraFlow", model=["12", 0], shift=3)
    body = refusal(client, graph)
    kinds = {n: [e["type"] for e in entry["errors"]] for n, entry in body["node_errors"].items()}
    assert kinds == {"12": ["dependency_cycle"], "50": ["dependency_cycle"]}


def test_file_that_is_not_there(client: Client) -> None:
    graph = turbo()
    graph["20"] = node("LoadImage", image="nope.png")
    graph["21"] = node("PreviewImage", images=["20", 0])
    answer = client.prompt(graph)
    assert answer.status_code == 200  # the other output is good
    (error,) = answer.json()["node_errors"]["20"]["errors"]
    assert error["type"] == "custom_validation_failed"
    assert error["details"] == "image - Invalid image file: nope.png"
    assert list(client.ended(answer.json()["prompt_id"])["outputs"]) == ["9"]


def test_two_errors_and_two_outputs(client: Client) -> None:
    graph = changed("3.steps", 0)
    graph["3"]["inputs"]["seed"] = -1
    graph["10"] = node("PreviewImage", images=["8", 0])
    body = refusal(client, graph)
    assert sorted(e["details"] for e in body["node_errors"]["3"]["errors"]) == ["seed", "steps"]
    assert sorted(body["node_errors"]["3"]["dependent_outputs"]) == ["10", "9"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"prompt": [1]}', b'{"prompt": "x"}', b'{"prompt": 1}',
             b'{"prompt": {"1": 2}}', b'{"prompt": {"1": {"class_type": [], "inputs": {}}}}',
             b'{"prompt": {"1": {"class_type": "KSampler", "inputs": 5}}}', b'"x"', b"5", b"null",
             b'{"prompt": {"9": {"class_type": "SaveImage", "inputs": {"images": {}}}}}']
)  # fmt: skip
def test_malformed_bodies_are_400_in_comfyuis_form(client: Client, body: bytes) -> None:
    answer = client.post("/prompt", data=body)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()["error"]) == {"type", "message", "details", "extra_info"}


def test_good_prompts(client: Client) -> None:
    """Texts of numbers count, unknown inputs pass, one's own id is kept, numbers are counted."""
    own = str(uuid.uuid4())
    graph = changed("3.steps", "2")
    graph["3"]["inputs"]["unknown"] = 7
    first = client.prompt(graph, prompt_id=own, extra_data={"api_key_comfy_org": "secret"}).json()
    assert first["prompt_id"] == own
    assert first["node_errors"] == {}
    entry = client.ended(own)
    number, prompt_id, stored, extra, outputs = entry["prompt"]
    assert (number, prompt_id, outputs) == (first["number"], own, ["9"])
    assert stored["3"]["inputs"]["steps"] == 2
    assert isinstance(stored["12"]["inputs"]["shift"], float)
    assert set(extra) == {"create_time"}
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    names = [name for name, _ in entry["status"]["messages"]]
    assert names == ["execution_start", "execution_cached", "execution_success"]
    assert entry["meta"]["9"]["real_node_id"] == "9"

    refusal(client, {})  # takes a number, too
    second = client.prompt(graph).json()
    assert second["number"] == first["number"] + 2
    repeated = client.ended(second["prompt_id"])
    (_, cached) = repeated["status"]["messages"][1]
    assert set(cached["nodes"]) == set(graph)
    assert images(repeated) == images(entry)  # no new file

    again = client.prompt(graph, prompt_id=own)  # sent once more: the same prompt
    assert again.json()["prompt_id"] == own
    other = copy.deepcopy(graph)
    other["3"]["inputs"]["seed"] = 6
    assert refusal(client, other, prompt_id=own)["error"]["type"] == "invalid_prompt_id"


def test_queue_history_and_interruption(client: Client) -> None:
    assert client.get("/queue").json() == {"queue_running": [], "queue_pending": []}
    assert client.get("/history").json() == {}
    assert client.get(f"/history/{ID}").json() == {}
    running = client.prompt(turbo(steps=200)).json()["prompt_id"]
    waiting = client.prompt(turbo(seed=6)).json()["prompt_id"]
    deleted = client.prompt(turbo(seed=7)).json()["prompt_id"]
    queue = client.get("/api/queue").json()
    assert [item[1] for item in queue["queue_running"]] == [running]
    assert [item[1] for item in queue["queue_pending"]] == [waiting, deleted]
    assert len(queue["queue_running"][0]) == 5
    answer = client.post("/queue", json={"delete": [deleted, running]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.post("/interrupt", json={"prompt_id": waiting}).status_code == 200
    answer = client.post("/interrupt")
    assert (answer.status_code, answer.content) == (200, b"")
    entry = client.ended(running)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    assert client.ended(waiting)["status"]["status_str"] == "success"
    assert client.get(f"/history/{deleted}").json() == {}

    assert list(client.get("/history?max_items=1").json()) == [waiting]
    assert list(client.get("/history?max_items=1&offset=0").json()) == [running]
    assert client.get("/history?max_items=x").status_code == 400
    client.post("/history", json={"delete": [running]})
    assert list(client.get("/history").json()) == [waiting]
    client.post("/history", json={"clear": True})
    assert client.get("/history").json() == {}


def test_clearing_the_queue(client: Client) -> None:
    running = client.prompt(turbo(steps=200)).json()["prompt_id"]
    for seed in range(3):
        client.prompt(turbo(seed=seed))
    assert client.get("/prompt").json() == {"exec_info": {"queue_remaining": 4}}
    client.post("/queue", json={"clear": True})
    queue = client.get("/queue").json()
    assert queue["queue_pending"] == []
    client.post("/interrupt", json={"prompt_id": running})
    client.ended(running)


def test_information(client: Client) -> None:
    assert client.get("/object_info/Nope").json() == {}
    assert client.get("/models/nope").status_code == 404
    assert client.get("/jobs").status_code == 404  # only below /api
    one = client.get("/object_info/KSampler").json()
    assert one["KSampler"]["input"]["required"]["steps"][0] == "INT"
    everything = client.get("/api/object_info").json()
    assert everything["KSampler"] == one["KSampler"]
    assert all(entry["name"] == name for name, entry in everything.items())
    assert "nano-turbo.safetensors" in client.get("/models/diffusion_models").json()
    assert client.get("/embeddings").json() == []
    stats = client.get("/system_stats").json()
    assert {"os", "comfyui_version", "python_version", "ram_total"} <= set(stats["system"])
    assert {"name", "type", "vram_total", "vram_free"} <= set(stats["devices"][0])
    assert client.get("/features").json()["supports_preview_metadata"] is True
    assert client.post("/free", json={"unload_models": True, "free_memory": True}).ok
