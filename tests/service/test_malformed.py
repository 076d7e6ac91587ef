"""Malformed requests: no failure of the server, no traceback; the OpenAPI file tells the truth."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .malformed import attack
from .running import RunningService
from .small import circle

OURS = ("/v1/", "/generate", "/static/", "/healthz", "/readyz", "/metrics")
CHECKS = (
    not_a_server_error, content_type_conformance, response_schema_conformance,
    status_code_conformance,
)  # fmt: skip


def test_malformed_requests_are_answered(service: RunningService) -> None:
    statuses, wrong = attack(service.port, service.token, 400, seed=1)
    assert not wrong, wrong[:3]
    assert len(statuses) > 4
    assert service.get("/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore")
def test_the_description_is_kept(service: RunningService, tmp_path: Path) -> None:
    """Requests that schemathesis makes of the OpenAPI file, a few of each operation.

    The caller's quota is used up, so that good ones need not be drawn.
    """
    faults = []
    with RunningService(tmp_path, service.engine, pictures_per_day=1) as strict:
        strict.post("/v1/jobs", json=circle(80))
        told = strict.get("/openapi.json").json()
        for found in schemathesis.openapi.from_dict(told).get_all_operations():
            operation = found.ok()
            if operation.path.startswith(OURS):
                faults += _try(operation, strict)
    assert not faults, faults[:3]


def _try(operation: object, service: RunningService) -> list[str]:
    from hypothesis import given

    faults: list[str] = []

    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    @settings(max_examples=4, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def run(case: schemathesis.Case) -> None:
        try:
            answer = case.call(base_url=service.url, headers=service.headers, timeout=20)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return  # what the client itself does not send
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as error:
            faults.append(f"{case.method} {case.path}: {error}"[:1500])

    run()
    return faults
