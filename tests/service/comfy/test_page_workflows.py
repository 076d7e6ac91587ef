"""Workflows in the form that ComfyUI's page saves, turned into graphs and run."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from zimg_kernel.service.comfy.graph.problems import Refusal
from zimg_kernel.service.comfy.graph.registry import NodeRegistry
from zimg_kernel.service.comfy.graph.workflow import graph_of_workflow, is_workflow
from zimg_kernel.service.comfy.nodes.standard import standard_registry

from .comfy_client import Client, images
from .graphs import turbo
from .page_workflows import SUBGRAPH, new_template, old_template, with_detours


@pytest.fixture(scope="module")
def registry() -> NodeRegistry:
    return standard_registry()


def plain(graph: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a graph without titles, its inner nodes' ids without the subgraph's."""

    def short(name: str) -> str:
        return name.removeprefix(prefix)

    found = {}
    for name, node in graph.items():
        inputs = {
            key: [short(value[0]), value[1]] if isinstance(value, list) else value
            for key, value in node["inputs"].items()
        }
        found[short(name)] = {"class_type": node["class_type"], "inputs": inputs}
    return found


def test_the_old_template_is_the_graph(registry: NodeRegistry) -> None:
    assert plain(graph_of_workflow(old_template(), registry)) == turbo()
    assert is_workflow(old_template())
    assert not is_workflow(turbo())


def test_reroutes_primitives_and_modes(registry: NodeRegistry) -> None:
    assert plain(graph_of_workflow(with_detours(), registry)) == turbo()


@pytest.mark.parametrize("linked", [False, True])
def test_subgraphs_are_unfolded(registry: NodeRegistry, linked: bool) -> None:
    graph = graph_of_workflow(new_template(prompt="a blue square", linked=linked), registry)
    assert graph["57:3"]["class_type"] == "KSampler"
    assert graph["9"]["inputs"]["images"] == ["57:8", 0]
    wanted = turbo("a blue square")
    if linked:
        assert graph["57:6"]["inputs"]["text"] == ["60", 0]
        wanted["6"]["inputs"]["text"] = ["60", 0]
        del graph["60"]
    assert plain(graph, "57:") == wanted


def test_a_subgraph_in_a_subgraph(registry: NodeRegistry) -> None:
    workflow = new_template()
    (inner,) = workflow["definitions"]["subgraphs"]
    outer = copy.deepcopy(workflow)
    wrapper = {
        "id": "wrapper", "nodes": [copy.deepcopy(outer["nodes"][0])],
        "links": [{"id": 1, "origin_id": 57, "origin_slot": 0, "target_id": -20,
                   "target_slot": 0, "type": "IMAGE"}],
        "inputs": [], "outputs": [{"name": "IMAGE", "type": "IMAGE"}],
    }  # fmt: skip
    outer["nodes"][0] |= {"id": 70, "type": "wrapper", "inputs": [], "widgets_values": []}
    outer["links"] = [[1, 70, 0, 9, 0, "IMAGE"]]
    outer["definitions"]["subgraphs"] = [inner, wrapper]
    graph = graph_of_workflow(outer, registry)
    assert graph["9"]["inputs"]["images"] == ["70:57:8", 0]
    assert plain(graph, "70:57:") == turbo()


def test_a_subgraph_within_itself_is_refused(registry: NodeRegistry) -> None:
    workflow = new_template()
    (inner,) = workflow["definitions"]["subgraphs"]
    inner["nodes"].append({"id": 90, "type": SUBGRAPH, "mode": 0, "inputs": [], "outputs": []})
    with pytest.raises(Refusal, match="in one another"):
        graph_of_workflow(workflow, registry)


def test_loops_of_reroutes_end(registry: NodeRegistry) -> None:
    nodes = [
        {"id": 1, "type": "Reroute", "inputs": [{"name": "", "link": 2}], "outputs": []},
        {"id": 2, "type": "Reroute", "inputs": [{"name": "", "link": 1}], "outputs": []},
        {"id": 3, "type": "SaveImage", "inputs": [{"name": "images", "link": 1}]},
    ]
    links = [[1, 1, 0, 2, 0, "*"], [2, 2, 0, 1, 0, "*"]]
    graph = graph_of_workflow({"nodes": nodes, "links": links}, registry)
    assert graph["3"]["inputs"] == {}


@pytest.mark.parametrize(
    "odd",
    [
        {"nodes": []},
        {"nodes": [5, None, {"id": []}, {"id": 1}]},
        {"nodes": [{"id": 1, "type": 5, "inputs": "x", "widgets_values": 7}], "links": {"a": 1}},
        {"nodes": [{"id": 1, "type": "KSampler", "widgets_values": {"seed": 1}}], "links": [[1]]},
        {"nodes": [{"id": 1, "type": "x"}], "definitions": {"subgraphs": [5, {"id": "x"}]}},
    ],
)
def test_odd_workflows_end_in_a_graph_or_a_refusal(client: Client, odd: dict[str, Any]) -> None:
    answer = client.prompt(odd)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] in ("prompt_no_outputs", "missing_node_type")


def test_the_page_form_runs(client: Client) -> None:
    """ComfyUI itself takes graphs alone; here the files of its page run, too."""
    by_graph = client.run(turbo())
    old, new = client.run(old_template()), client.run(new_template())
    assert images(old) == images(by_graph)  # the same picture: nothing is drawn again
    assert images(new) == images(by_graph)
    (_, cached) = new["status"]["messages"][1]
    assert "57:3" in cached["nodes"]
