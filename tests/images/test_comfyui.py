"""ComfyUI's graphs: prompts, numbers and LoRAs behind nodes of many kinds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from foreign_files import in_subgraph, node, png, read, turbo, with_exif
from refusals import refused
from zimg_kernel.images.metadata import read_record

WORKFLOW = {"nodes": [], "links": [[7, 45, 0, 42, 0, "CONDITIONING"], [1, 46, 0, 47, 0, "MODEL"]]}


@pytest.mark.parametrize("workflow", [None, WORKFLOW, {"nodes": []}])
@pytest.mark.parametrize("wrap", [dict, in_subgraph, lambda graph: {"prompt": graph}])
def test_the_template_of_turbo_is_read(tmp_path: Path, workflow: Any, wrap: Any) -> None:
    chunks = {"prompt": wrap(turbo())} | ({"workflow": workflow} if workflow else {})
    record = read_record(png(tmp_path / "a.png", **chunks))
    p = record["params"]
    assert (p["prompt"], p["negative_prompt"]) == ("a red circle", "")
    assert (p["seed"], p["steps"], p["guidance"], p["shift"]) == (42, 8, 0.0, 3.0)
    assert (p["width"], p["height"]) == (64, 64)
    assert record["software"] == "ComfyUI"
    assert record["foreign"]["models"] == ["z_image_turbo_bf16.safetensors"]
    assert any("res_multistep" in note for note in record["foreign"]["notes"])


def test_the_samplers_that_we_have_are_taken_over(tmp_path: Path) -> None:
    for name, spacing, ours in (
        ("euler", "beta", ("euler", "beta")),
        ("lcm", "karras", ("lcm", "karras")),
        ("uni_pc", "simple", ("unipc", "linear")),
        ("uni_pc", "karras", ("unipc", "linear")),
        ("dpmpp_2m", "sgm_uniform", ("euler", "linear")),
    ):
        graph = turbo(n44={"sampler_name": name, "scheduler": spacing})
        assert read(png(tmp_path / "a.png", prompt=graph), "sampler", "sigmas") == ours


def test_the_base_model_keeps_its_negative_prompt_and_shift(tmp_path: Path) -> None:
    graph = turbo(n44={"cfg": 4, "negative": ["50", 0]}, n47={"shift": 7})
    graph["50"] = node("CLIPTextEncode", text="blurry", clip=["39", 0])
    found = read(png(tmp_path / "a.png", prompt=graph), "negative_prompt", "guidance", "shift")
    assert found == ("blurry", 3.0, 7.0)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("seed", node("Seed (rgthree)", seed=777)),
        ("seed", node("PrimitiveInt", value=777)),
        ("seed", node("easy seed", seed="777")),
        ("seed", node("Reroute", **{"": ["91", 0]})),
        ("seed", node("ComfySwitchNode", switch=False, on_true=1, on_false=["91", 0])),
        ("seed", node("Any Switch (rgthree)", any_01=None, any_02=["91", 0])),
        ("steps", node("PrimitiveInt", value=777)),
        ("cfg", node("FloatConstant", value=777)),
    ],
)
def test_numbers_come_from_other_nodes(tmp_path: Path, name: str, made: dict[str, Any]) -> None:
    wanted = {"seed": 777, "steps": 12, "cfg": 4.5}[name]
    for key, value in made["inputs"].items():
        if value in (777, "777"):
            made = {**made, "inputs": {key: wanted}}
    graph = turbo(n44={name: ["90", 0]})
    graph |= {"90": made, "91": node("PrimitiveInt", value=wanted)}
    found = read(png(tmp_path / "a.png", prompt=graph), "seed", "steps", "guidance")
    assert found[("seed", "steps", "cfg").index(name)] == (3.5 if name == "cfg" else wanted)


TEXTS = [
    (node("StringConcatenate", string_a="a red circle", string_b="on the left", delimiter=", "),
     "a red circle, on the left"),
    (node("StringConcatenate", string_a=["61", 0], string_b="", delimiter=", "), "two\nlines"),
    (node("PrimitiveStringMultiline", value="two\nlines"), "two\nlines"),
    (node("CR Text Concatenate", text1="one", text2="two", separator=" "), "one two"),
    (node("Text Concatenate", delimiter="\\n", clean_whitespace="true", text_a="one",
          text_b=["61", 0]), "one\ntwo\nlines"),
    (node("StringReplace", string="a RED circle", find="RED", replace="blue"), "a blue circle"),
    (node("ShowText|pysssss", text=["61", 0], text_0="shown"), "two\nlines"),
    (node("ShowText|pysssss", text=["64", 0], text_0="shown"), "shown"),
    (node("ImpactWildcardProcessor", wildcard_text="{a|b}", populated_text="a", seed=3), "a"),
    (node("SDXLPromptStyler", text_positive="styled", text_negative="ugly", style="x"), "styled"),
    (node("ComfySwitchNode", switch=True, on_true=["61", 0], on_false="other"), "two\nlines"),
    (node("ComfySwitchNode", switch=["65", 0], on_true="other", on_false=["61", 0]), "two\nlines"),
    (node("ImpactConditionalBranch", cond=["65", 0], tt_value="a", ff_value=["63", 0]), "blue"),
    (node("ImpactSwitch", select=["66", 0], input1="one", input2=["63", 0]), "blue"),
    (node("Text String", text="one", text_b="two", text_c="", text_d=""), "one"),
    (node("Text Find and Replace", text="a RED circle", find="RED", replace=["63", 0]),
     "a blue circle"),
    (node("CR Text Input Switch", Input=2, text1="one", text2=["63", 0]), "blue"),
    (node("ImpactSwitch", select=1, input1=["63", 0], input2="two"), "blue"),
    (node("JoinStringMulti", inputcount=2, string_1="one", string_2="two", delimiter=" "),
     "one two"),
    (node("easy positive", positive="one"), "one"),
    (node("SomeUnknownNode", anything=["61", 0], clip=["39", 0]), "two\nlines"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "said"), TEXTS)
def test_texts_come_through_string_nodes(tmp_path: Path, made: dict[str, Any], said: str) -> None:
    graph = turbo(n45={"text": ["60", 0]})
    # The link to the text encoder stands first and leads to a text of another meaning.
    graph["45"]["inputs"] = {"clip": ["62", 1], "text": ["60", 0]}
    graph |= {
        "60": made,
        "61": node("PrimitiveStringMultiline", value="two\nlines"),
        "63": node("PrimitiveString", value="blue"),
        "62": node("Lora Loader (LoraManager)", text="<lora:style:1>", clip=["39", 0]),
        "64": node("AILab_QwenVL", prompt="Describe the picture.", seed=5),
        "65": node("PrimitiveBoolean", value=False),
        "66": node("PrimitiveInt", value=2),
    }
    assert read(png(tmp_path / "a.png", prompt=graph), "prompt") == said


ENCODERS = [
    node("CLIPTextEncodeFlux", clip_l="", t5xxl="words", guidance=3.5, clip=["39", 0]),
    node("CLIPTextEncodeSDXL", text_g="words", text_l="words", width=64, clip=["39", 0]),
    node("CLIPTextEncodeLumina2", system_prompt="superior", user_prompt="words", clip=["39", 0]),
    node("TextEncodeZImageOmni", prompt="words", clip=["39", 0]),
    node("FluxGuidance", guidance=3.5, conditioning=["45", 0]),
    node("ControlNetApplyAdvanced", positive=["45", 0], negative=["42", 0], control_net=["1", 0]),
    node("ConditioningCombine", conditioning_1=["45", 0], conditioning_2=["45", 0]),
    node("Context (rgthree)", positive=["45", 0], negative=["42", 0], model=["47", 0]),
]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_prompts_come_through_conditioning_nodes(tmp_path: Path, encoder: dict[str, Any]) -> None:
    graph = turbo(n45={"text": "words"}, n44={"positive": ["70", 0]}) | {"70": encoder}
    assert read(png(tmp_path / "a.png", prompt=graph), "prompt", "negative_prompt") == ("words", "")


SWITCHES = [
    ("positive", node("Any Switch (rgthree)", any_01=["45", 0], any_02=["71", 0])),
    ("positive", node("CR Conditioning Input Switch", Input=2, conditioning1=["71", 0],
                      conditioning2=["45", 0])),
    ("model", node("ComfySwitchNode", switch=["73", 0], on_true=["72", 0], on_false=["47", 0])),
    ("model", node("CR Model Input Switch", Input=1, model1=["47", 0], model2=["72", 0])),
    ("latent_image", node("ImpactSwitch", select=1, input1=["41", 0], input2=["74", 0])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "switch"), SWITCHES)
def test_behind_a_switch_only_what_it_chose_counts(
    tmp_path: Path, name: str, switch: dict[str, Any]
) -> None:
    graph = turbo(n45={"text": "words"}, n44={name: ["70", 0]}) | {
        "70": switch,
        "71": node("CLIPTextEncode", text="other words", clip=["39", 0]),
        "72": node("LoraLoaderModelOnly", lora_name="s.safetensors", model=["47", 0]),
        "73": node("PrimitiveBoolean", value=False),
        "74": node("VAEDecode", samples=["75", 0]),
        "75": node("KSampler", seed=9, steps=3, cfg=1, positive=["71", 0], latent_image=["41", 0]),
    }
    values = read(png(tmp_path / "a.png", prompt=graph), "prompt", "loras", "seed")
    assert values == ("words", (), graph["44"]["inputs"]["seed"])


@pytest.mark.parametrize(
    ("guider", "guidance", "negative"),
    [
        (node("CFGGuider", cfg=3.0, model=["47", 0], positive=["45", 0], negative=["51", 0]),
         2.0, "blur"),
        (node("DualCFGGuider", cfg_conds=3.0, cfg_cond2_negative=1, model=["47", 0],
              cond1=["45", 0], cond2=["45", 0], negative=["51", 0]), 2.0, "blur"),
        (node("BasicGuider", model=["47", 0], conditioning=["45", 0]), 0.0, ""),
    ],
)  # fmt: skip
def test_a_sampler_in_parts_is_read(
    tmp_path: Path, guider: dict[str, Any], guidance: float, negative: str
) -> None:
    graph = turbo() | {
        "1": node("RandomNoise", noise_seed=7),
        "2": node("KSamplerSelect", sampler_name="lcm"),
        "3": node("BasicScheduler", scheduler="beta", steps=9, denoise=1, model=["47", 0]),
        "4": guider,
        "44": node(
            "SamplerCustomAdvanced", noise=["1", 0], guider=["4", 0], sampler=["2", 0],
            sigmas=["3", 0], latent_image=["41", 0],
        ),
        "51": node("CLIPTextEncode", text="blur", clip=["39", 0]),
    }  # fmt: skip
    p = read(png(tmp_path / "a.png", prompt=graph))
    assert (p["prompt"], p["seed"], p["steps"]) == ("a red circle", 7, 9)
    assert (p["guidance"], p["negative_prompt"], p["shift"]) == (guidance, negative, 3.0)
    assert (p["sampler"], p["sigmas"]) == ("lcm", "beta")


def test_noise_levels_by_hand_are_counted(tmp_path: Path) -> None:
    graph = turbo() | {
        "3": node("ManualSigmas", sigmas="1.0, 0.9, 0.6, 0.0"),
        "44": node(
            "SamplerCustom", add_noise=True, noise_seed=7, cfg=1, model=["47", 0],
            positive=["45", 0], negative=["42", 0], sampler=["2", 0], sigmas=["3", 0],
            latent_image=["41", 0],
        ),
        "2": node("SamplerEulerAncestral", eta=1.0, s_noise=1.0),
    }  # fmt: skip
    record = read_record(png(tmp_path / "a.png", prompt=graph))
    assert (record["params"]["steps"], record["params"]["seed"]) == (3, 7)
    assert any("eulerancestral" in note for note in record["foreign"]["notes"])


def test_of_several_samplers_the_first_pass_counts(tmp_path: Path) -> None:
    base = turbo()
    refining = base["44"]["inputs"] | {"seed": 5, "steps": 3, "denoise": 0.4}
    graph = {
        "1": node("KSampler", **refining | {"latent_image": ["2", 0]}),
        "2": node("LatentUpscaleBy", samples=["44", 0], scale_by=1.5),
        "3": node("FaceDetailer", **{**refining, "seed": 6, "image": ["48", 0]}),
        **base,
    }
    graph["48"]["inputs"]["samples"] = ["1", 0]
    graph["9"]["inputs"]["images"] = ["3", 0]
    # Another picture of the same canvas, which is not saved.
    graph |= {
        "0": node("KSampler", **base["44"]["inputs"] | {"seed": 1}),
        "10": node("PreviewImage", images=["11", 0]),
        "11": node("VAEDecode", samples=["0", 0]),
    }
    record = read_record(png(tmp_path / "a.png", prompt=graph))
    assert (record["params"]["seed"], record["params"]["steps"]) == (42, 8)
    assert any("3 samplers" in note for note in record["foreign"]["notes"])


def test_of_two_saved_pictures_the_size_tells_which(tmp_path: Path) -> None:
    graph = turbo() | {
        "141": node("EmptySD3LatentImage", width=["142", 0], height=256, batch_size=1),
        "142": node("PrimitiveInt", value=512),
        "148": node("VAEDecode", samples=["144", 0], vae=["49", 0]),
        "109": node("SaveImage", images=["148", 0]),
    }
    graph["144"] = node("KSampler", **graph["44"]["inputs"] | {"seed": 1})
    graph["144"]["inputs"]["latent_image"] = ["141", 0]
    for size, seed in (((512, 256), 1), ((1024, 1024), 42)):
        image = Image.new("RGB", size)
        assert read(png(tmp_path / "a.png", image=image, prompt=graph), "seed") == seed


def test_two_pictures_of_one_size_are_told(tmp_path: Path) -> None:
    graph = turbo()
    graph |= {
        "144": node("KSampler", **graph["44"]["inputs"] | {"seed": 1}),
        "148": node("VAEDecode", samples=["144", 0], vae=["49", 0]),
        "109": node("SaveImage", images=["148", 0]),
        "108": node("SaveImage", images=["110", 0]),
        "110": node("VAEDecode", samples=["44", 0], vae=["49", 0]),
    }
    record = read_record(png(tmp_path / "a.png", prompt=graph))
    assert any("another's" in note for note in record["foreign"]["notes"])


LORAS = [
    (node("LoraLoaderModelOnly", lora_name="style.safetensors", strength_model=0.8), 0.8),
    (node("LoraLoader", lora_name="style.safetensors", strength_model=0.8, strength_clip=1), 0.8),
    (node("LoraLoader", lora_name="style.safetensors", strength_model=["80", 0]), 0.5),
    (node("Power Lora Loader (rgthree)", PowerLoraLoaderHeaderWidget={"type": "x"},
          lora_1={"on": True, "lora": "style.safetensors", "strength": 0.8},
          lora_2={"on": False, "lora": "other.safetensors", "strength": 1}), 0.8),
    (node("Lora Loader Stack (rgthree)", lora_01="style.safetensors", strength_01=0.8,
          lora_02="None", strength_02=1), 0.8),
    (node("CR LoRA Stack", switch_1="On", lora_name_1="style.safetensors", model_weight_1=0.8,
          clip_weight_1=1, switch_2="Off", lora_name_2="b.safetensors", model_weight_2=1), 0.8),
    (node("LoRA Stacker", input_mode="simple", lora_count=1, lora_name_1="style.safetensors",
          lora_wt_1=0.8, model_str_1=1, lora_name_2="b", lora_wt_2=1, model_str_2=1), 0.8),
    (node("LoRA Stacker", input_mode="advanced", lora_count=1, lora_name_1="style.safetensors",
          lora_wt_1=1, model_str_1=0.8), 0.8),
    (node("easy loraStack", toggle=True, mode="simple", num_loras=1, lora_1_name="style",
          lora_1_strength=0.8, lora_1_model_strength=1, lora_2_name="None"), 0.8),
    (node("Lora Loader (LoraManager)", text="<lora:style:0.8>"), 0.8),
    (node("Lora Loader (LoraManager)", text="<lora:style:0.8>", loras={"__value__": [
        {"name": "style", "strength": "0.80", "active": True},
        {"name": "b", "strength": 1, "active": False}]}), 0.8),
]  # fmt: skip


@pytest.mark.parametrize(("loader", "weight"), LORAS)
def test_loras_are_taken_over(tmp_path: Path, loader: dict[str, Any], weight: float) -> None:
    graph = turbo(n47={"model": ["20", 0]}) | {"20": loader}
    graph["20"]["inputs"]["model"] = ["46", 0]
    graph["80"] = node("PrimitiveFloat", value=0.5)
    # One that another branch uses does not count.
    graph["21"] = node("LoraLoaderModelOnly", lora_name="x", strength_model=1, model=["46", 0])
    assert read(png(tmp_path / "a.png", prompt=graph), "loras") == (("style", weight),)


def test_loras_keep_their_folders_and_add_up(tmp_path: Path) -> None:
    graph = turbo(n47={"model": ["22", 0]}) | {
        f"2{i}": node("LoraLoaderModelOnly", lora_name=name, strength_model=weight, model=below)
        for i, (name, weight, below) in enumerate(
            [("a\\b.safetensors", 0.5, ["46", 0]), ("c.safetensors", 0, ["20", 0]),
             ("a\\b.safetensors", 0.25, ["21", 0])]
        )
    }  # fmt: skip
    assert read(png(tmp_path / "a.png", prompt=graph), "loras") == (("a/b", 0.75),)


def test_nodes_that_hold_everything(tmp_path: Path) -> None:
    """Loaders, samplers and pipes of Efficiency, Easy-Use and Impact Pack."""
    loader = {
        "ckpt_name": "z.safetensors", "lora_name": "style.safetensors", "lora_model_strength": 0.8,
        "lora_clip_strength": 1, "positive": "a red circle", "negative": "blur",
        "empty_latent_width": 64, "empty_latent_height": 64,
    }  # fmt: skip
    settings = {"seed": 42, "steps": 8, "cfg": 4.5, "sampler_name": "lcm", "scheduler": "karras"}
    efficient = {
        "1": node("Efficient Loader", **loader),
        "2": node("KSampler (Efficient)", **settings, model=["1", 0], positive=["1", 1],
                  negative=["1", 2], latent_image=["1", 3]),
        "3": node("SaveImage", images=["2", 5]),
    }  # fmt: skip
    easy = {
        "1": node("easy fullLoader", **loader),
        "2": node("easy preSampling", **settings, denoise=1, pipe=["1", 0]),
        "3": node("easy kSampler", image_output="Save", pipe=["2", 0]),
    }
    impact = turbo(n47={"model": ["20", 0]}, n45={"text": "a red circle"}) | {
        "20": node("LoraLoaderModelOnly", lora_name="style", strength_model=0.8, model=["46", 0]),
        "44": node("ImpactKSamplerBasicPipe", **settings, basic_pipe=["70", 0],
                   latent_image=["41", 0]),
        "70": node("ToBasicPipe", model=["47", 0], positive=["45", 0], negative=["71", 0]),
        "71": node("CLIPTextEncode", text="blur", clip=["39", 0]),
    }  # fmt: skip
    rgthree = turbo(n47={"model": ["20", 0]}) | {
        "20": impact["20"],
        "44": node("KSampler", seed=42, steps=["72", 0], cfg=["72", 2], sampler_name=["72", 3],
                   scheduler=["72", 4], model=["73", 1], positive=["73", 4], negative=["73", 5],
                   latent_image=["41", 0]),
        "71": impact["71"],
        "72": node("KSampler Config (rgthree)", steps_total=8, refiner_step=4, cfg=4.5,
                   sampler_name="lcm", scheduler="karras"),
        "73": node("Context Big (rgthree)", base_ctx=["74", 0]),
        "74": node("Context (rgthree)", model=["47", 0], positive=["45", 0], negative=["71", 0]),
    }  # fmt: skip
    for graph in (efficient, easy, impact, rgthree):
        p = read(png(tmp_path / "a.png", prompt=graph))
        assert (p["prompt"], p["negative_prompt"]) == ("a red circle", "blur")
        assert (p["seed"], p["steps"], p["guidance"]) == (42, 8, 3.5)
        assert (p["sampler"], p["sigmas"], p["loras"]) == ("lcm", "karras", (("style", 0.8),))


def test_a_tower_of_nodes_and_a_loop_take_no_time(tmp_path: Path) -> None:
    graph = turbo(n45={"text": ["60", 0]}, n47={"model": ["L200", 0]})
    graph["45"]["inputs"] = {"clip": ["L200", 1], "text": ["60", 0]}
    graph["60"] = node("StringConcatenate", string_a="a red circle", string_b=["60", 0])
    graph["L0"] = node("CheckpointLoaderSimple", ckpt_name="z.safetensors")
    for i in range(1, 201):
        below = [f"L{i - 1}", 0]
        graph[f"L{i}"] = node("LoraLoader", lora_name=f"s{i}", strength_model=0.1, strength_clip=1,
                              model=below, clip=[below[0], 1], text=below)  # fmt: skip
    graph["L0"]["inputs"]["model"] = ["L200", 0]
    path = png(tmp_path / "a.png", prompt=graph)
    start = time.thread_time()
    assert len(read(path, "loras")) == 200
    assert time.thread_time() - start < 0.5
    assert read(path, "prompt") == "a red circle"


def test_numbers_that_json_lacks_stay_out_of_our_json(tmp_path: Path) -> None:
    graph = turbo(n44={"cfg": float("nan")})
    graph["45"]["is_changed"] = [float("nan"), float("inf"), 1e999]
    record = read_record(png(tmp_path / "a.png", prompt=json.dumps(graph)))
    json.dumps(record, allow_nan=False)
    assert record["params"]["guidance"] is None


def ui_node(number: int, kind: str, values: Any = (), mode: int = 0, **links: int) -> Any:
    """A node as the page saves it: inputs by link, typed values in a list."""
    slots = [{"name": name, "type": "*", "link": link} for name, link in links.items()]
    return {"id": number, "type": kind, "mode": mode, "inputs": slots,
            "widgets_values": list(values)}  # fmt: skip


def with_names(made: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same as newer pages save it: every widget is listed among the inputs."""
    made["inputs"] += [{"name": n, "widget": {"name": n}, "link": None} for n in names]
    return made


UI_NODES = [
    ui_node(46, "UNETLoader", ["z.safetensors", "default"]),
    ui_node(20, "LoraLoaderModelOnly", ["style.safetensors", 0.8], model=6),
    ui_node(21, "LoraLoaderModelOnly", ["off.safetensors", 1], mode=4, model=8),
    ui_node(47, "ModelSamplingAuraFlow", [3], model=9),
    ui_node(45, "CLIPTextEncode", ["a red circle"], clip=1),
    ui_node(42, "ConditioningZeroOut", conditioning=2),
    ui_node(41, "EmptySD3LatentImage", [1024, 1024, 1]),
    ui_node(44, "KSampler", [42, "randomize", 8, 1, "res_multistep", "simple", 1], model=5,
            positive=3, negative=4, latent_image=7),
    ui_node(50, "KSampler", [9, "fixed", 3, 1, "euler", "simple", 1], mode=2, positive=3),
]  # fmt: skip
UI_LINKS = [
    [1, 39, 0, 45, 0, "CLIP"], [2, 45, 0, 42, 0, "CONDITIONING"], [3, 45, 0, 44, 1, "*"],
    [4, 42, 0, 44, 2, "*"], [5, 47, 0, 44, 0, "*"], [6, 46, 0, 20, 0, "*"],
    [7, 41, 0, 44, 3, "*"], [8, 20, 0, 21, 0, "*"], [9, 21, 0, 47, 0, "*"],
]  # fmt: skip


def test_a_workflow_without_its_graph_is_read(tmp_path: Path) -> None:
    expected = ("a red circle", "", 42, 8, 0.0, 3.0, (("style", 0.8),))
    names = ("prompt", "negative_prompt", "seed", "steps", "guidance", "shift", "loras")
    path = png(tmp_path / "a.png", workflow={"nodes": UI_NODES, "links": UI_LINKS})
    assert read(path, *names) == expected
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    inner = [dict(zip(keys, link, strict=True)) for link in UI_LINKS]
    # The text and the number of steps are typed at the subgraph's own node.
    inner += [{"id": 30, "origin_id": -10, "origin_slot": 0, "target_id": 45, "target_slot": 1},
              {"id": 31, "origin_id": 44, "origin_slot": 0, "target_id": -20, "target_slot": 0},
              {"id": 32, "origin_id": -10, "origin_slot": 1, "target_id": 44}]  # fmt: skip
    nodes = [node for node in json.loads(json.dumps(UI_NODES)) if node["id"] not in (44, 45)]
    nodes.append(ui_node(45, "CLIPTextEncode", [""], clip=1, text=30))
    sampler = ui_node(44, "KSampler", [42, "randomize", 1, 1, "res_multistep", "simple", 1],
                      model=5, positive=3, negative=4, latent_image=7, steps=32)  # fmt: skip
    nodes.append(sampler)
    outer = ui_node(57, "uuid", ["a red circle", 8])
    subgraph = {"id": "uuid", "nodes": nodes, "links": inner}
    workflow = {
        "nodes": [with_names(outer, "text", "steps"), ui_node(9, "SaveImage", ["z"], images=62)],
        "links": [[62, 57, 0, 9, 0, "IMAGE"]],
        "definitions": {"subgraphs": [subgraph]},
    }
    assert read(png(tmp_path / "b.png", workflow=workflow), *names) == expected


def test_widgets_that_a_workflow_names_are_read(tmp_path: Path) -> None:
    sampler = with_names(
        ui_node(44, "UnknownSampler", [42, "randomize", 8, 4.5], positive=3, latent_image=7),
        "seed", "steps", "cfg",
    )  # fmt: skip
    text = with_names(ui_node(45, "UnknownTextEncode", ["a red circle"]), "text")
    workflow = {"nodes": [sampler, text], "links": UI_LINKS}
    found = read(png(tmp_path / "a.png", workflow=workflow), "prompt", "seed", "steps", "guidance")
    assert found == ("a red circle", 42, 8, 3.5)


@pytest.mark.parametrize(
    "workflow",
    [{"nodes": None}, {"nodes": [None, 5, {}]}, {"nodes": [{"id": 1, "type": [], "inputs": 5}]},
     {"nodes": [{"id": 1, "type": "u"}], "definitions": {"subgraphs": [
         {"id": "u", "nodes": [{"id": 1, "type": "u"}] * 9, "links": [[1], {"id": []}]}]}},
     {"nodes": UI_NODES, "links": [[[], {}, 0, 0, 0]] * 3}],
)  # fmt: skip
def test_what_is_no_workflow_is_one_sentence(tmp_path: Path, workflow: Any) -> None:
    path, start = png(tmp_path / "a.png", workflow=workflow), time.thread_time()
    with refused("no-parameters-in-picture"):
        read_record(path)
    assert time.thread_time() - start < 0.5


def test_numbers_too_long_for_a_float_are_left_out(tmp_path: Path) -> None:
    graph = turbo(n44={"seed": 10**400, "cfg": -(10**400), "steps": 8})
    assert read(png(tmp_path / "a.png", prompt=graph), "seed", "steps") == (-1, 8)


@pytest.mark.parametrize("ending", ["webp", "jpg", "avif"])
def test_graphs_in_exif_are_read(tmp_path: Path, ending: str) -> None:
    text = json.dumps(turbo(n45={"text": "红色的圆"}), ensure_ascii=False).encode()
    for tags in (
        {0x0110: b"prompt:" + text, 0x010F: b'workflow:{"nodes": []}'},
        {0x010F: b"Prompt: " + text, 0x010E: b'Workflow: {"nodes": []}'},
    ):
        path = with_exif(tmp_path / f"a.{ending}", tags=tags)
        assert read(path, "prompt", "seed", "negative_prompt") == ("红色的圆", 42, "")
    comment = b"UNICODE\0" + text.decode().encode("utf-16-le")
    assert read(with_exif(tmp_path / f"b.{ending}", comment), "prompt") == "红色的圆"


def test_texts_that_double_at_every_node_stay_short(tmp_path: Path) -> None:
    for kind, inputs in (
        ("StringConcatenate", ("string_a", "string_b")),
        ("StringReplace", ("string",)),
    ):
        graph = turbo(n45={"text": ["S99", 0]})
        for i in range(100):
            below = [f"S{i - 1}", 0] if i else "aaaa"
            graph[f"S{i}"] = node(kind, find="a", replace="a" * 50, delimiter="")
            graph[f"S{i}"]["inputs"] |= dict.fromkeys(inputs, below)
        path, start = png(tmp_path / "a.png", prompt=graph), time.thread_time()
        assert set(read(path, "prompt")) == {"a"}
        assert time.thread_time() - start < 0.5


@pytest.mark.parametrize(
    "graph",
    [[], {}, {"1": 5}, {"1": {"inputs": []}}, {"1": {"class_type": None, "inputs": {"seed": []}}},
     {"1": node("KSampler", positive=["1", 0], seed=["1", 0], steps=["1", 0])},
     {"1": node("KSampler", positive=[[], 0], seed={}, steps=None, latent_image=[None, None])}],
)  # fmt: skip
def test_what_is_no_graph_is_one_sentence(tmp_path: Path, graph: Any) -> None:
    with refused("no-parameters-in-picture"):
        read_record(png(tmp_path / "a.png", prompt=graph))
