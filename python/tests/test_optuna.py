"""A study of Optuna that several processes share by a journal file."""

import subprocess
import sys
import time

import pytest

optuna = pytest.importorskip("optuna")

STUDY = """
import sys
import optuna, tusk
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

data = tusk.synthetic("ml-100k")
folds = data.folds(2)

def objective(trial):
    model = tusk.suggest(trial, tusk.MF(epochs=2, n_jobs=1), data, only=["factors", "learning_rate"])
    return tusk.cross_validate(model, data, folds).rmse

study = optuna.create_study(study_name="mf", storage=JournalStorage(JournalFileBackend(sys.argv[1])),
                            load_if_exists=True, sampler=optuna.samplers.TPESampler(seed=int(sys.argv[2])))
done = (optuna.trial.TrialState.COMPLETE,)
study.optimize(objective, callbacks=[optuna.study.MaxTrialsCallback(6, states=done)])
"""


def test_processes_share_a_journal(tmp_path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    journal = tmp_path / "study.log"

    def start(seed):
        return subprocess.Popen([sys.executable, "-c", STUDY, journal, str(seed)], stderr=subprocess.PIPE, text=True)

    def study():
        return optuna.load_study(study_name="mf", storage=JournalStorage(JournalFileBackend(str(journal))))

    killed = start(0)
    while killed.poll() is None and not (journal.exists() and b"learning_rate" in journal.read_bytes()):
        time.sleep(0.01)
    killed.kill()  # in a trial; the others go on without it
    killed.communicate()
    before = len(study().trials)
    assert 0 < before < 6
    for process in [start(1), start(2)]:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    done = [trial for trial in study().trials if trial.state == optuna.trial.TrialState.COMPLETE]
    assert 6 <= len(done) <= 7  # two may end at a time
    assert len({tuple(trial.params.items()) for trial in done}) == len(done)
    assert study().best_value == min(trial.value for trial in done)
