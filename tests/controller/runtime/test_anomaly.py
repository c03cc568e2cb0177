"""The model file: written whole, read with every check, never unpickled; trained by the command line."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import controller.runtime.replay as replaying
from controller.core.errors import ConfigError, UsageError
from controller.runtime.anomaly import described, learn, load, observer, save
from controller.runtime.catalog import load_catalog
from controller.runtime.settings import load_settings
from controller.runtime.tuning import Recorded
from detectors.address import INTERNAL, Networks
from detectors.anomaly.model import AnomalyModel
from tests.detectors import flows as f
from tests.detectors.anomaly import site


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    """Learned from recorded flows of a small site."""
    recorded = Recorded("site", lambda: site.batches(range(40)), site.edge)
    return learn([recorded], internal=INTERNAL, host_roles={}, catalog=load_catalog(), every=1)


def test_a_model_is_kept_as_it_is(model: AnomalyModel, tmp_path: Path) -> None:
    """What is read scores as what was written; nothing else is left in the folder."""
    save(model, tmp_path / "site.npz")
    again = load(tmp_path / "site.npz")
    assert described(model) == described(again)
    values = np.random.default_rng(1).random((9, len(model.features))) * 40
    np.testing.assert_array_equal(model.scores(values), again.scores(values))
    assert ["site.npz"] == [path.name for path in tmp_path.iterdir()]


def test_hosts_that_a_role_excuses_are_not_learned_from(model: AnomalyModel) -> None:
    """One machine fewer."""
    recorded = Recorded("site", lambda: site.batches(range(40)), site.edge)
    roles = {f.packed(f.ip_of(1)): "nms", f.packed(f.ip_of(2)): "pacs"}  # pacs softens other detectors
    fewer = learn([recorded], internal=INTERNAL, host_roles=roles, catalog=load_catalog(), every=1)
    assert model.hosts - 1 == fewer.hosts


def test_too_little_is_said(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(UsageError, match="too few"):
        learn([Recorded("none", list)], internal=INTERNAL, host_roles={}, catalog=load_catalog())


class Harm:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    """Neither as the file nor inside it: refused, and nothing of it ran."""
    harm = tmp_path / "harm"
    (tmp_path / "a.npz").write_bytes(pickle.dumps(Harm(harm)))
    np.savez(tmp_path / "b.npz", version=np.array([Harm(harm)], dtype=object), allow_pickle=True)
    for name in ("a.npz", "b.npz"):
        with pytest.raises(ConfigError, match="no anomaly model"):
            load(tmp_path / name)
    assert not harm.exists()


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_broken_file_is_refused(model: AnomalyModel, tmp_path: Path, cut: int) -> None:
    """With the file's name and what to do."""
    save(model, tmp_path / "site.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "site.npz").read_bytes()[:cut])
    with pytest.raises(ConfigError, match=r"cut\.npz"):
        load(tmp_path / "cut.npz")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.npz")


def test_another_version_is_refused(model: AnomalyModel, tmp_path: Path) -> None:
    """Trained again, it can be used."""
    np.savez(tmp_path / "old.npz", allow_pickle=False, **{**model.to_arrays(), "version": np.asarray(0)})
    with pytest.raises(ConfigError, match="train it again"):
        load(tmp_path / "old.npz")


def test_the_detector_takes_its_pace_from_the_model(model: AnomalyModel) -> None:
    """A model of every window is asked about every window."""
    looking = observer(model, load_catalog(), Networks(INTERNAL), site.edge)
    for batch in site.batches(range(50, 58)):
        list(looking.take(batch))
    list(looking.flush())
    assert looking.counts.scored > 20


def test_a_replay_with_the_model(model: AnomalyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows after the learned ones: the odd one is the last of the recording, and is told though none follows it."""
    rows = [*(row for n in range(40, 50) for row in site.ordinary(n, seed=2)), *site.quiet_scan(49, targets=200)]
    recording = [f.batch_of(sorted(rows, key=lambda row: row["received_ms"]))]
    monkeypatch.setattr(replaying, "captures_of", lambda _path, _told: iter([iter(recording)]))
    monkeypatch.setattr(replaying, "batches_of", lambda _path: iter(recording))

    def unlike(**options: AnomalyModel) -> set[str]:
        found = replaying.replay(Path("site.pcap"), **options)  # type: ignore[arg-type]
        return {alert["src_ip"] for alert in found if "anomaly" in [x["detector"] for x in alert["findings"]]}

    assert (set(), {f.ip_of(1)}) == (unlike(), unlike(model=model))


def test_its_place_is_relative_to_the_configuration(tmp_path: Path) -> None:
    """As all paths in it."""
    (tmp_path / "cordon.yaml").write_text("detection: {anomaly_model: site.npz}\n", encoding="utf-8")
    assert tmp_path / "site.npz" == load_settings(tmp_path / "cordon.yaml", {}).detection.anomaly_model
