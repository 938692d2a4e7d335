"""Metrics: their table in the documents, the dashboard, and the alert rules (promtool)."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.prometheus import Scrape, exposition
from shared.db.operations.process_metrics import ProcessRow
from shared.db.workers import WorkerRow
from shared.metrics.instruments import FIRST_NOTE_SECONDS, HTTP_REQUESTS, RECORDED
from shared.metrics.snapshots import take_snapshot
from tests.architecture.source import ROOT

FOLDER = ROOT / "deploy" / "observability"
DOCUMENT = ROOT / "docs" / "operations.md"
ROW = re.compile(r"^\| `(ostinato_\w+)` \| (counter|gauge|histogram) \|", re.MULTILINE)
NAME = re.compile(r"\bostinato_\w+")
ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
"""What follows the name of a metric in the names of its series."""


def served() -> dict[str, str]:
    """The types of the metrics that the endpoint serves, by name."""
    families = text_string_to_metric_families(exposition(Scrape()).decode())
    return {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in families
    }


def series() -> set[str]:
    """The names of all series of these metrics."""
    return {
        name.removesuffix("_total") + ending
        for name, kind in served().items()
        for ending in ENDINGS[kind]
    }


def expressions() -> list[str]:
    """The queries of the dashboard and of the alert rules."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [
        *(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]),
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
    ]


def unknown(queries: list[str]) -> set[str]:
    return {name for query in queries for name in NAME.findall(query)} - series()


def promtool(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool. Without it the test is skipped; in CI it fails."""
    program = shutil.which("promtool")
    if program is None:
        reason = "promtool is missing: install the Debian package prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; with CI=true its tests must run")
        pytest.skip(reason)
    command = [program, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_the_table_of_the_documents_has_every_metric_that_is_served() -> None:
    assert dict(ROW.findall(DOCUMENT.read_text())) == served()


def test_dashboard_and_alert_rules_name_metrics_that_exist() -> None:
    queries = expressions()
    assert len(queries) > 20
    assert unknown(queries) == set()


def test_a_metric_that_does_not_exist_is_noticed() -> None:
    assert unknown(["rate(ostinato_engine_tokens[5m])"]) == {"ostinato_engine_tokens"}


def test_prometheus_accepts_configuration_and_rules() -> None:
    assert "SUCCESS" in promtool("check", "config", FOLDER / "prometheus.yml").stdout


def test_prometheus_accepts_the_metrics() -> None:
    HTTP_REQUESTS.labels("GET", "/v1/jobs", 200).inc()
    FIRST_NOTE_SECONDS.labels("mini").observe(1)
    samples = take_snapshot(RECORDED)
    stats = {"tokens": 5, "running": 2, "steps_by_fill": [1] * 10, "fill_sum": 5.5}
    worker = WorkerRow(id=uuid4(), name="7@a", engine_stats=stats, load_errors={"v7": "x"})
    scrape = Scrape(
        pending=[("generate.batch", "mini", 3)],
        workers=[worker, replace(worker, name="8@a")],
        processes=[ProcessRow(service="gateway", name=name, samples=samples) for name in "ab"],
        promoted={"mini": "a"},
    )
    completed = promtool("check", "metrics", stdin=exposition(scrape).decode())
    assert (completed.returncode, completed.stdout + completed.stderr) == (0, "")


def test_the_alert_rules_pass_their_unit_tests() -> None:
    completed = promtool("test", "rules", FOLDER / "alerts_test.yml")
    assert completed.returncode == 0, completed.stdout + completed.stderr


def test_a_wrong_rule_fails_its_unit_tests(tmp_path: Path) -> None:
    for name in ("alerts.yml", "alerts_test.yml"):
        text = (FOLDER / name).read_text()
        (tmp_path / name).write_text(text.replace("lag_seconds > 30", "lag_seconds > 9e9"))
    assert promtool("test", "rules", tmp_path / "alerts_test.yml").returncode != 0


def test_every_alert_has_a_unit_test_that_raises_it() -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())
    raised = {
        case["alertname"]
        for test in tests["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    assert {rule["alert"] for group in rules["groups"] for rule in group["rules"]} == raised
