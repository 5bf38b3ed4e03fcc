from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest

from robomem.errors import CheckpointError, ConfigError
from robomem.evaluate.chart import _ticks, group, png, svg
from robomem.evaluate.evaluation import Evaluation
from robomem.evaluate.report import Entry, write_report
from robomem.rollout import EpisodeRow

SLOW = [{"step": 0, "success": 0.0}, {"step": 100, "success": 0.5}, {"step": 200, "success": 1.0}]
FAST = [{"step": 0, "success": 0.0}, {"step": 50, "success": 1.0}, {"step": 150, "success": 1.0}]


def test_runs_are_averaged_on_the_steps_they_share() -> None:
    line = group("gru", [SLOW, FAST])
    assert line.label == "gru (2 seeds)"
    np.testing.assert_allclose(line.x, [0, 50, 100, 150])
    np.testing.assert_allclose(line.y, [0, (0.25 + 1) / 2, 0.75, (0.75 + 1) / 2])
    np.testing.assert_allclose(line.low, [0, 0.25, 0.5, 0.75])
    np.testing.assert_allclose(line.high, [0, 1, 1, 1])


def test_a_single_run_shows_its_own_interval() -> None:
    curve = [{**entry, "success_low": entry["success"] / 2, "success_high": 1.0} for entry in SLOW]
    line = group("gru", [curve])
    assert line.label == "gru"
    np.testing.assert_allclose(line.low, [0, 0.25, 0.5])
    np.testing.assert_allclose(line.high, [1, 1, 1])


def test_a_number_that_was_never_measured_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no 'return'; its evaluations have step, success"):
        group("gru", [SLOW], "return")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 300_000), (-7.3, 12.9), (0, 1e-3), (3, 3.5)])
def test_ticks_are_few_round_and_inside(low: float, high: float) -> None:
    ticks = _ticks(low, high)
    assert 3 <= len(ticks) <= 7
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0])


def test_svg_is_well_formed_inside_its_box_and_escapes() -> None:
    text = svg([group("<script>", [SLOW]), group("b", [FAST])])
    figure = ElementTree.fromstring(text)
    assert "<script>" not in text
    for polyline in figure.iter("polyline"):
        points = np.array([list(map(float, point.split(","))) for point in polyline.attrib["points"].split()])
        assert (points >= 0).all()
        assert (points <= [720, 330]).all()
        assert points[0, 1] > points[-1, 1], "success goes up"


def test_png_is_a_picture(tmp_path: Path) -> None:
    png([group("gru", [SLOW, FAST])], tmp_path / "deep" / "c.png", title="t")
    picture = matplotlib.image.imread(tmp_path / "deep" / "c.png")
    assert picture.shape[1] > picture.shape[0] > 300
    assert picture[..., :3].std() > 0.01


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_report_is_one_file_that_needs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"not really")
    rows = tuple(EpisodeRow(seed, 1.0, 9, seed % 4 > 0, True, False, False) for seed in range(40))
    evaluation = Evaluation("hcam", "robomem/RecallReach-v0", {}, 0, 1, True, rows, chance=0.25)
    entries = [
        Entry("<hcam>", "a & b", evaluation, [tmp_path / "film.mp4"], {"out": Path("x")}),
        Entry("zero"),
    ]
    path = write_report(tmp_path / "r.html", "Title", entries, text="lead", lines=[group("hcam", [SLOW])])
    page = path.read_text()
    tags = Tags()
    tags.feed(page)
    assert "$" not in re.sub(r"base64,[^\"]*", "", page), "every placeholder is filled"
    assert page.count("&lt;hcam&gt;") == 2
    assert "<hcam>" not in page
    assert "75.0%" in page
    assert "guessing" in page
    assert "prefers-color-scheme: dark" in page
    links = [attrs.get(name) for _, attrs in tags.seen for name in ("src", "href") if attrs.get(name)]
    assert len(links) == 1
    assert all(link is not None and link.startswith("data:") for link in links)
    with pytest.raises(CheckpointError, match="cannot be read"):
        write_report(tmp_path / "r.html", "Title", [Entry("a", films=[tmp_path / "missing.mp4"])])
