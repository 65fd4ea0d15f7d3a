"""/metrics: figures for whoever shows the token, and for nobody else."""

from typing import Any

import pytest
from django.test import Client


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", "Bearer secret2"])
def test_a_stranger_sees_no_figures(client: Client, db: None, settings: Any, shown: str) -> None:
    settings.METRICS_TOKEN = "secret"
    assert client.get("/metrics", headers={"authorization": shown}).status_code == 403


def test_without_a_token_set_nobody_does(client: Client, db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 403


def test_the_token_opens_them(client: Client, db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"
    answer = client.get("/metrics", headers={"authorization": "Bearer secret"})
    assert answer.status_code == 200
    assert b"django_http_requests" in answer.content
