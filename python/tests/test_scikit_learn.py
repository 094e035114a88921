"""scikit-learn's own checks of estimators."""

import pytest

import tusk

checks = pytest.importorskip("sklearn.utils.estimator_checks")

# X is pairs of ids, [n, 2]: names of users and items, and no features.
COLUMNS = "the check's X has another number of columns than two, a user and an item"
NAMES = "the check's X has fractions, and ids are whole numbers or texts"

#: Checks that fail, and why.
EXPECTED = {
    **dict.fromkeys(
        (
            "check_dict_unchanged",
            "check_dont_overwrite_parameters",
            "check_dtype_object",
            "check_estimators_dtypes",
            "check_estimators_nan_inf",
            "check_estimators_pickle",
            "check_f_contiguous_array_estimator",
            "check_fit2d_1sample",
            "check_fit2d_predict1d",
            "check_fit_score_takes_y",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
            "check_n_features_in_after_fitting",
            "check_pipeline_consistency",
            "check_regressor_data_not_an_array",
            "check_regressors_int",
            "check_regressors_no_decision_function",
            "check_regressors_train",
            "check_supervised_y_2d",
        ),
        COLUMNS,
    ),
    **dict.fromkeys(
        (
            "check_estimators_fit_returns_self",
            "check_estimators_overwrite_params",
            "check_estimators_partial_fit_n_features",
            "check_fit_check_is_fitted",
            "check_fit_idempotent",
            "check_n_features_in",
            "check_positive_only_tag_during_fit",
            "check_readonly_memmap_input",
        ),
        NAMES,
    ),
}


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
