"""Depth and pose maps: transformers' own classes, built tiny and random, through real folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused, warned
from tests.edit.controls.face import face
from zimg_kernel import WeightsMissing
from zimg_kernel.cli import command as cli
from zimg_kernel.edit.controls import control_map
from zimg_kernel.edit.controls.estimators import DEPTH, PERSON, find_estimator
from zimg_kernel.edit.controls.pose import _estimate, _find_people
from zimg_kernel.edit.controls.skeleton import (
    COLOURS,
    JOINTS,
    LIMBS,
    draw_skeletons,
    openpose_joints,
)


def picture(size: tuple[int, int] = (120, 90)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((40, 30, 80, 70), fill="red")
    return image


@pytest.fixture(scope="module")
def depth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import (
        DepthAnythingConfig,
        DepthAnythingForDepthEstimation,
        Dinov2Config,
        DPTImageProcessorPil,
    )

    folder = tmp_path_factory.mktemp("depth")
    backbone = Dinov2Config(
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=32,
        neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=8,
        head_hidden_size=8,
    )
    torch.manual_seed(0)
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    size = {"height": 56, "width": 56}
    DPTImageProcessorPil(size=size, keep_aspect_ratio=True, ensure_multiple_of=14).save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def pose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import (
        VitPoseBackboneConfig,
        VitPoseConfig,
        VitPoseForPoseEstimation,
        VitPoseImageProcessorPil,
    )

    folder = tmp_path_factory.mktemp("pose")
    backbone = VitPoseBackboneConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=[64, 48],
        out_features=["stage2"],
    )
    torch.manual_seed(0)
    config = VitPoseConfig(backbone_config=backbone, num_labels=17, use_simple_decoder=True)
    VitPoseForPoseEstimation(config).save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector with random weights, sure of everything, that calls all things a person."""
    import torch
    from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessorPil

    folder = tmp_path_factory.mktemp("detector")
    torch.manual_seed(0)
    config = YolosConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=[64, 64],
        patch_size=16,
        num_detection_tokens=6,
        id2label={0: "person", 1: "cat"},
    )
    net = YolosForObjectDetection(config)
    with torch.no_grad():
        net.class_labels_classifier.layers[-1].bias.copy_(torch.tensor([9.0, 0.0, 0.0]))
        net.vit.embeddings.detection_tokens.normal_()  # boxes here and there
        net.bbox_predictor.layers[-1].weight.normal_(std=0.5)
    net.save_pretrained(folder)
    YolosImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def in_cache(folder: Path, repository: str, home: Path) -> Path:
    """Put a model where Hugging Face's client would have put it; return its snapshot."""
    place = home / "huggingface" / f"models--{repository.replace('/', '--')}" / "snapshots"
    place.mkdir(parents=True)
    (place / "abc").symlink_to(folder, target_is_directory=True)
    return place / "abc"


def test_depth_is_estimated_by_the_model_in_the_cache(depth: Path, tmp_path: Path) -> None:
    snapshot = in_cache(depth, DEPTH.repository, tmp_path)
    assert find_estimator(DEPTH) == snapshot
    made = control_map(picture(), "depth")
    assert (made.size, made.mode) == ((120, 90), "RGB")
    values = np.asarray(made)[..., 0]
    assert (values.min(), values.max()) == (0, 255)
    assert len(np.unique(values)) > 20


def test_depth_map_is_what_the_model_says(depth: Path) -> None:
    import torch
    from transformers import AutoImageProcessor, AutoModelForDepthEstimation

    net = AutoModelForDepthEstimation.from_pretrained(depth).eval()
    inputs = AutoImageProcessor.from_pretrained(depth)(images=picture(), return_tensors="pt")
    with torch.inference_mode():
        raw = net(**inputs).predicted_depth[0]
    made = control_map(picture(), "depth", model=depth).resize(tuple(raw.shape[::-1]))
    near = np.corrcoef(np.asarray(made)[..., 0].ravel(), raw.numpy().ravel())[0, 1]
    assert near > 0.99


def test_folder_may_be_named_by_the_environment(
    depth: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZIMG_DEPTH", str(depth))
    assert control_map(picture(), "depth").size == (120, 90)
    monkeypatch.setenv("ZIMG_DEPTH", str(tmp_path / "nowhere"))
    with refused("not-a-model-folder", "ZIMG_DEPTH"):
        control_map(picture(), "depth")


def test_pull_says_where_a_model_lies_that_is_there(
    depth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = in_cache(depth, DEPTH.repository, tmp_path)
    cli.main(["pull", "depth"])
    said = capsys.readouterr()
    assert said.out.strip() == str(snapshot)
    assert "Depth Anything V2 Small is complete" in said.err


def test_pull_downloads_a_model_and_it_is_used(
    depth: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import huggingface_hub.constants

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with face(depth, DEPTH.repository) as address:
        constants, files = huggingface_hub.constants, "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", address)  # read when it was imported
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + files)
        cli.main(["pull", "depth"])
        assert Path(capsys.readouterr().out.strip()) == find_estimator(DEPTH)
        with pytest.raises(SystemExit):
            cli.main(["pull", "pose"])
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "Hugging Face has no public repository usyd-community/vitpose-base-simple" in said
    assert "run again: zimg pull pose" in said
    assert control_map(picture(), "depth").size == (120, 90)


def test_missing_models_name_the_command_that_gets_them() -> None:
    for kind in ("depth", "pose"):
        with refused("weights-missing", kind=WeightsMissing) as caught:
            control_map(picture(), kind)
        assert f"zimg pull {kind}" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_wrong_or_damaged_folders_are_refused(depth: Path, pose: Path, tmp_path: Path) -> None:
    with refused("unknown-model-format", "model"):
        control_map(picture(), "depth", model=pose)
    for path in depth.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"short")
    with refused("not-a-model-folder", "model") as caught:
        control_map(picture(), "depth", model=tmp_path)
    assert "model.safetensors" in str(caught.value)


@pytest.mark.parametrize(
    ("size", "code"), [((12, 40), "picture-too-small"), ((800, 20), "picture-too-narrow")]
)
def test_slivers_are_refused(size: tuple[int, int], code: str, depth: Path, pose: Path) -> None:
    for kind, model in (("depth", depth), ("pose", pose)):
        with refused(code, "image"):
            control_map(Image.new("RGB", size), kind, model=model)


def test_flat_depth_is_refused(depth: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForDepthEstimation

    net = AutoModelForDepthEstimation.from_pretrained(depth)
    with torch.no_grad():
        net.head.conv3.weight.zero_()
        net.head.conv3.bias.fill_(1.0)
    net.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes(
        (depth / "preprocessor_config.json").read_bytes()
    )
    with refused("nothing-found", "image"):
        control_map(picture(), "depth", model=tmp_path)


def test_pose_without_a_detector_takes_the_whole_picture_and_says_so(pose: Path) -> None:
    with warned("detector-missing", "detector"):
        made = control_map(picture(), "pose", model=pose, threshold=0)
    assert made.size == (120, 90)
    colours = set(map(tuple, np.asarray(made).reshape(-1, 3)))
    bright = set(COLOURS) & colours
    assert len(bright) >= 3
    dim = {tuple(round(0.6 * value) for value in colour) for colour in COLOURS}
    assert colours <= {(0, 0, 0)} | set(COLOURS) | dim


def test_detector_gives_the_boxes(pose: Path, detector: Path, tmp_path: Path) -> None:
    in_cache(detector, PERSON.repository, tmp_path)
    boxes = _find_people(picture(), detector)
    assert 1 < len(boxes) <= 6
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, :2] + boxes[:, 2:] <= [120.01, 90.01]).all()
    one, every = (
        np.asarray(control_map(picture(), "pose", model=pose, threshold=0, people=n))
        for n in (1, 6)
    )
    assert one.any()
    assert (every != one).any()


def test_unsure_joints_make_no_person(pose: Path, detector: Path) -> None:
    with refused("nothing-found", "image"):
        control_map(picture(), "pose", model=pose, detector=detector, threshold=1)


def test_joints_move_with_the_picture(pose: Path) -> None:
    wide = Image.new("RGB", (300, 300), "white")
    moved = wide.copy()
    wide.paste(picture(), (90, 80))
    moved.paste(picture(), (110, 90))
    ((before, scores),) = _estimate(wide, np.array([[100, 90, 90, 70]], np.float32), pose)
    ((after, _),) = _estimate(moved, np.array([[120, 100, 90, 70]], np.float32), pose)
    assert before.shape == (17, 2)
    assert scores.shape == (17,)
    assert np.allclose(after - before, [20, 10], atol=0.1)


def test_skeleton_has_openpose_s_order_and_colours() -> None:
    coco = np.array(
        [(50, 10), (53, 8), (47, 8), (56, 9), (44, 9), (62, 25), (38, 25), (66, 45), (34, 45),
         (68, 62), (32, 62), (57, 60), (43, 60), (58, 85), (42, 85), (58, 110), (42, 110)],
        float,
    )  # fmt: skip
    joints = openpose_joints(coco * 4, np.ones(17))
    named = dict(zip(JOINTS, joints[:, :2] / 4, strict=True))
    assert tuple(named["neck"]) == (50, 25)
    assert tuple(named["right wrist"]) == (32, 62)
    assert tuple(named["left ankle"]) == (58, 110)
    assert tuple(named["left ear"]) == (56, 9)
    drawn = np.asarray(draw_skeletons([joints], (400, 480), 0.5))
    for (x, y, _), colour in zip(joints, COLOURS, strict=True):
        assert tuple(drawn[int(y), int(x)]) == colour
    middle = (joints[2] + joints[3]) / 2  # the right upper arm is the third limb
    assert LIMBS[2] == (2, 3)
    assert tuple(drawn[int(middle[1]), int(middle[0])]) == (153, 102, 0)


def test_unsure_joints_are_left_out_with_their_limbs() -> None:
    joints = np.array([[10 + 20 * (i % 6), 10 + 40 * (i // 6), 1.0] for i in range(18)])
    joints[4, 2] = 0.1
    drawn = np.asarray(draw_skeletons([joints], (160, 120), 0.3))
    colours = set(map(tuple, drawn.reshape(-1, 3)))
    assert COLOURS[4] not in colours
    assert COLOURS[3] in colours


def test_other_sets_of_joints_are_refused() -> None:
    with refused("not-a-coco-model", "model"):
        openpose_joints(np.zeros((21, 2)), np.zeros(21))
