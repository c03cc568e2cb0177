"""The model: what scikit-learn's forest says, as plain arrays; another version or a made-up file is refused."""

import numpy as np
import pytest

from detectors.anomaly.features import FEATURES, LEAST_AGE, VERSION, busy, features, scaled
from detectors.anomaly.model import AnomalyModel, ModelError, of_arrays
from detectors.anomaly.train import BACKGROUND, SAMPLES, SEED, TREES, Clean, background, train

from . import site


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    """Of forty ordinary windows."""
    return site.trained()


def test_it_scores_as_scikit_learn_does() -> None:
    """The same forest, the same numbers, also for what it never saw."""
    from sklearn.ensemble import IsolationForest

    looking = site.watching()
    records = np.concatenate([r for b in site.batches(range(40)) for r in looking.take(b)])
    model, values = train(Clean(records, 1)), features(busy(records))
    grown = int(len(values) * 0.7)
    among = np.concatenate([scaled(values)[:grown], background(int(grown * BACKGROUND))])
    forest = IsolationForest(n_estimators=TREES, max_samples=SAMPLES, random_state=SEED).fit(among)
    odd = np.vstack([values, values * 7, np.zeros((1, len(FEATURES)))])
    np.testing.assert_allclose(model.scores(odd), -forest.score_samples(scaled(odd)), atol=1e-9)


def test_it_knows_what_it_was_trained_on(model: AnomalyModel) -> None:
    """Names, span, version of scikit-learn; no clean window is above the threshold."""
    import sklearn

    assert (VERSION, FEATURES, sklearn.__version__) == (model.version, model.features, model.sklearn)
    assert ((site.FIRST + LEAST_AGE) * 300_000, len(site.DESKS) + len(site.SERVERS)) == (
        model.trained_from_ms,
        model.hosts,
    )
    assert model.trained_to_ms == (site.FIRST + 40) * 300_000


def test_the_same_windows_give_the_same_model(model: AnomalyModel) -> None:
    """Training is deterministic."""
    again = site.trained().to_arrays()
    assert all(np.array_equal(value, again[name]) for name, value in model.to_arrays().items())


def test_arrays_and_back(model: AnomalyModel) -> None:
    """Nothing is lost."""
    values = np.random.default_rng(1).random((20, len(FEATURES))) * 50
    np.testing.assert_array_equal(model.scores(values), of_arrays(model.to_arrays()).scores(values))


@pytest.mark.parametrize(
    ("name", "value"),
    [("version", VERSION + 1), ("features", ["peers"]), ("window_ms", 60_000)],
)
def test_another_version_is_refused(model: AnomalyModel, name: str, value: object) -> None:
    """Features that mean something else must not be scored."""
    with pytest.raises(ModelError, match="train it again"):
        of_arrays({**model.to_arrays(), name: np.asarray(value)})


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("left", lambda a: np.where(a >= 0, 0, a)),  # back to the root: scoring would never end
        ("right", lambda a: np.where(a >= 0, len(a), a)),
        ("feature", lambda a: a + len(FEATURES)),
        ("roots", lambda a: a - 1),
        ("split", lambda a: a[:-1]),
        ("path", lambda a: a * np.nan),
        ("usual", lambda a: a[:2]),
        ("average_path", lambda a: a * 0),
        ("every", lambda a: a * 0),
        ("threshold", lambda a: np.array([f"over {a}"])),
    ],
)
def test_a_made_up_model_is_refused(model: AnomalyModel, name: str, changed: object) -> None:
    """Whatever is wrong: an error, no endless loop, no wrong memory."""
    held = model.to_arrays()
    with pytest.raises(ModelError, match="is no anomaly model"):
        of_arrays({**held, name: changed(held[name])})  # type: ignore[operator]


def test_a_part_that_is_missing_is_named(model: AnomalyModel) -> None:
    """By its name."""
    held = model.to_arrays()
    del held["split"]
    with pytest.raises(ModelError, match="split"):
        of_arrays(held)


def test_too_little_to_learn_from() -> None:
    """A few windows are no site."""
    with pytest.raises(ModelError, match="too few"):
        site.trained(range(3))
