"""The net that is learned and the one in the package are one and the same."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.flattened.features import SITE, line_features
from pipeline.flattened.net import pack_lines, probabilities, unpack_lines, words_in_lines

torch = pytest.importorskip("torch", reason="learning needs pip install 'pagemill[train]'")

from training.line_net import LineNet, Look, batch_of, weights_of  # noqa: E402 (without torch it cannot be read)
from training.line_pages import LinePage  # noqa: E402
from training.pages import Truth  # noqa: E402

VOCABULARY = {"home": 1, "the": 2, "$friday": 3}
TRUTH = Truth(path=Path("page"), dataset="set", id="1", domain="example.org", page_type="article", url=None, text="")
MENU = ["Home", "News", "Sport", "Log in"]
STORY = [
    "The lower bridge was closed before dawn, the mayor said on Friday.",
    "Nobody was hurt, said the fire service.",
]


def look_at(lines):
    features, sizes = line_features(lines, [False] * len(lines))
    words = words_in_lines(lines, VOCABULARY)
    page = LinePage(
        truth=TRUTH,
        way="resiliparse",
        lines=lines,
        gaps=[False] * len(lines),
        features=features,
        words=[],
        sizes=sizes.astype(np.float32),
        shares=np.zeros(len(lines), dtype=np.float32),
    )
    return Look(page=page, words=words, site=np.zeros((len(lines), SITE)), span=slice(0, len(lines)))


def test_what_was_learned_says_the_same_in_the_package():
    """Two pages in one batch of PyTorch come out as each comes out alone in NumPy, up to the grid."""
    looks = [look_at([*MENU, *STORY] * 5), look_at([*STORY, *MENU])]
    width = SITE + looks[0].page.features.shape[1]
    scales = (np.zeros(width), np.full(width, 0.5))
    torch.manual_seed(3)
    net = LineNet(width, len(VOCABULARY) + 1).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(3)
    weights = unpack_lines(pack_lines(weights_of([net], VOCABULARY, scales)))
    batch = batch_of(looks, scales)
    with torch.no_grad():
        learned = torch.sigmoid(net(batch)[1])[batch.there[:, 0] > 0].numpy()
    features = [np.concatenate([look.site, look.page.features], axis=1) for look in looks]
    packed = [
        probabilities(rows, look.words, look.page.sizes.astype(np.float64), weights)
        for rows, look in zip(features, looks, strict=True)
    ]
    assert np.abs(learned - np.concatenate(packed)).max() < 0.01
    assert np.ptp(learned) > 0.02
