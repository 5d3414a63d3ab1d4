"""Which decision applies where, as the report shows it."""

from simulator.report.text.decisions import applied_decisions

SCENARIO = {
    "policies": {
        "base": {
            "replenishment": {"kind": "s_S", "s": 5, "S": 9},
            "acceptance": {"default": {"kind": "never"}, "segments": {"b2b": {"default": {"kind": "always"}}}},
            "window": {"kind": "none"},
        },
        "seasonal": {
            "extends": "base",
            "schedule": [
                {"from": "2025-09-15", "to": "2025-12-20", "replenishment": {"S": 20}},
                {"while": {"late": "importer"}, "acceptance": {"items": {"lamp": {"kind": "never"}}}},
            ],
        },
    }
}


def test_every_decision_that_is_not_for_all_and_always_has_a_row():
    rows = [(d.policy, d.decision, d.to, d.when, d.rule["kind"]) for d in applied_decisions(SCENARIO)]
    assert rows[:2] == [
        ("base", "acceptance", "all others", "", "never"),
        ("base", "acceptance", "segment b2b, all others", "", "always"),
    ]
    assert rows[2:4] == [("seasonal", *row[1:]) for row in rows[:2]]
    assert rows[4] == ("seasonal", "replenishment", "all", "from 2025-09-15 to 2025-12-20", "s_S")
    assert rows[5] == ("seasonal", "acceptance", "item lamp", "while importer is late", "never")
    assert next(d for d in applied_decisions(SCENARIO) if d.when).rule == {"kind": "s_S", "s": 5, "S": 20}


def test_policies_with_one_decision_for_all_have_none():
    assert not list(applied_decisions({"policies": {"base": {"window": {"kind": "none"}}}}))
    assert not list(applied_decisions({}))
