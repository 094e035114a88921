"""scikit-learn's own checks of estimators."""

import pytest

import tusk

checks = pytest.importorskip("sklearn.utils.estimator_checks")

NUMBERS = "X is pairs of ids of users and items, which are whole numbers or texts, not features"
PAIRS = "X has two columns, a user and an item; the check has others"

#: Checks that fail, and why.
EXPECTED = {}


def test_check_estimator():
    results = checks.check_estimator(
        tusk.Bias(), expected_failed_checks=EXPECTED, on_fail=None, on_skip=None
    )
    by_status = {}
    for result in results:
        by_status.setdefault(result["status"], {})[result["check_name"]] = result["exception"]
    failed = by_status.get("failed", {})
    assert not failed, "\n".join(f"{name}: {error}" for name, error in failed.items())
    # A check that passes is not listed.
    assert set(by_status.get("xfail", {})) == set(EXPECTED)
