"""OpenAI's SDK, unchanged, against the service."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any

import openai
import pytest
import requests
from openai.types import ImagesResponse

from .running import RunningService
from .small import SMALL, circle, half_mask, opened, png

BODY = {"seed": 5, "steps": 1}


@pytest.fixture(scope="module")
def client(service: RunningService) -> openai.OpenAI:
    return openai.OpenAI(api_key=service.token, base_url=f"{service.url}/v1", max_retries=0)


def test_pictures_are_generated(client: openai.OpenAI) -> None:
    answer = client.images.generate(
        prompt="a red circle", n=2, size="128x128", model="gpt-image-1", extra_body=BODY
    )
    assert answer.data is not None
    assert len(answer.data) == 2
    assert opened(base64.b64decode(answer.data[0].b64_json or "")).size == (128, 128)
    ImagesResponse.model_validate(answer.model_dump())
    assert answer.usage is not None
    assert answer.usage.output_tokens == 2 * 64
    assert answer.usage.total_tokens == answer.usage.input_tokens + 128
    assert answer.model_extra is not None
    assert "gpt-image-1" in answer.model_extra["notes"][0]


def test_nulls_formats_and_addresses(client: openai.OpenAI) -> None:
    answer = client.images.generate(
        prompt="a red circle", n=None, size="144x128", response_format="url", output_format="webp",
        extra_body={**BODY, "width": None, "quality": "high"},
    )  # fmt: skip
    assert answer.data is not None
    assert requests.get(answer.data[0].url or "", timeout=10).status_code == 200
    jpeg = client.images.generate(
        prompt="a red circle", size="4096x2048", output_format="jpeg", output_compression=50,
        extra_body=BODY,
    )  # fmt: skip
    assert jpeg.data is not None
    picture = opened(base64.b64decode(jpeg.data[0].b64_json or ""))
    assert picture.format == "JPEG"
    assert picture.width == 2 * picture.height


@pytest.mark.parametrize("images", [1, 3])
def test_pictures_are_edited_within_a_mask(client: openai.OpenAI, images: int) -> None:
    answer = client.images.edit(
        image=[png()] * images if images > 1 else png(), mask=half_mask("RGBA"),
        prompt="a blue square", extra_body=BODY,
    )  # fmt: skip
    assert answer.data is not None
    result = opened(base64.b64decode(answer.data[0].b64_json or ""))
    assert result.size == (128, 128)
    assert result.getpixel((120, 60))[:3] == (255, 0, 0)  # type: ignore[index]
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens == images * 64


def test_a_stream_ends_with_the_picture(client: openai.OpenAI) -> None:
    events = list(
        client.images.generate(
            prompt="a red circle", size="128x128", stream=True, partial_images=2,
            extra_body={"steps": 4},
        )
    )  # fmt: skip
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    for event in events:
        assert opened(base64.b64decode(event.b64_json)).size == (128, 128)
        type(event).model_validate(event.model_dump())  # nothing is missing or of another kind
    edits = list(
        client.images.edit(image=png(), mask=half_mask("RGBA"), prompt="a blue square",
                           stream=True, partial_images=0, extra_body=BODY)
    )  # fmt: skip
    assert [event.type for event in edits] == ["image_edit.completed"]


def test_a_failure_within_a_stream_is_raised(
    client: openai.OpenAI, service: RunningService
) -> None:
    stream = client.images.generate(
        prompt="a red circle", stream=True, size="384x384", extra_body={"steps": 200}
    )
    for served in service.context.jobs.open():
        service.engine.cancel(served.job.id)
    with pytest.raises(openai.APIError, match="cancelled"):
        list(stream)


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"prompt": ""}, 400, "invalid_value", "prompt"),
        ({"prompt": "x", "n": 11}, 400, "invalid_value", "n"),
        ({"prompt": "x", "n": True}, 400, "invalid_type", "n"),
        ({"prompt": "x", "size": "big"}, 400, "invalid_value", "size"),
        ({"prompt": "a dog"}, 400, "nothing_to_draw", "prompt"),
        ({"prompt": "porn"}, 400, "moderation_blocked", "prompt"),
        ({"prompt": "x", "extra_body": {"steps": 0}}, 400, "invalid_value", "steps"),
        ({"prompt": "x", "response_format": "xml"}, 400, "invalid_value", "response_format"),
    ],
)
def test_errors_have_openais_form(
    client: openai.OpenAI, fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.images.generate(**fields)
    error = caught.value
    assert (error.status_code, error.code, error.param) == (status, code, param)


def test_a_wrong_token_is_no_key(service: RunningService) -> None:
    other = openai.OpenAI(api_key="sk-wrong", base_url=f"{service.url}/v1", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        other.images.generate(prompt="x")
    assert caught.value.code == "invalid_api_key"


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert "nano-turbo" in [model.id for model in client.models.list()]
    assert client.models.retrieve("nano-turbo").owned_by == "zimg"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-image-1")


def test_a_client_that_gives_up_and_asks_again_draws_once(service: RunningService) -> None:
    """The SDK's own retries after a time-out of its own."""
    blocker = service.post("/v1/jobs", json=circle(70, steps=200)).json()["id"]
    before = len(service.context.accepted.recent(_id(service), 1000))
    threading.Timer(1.0, lambda: service.engine.cancel(blocker)).start()
    impatient = openai.OpenAI(
        api_key=service.token, base_url=f"{service.url}/v1", timeout=0.7, max_retries=6
    )
    answer = impatient.images.generate(
        prompt="a red circle", size="128x128", extra_body={"steps": 1, "seed": -1}
    )
    assert answer.data
    assert len(service.context.accepted.recent(_id(service), 1000)) == before + 1


def test_equal_requests_that_are_no_repetitions_are_drawn_each(service: RunningService) -> None:
    before = len(service.context.accepted.recent(_id(service), 1000))
    for _ in range(2):
        service.post("/v1/images/generations", json={"prompt": "a red circle", **_small()})
    assert len(service.context.accepted.recent(_id(service), 1000)) == before + 2


def test_a_stream_is_plain_to_read_without_the_sdk(service: RunningService) -> None:
    body = {"prompt": "a red circle", "stream": True, "partial_images": 1, **_small()}
    with service.post("/v1/images/generations", json=body, stream=True) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        text = answer.text
    data = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert data[-1]["type"] == "image_generation.completed"
    assert data[-1]["usage"]["total_tokens"] > 0


def _small() -> dict[str, Any]:
    return {"size": "128x128", "steps": SMALL["steps"]}


def _id(service: RunningService) -> str:
    time.sleep(0.05)
    return service.context.tokens.all()[0].id
