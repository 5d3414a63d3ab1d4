"""Checks as JUnit XML, which continuous integration systems show test by test."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from simulator.experiment.results.check import CheckResult
from simulator.experiment.results.expectations import HOLDS
from simulator.foundation.errors import visible
from simulator.report.terminal.comparison import failures, measured


def junit(found: Iterable[CheckResult]) -> bytes:
    """A suite for each scenario: a case for each expectation, and one for the baseline."""
    suites = Xml.Element("testsuites", name="backorder check")
    for check in found:
        name = _clean(check.results.scenario_name)
        cases = [*_expectations(check, name), _baseline(check, name)]
        failed = sum(case.find("failure") is not None for case in cases)
        skipped = sum(case.find("skipped") is not None for case in cases)
        count = {"tests": str(len(cases)), "failures": str(failed), "errors": "0", "skipped": str(skipped)}
        suite = Xml.SubElement(suites, "testsuite", {"name": name, **count})
        origin = Xml.SubElement(suite, "properties")
        for key, value in _origin(check):
            Xml.SubElement(origin, "property", name=key, value=_clean(value))
        suite.extend(cases)
    Xml.indent(suites)
    body: bytes = Xml.tostring(suites, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _origin(check: CheckResult) -> Iterable[tuple[str, str]]:
    """What has to be the same for the same values: seed, fingerprint, versions."""
    manifest, n = check.results.manifest, check.results.replications
    yield from (("seed", str(manifest.seed)), ("replications", str(n)), ("fingerprint", manifest.fingerprint))
    yield from ((f"version.{name}", value) for name, value in manifest.versions.items())


def _expectations(check: CheckResult, name: str) -> Iterable[Xml.Element]:
    for j in check.judgements:
        case = Xml.Element("testcase", classname=name, name=_clean(str(j.expectation)))
        said = _clean(measured(j, check.results.manifest.labels))
        if j.outcome == HOLDS:
            Xml.SubElement(case, "system-out").text = said
        else:
            Xml.SubElement(case, "failure", type=j.outcome, message=f"{j.outcome}: {said}")
        yield case


def _baseline(check: CheckResult, name: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=name, name="baseline")
    if check.comparison is None and check.updated:
        Xml.SubElement(case, "system-out").text = _clean(f"baseline written: {check.path}")
    elif check.empty:
        said = _clean(f"no baseline at {check.path}; no `expect:` either")
        Xml.SubElement(case, "failure", type="empty", message=said)
    elif check.comparison is None:
        Xml.SubElement(case, "skipped", message=_clean(f"no baseline at {check.path}"))
    elif check.moved:
        lines = [line for line in failures(check) if not line.startswith(("FAILS", "unclear"))]
        failure = Xml.SubElement(case, "failure", type="moved", message=f"{len(lines)} moved significantly")
        failure.text = _clean("\n".join(lines))
    return case


def _clean(text: str) -> str:
    """The text with escapes for characters that XML 1.0 does not allow, and for others that a log would hide."""
    return visible(text, "\t\n").translate({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})
