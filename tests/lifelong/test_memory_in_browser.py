"""The page in a real Chromium: what is shown at a time, why, hostile names, forgetting, keys."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright import sync_api

from robomem.lifelong.demo import HOSTILE, START
from robomem.lifelong.opening import open_memory
from robomem.lifelong.records import Observation, Sighting
from robomem.serve.address import listen
from robomem.serve.memory.app import Site, make_app
from robomem.serve.memory.guard import Token, hosts_of

HOUSE = Path(__file__).parents[2] / "scripts/house/browser.py"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-default-apps"),
)
TOKEN = "the-token-of-this-test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = subprocess.run([sys.executable, str(HOUSE), "--find"], capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        pytest.skip(found.stderr.strip())
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def address(flat: Path, pictures: Path) -> Iterator[str]:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        site = Site(str(flat), None, None, pictures, tuple(hosts_of("127.0.0.1", port)), Token(TOKEN))
        server = uvicorn.Server(uvicorn.Config(make_app(site), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page, on which nothing may be loaded from elsewhere and no script may fail."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC")
    shown = context.new_page()
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}") or dialog.dismiss())
    shown.on("request", lambda asked: asked.url.startswith(address) or faults.append(f"asked for {asked.url}"))
    shown.on("console", lambda said: "Content Security Policy" in said.text and faults.append(said.text))
    shown.goto(address)
    shown.wait_for_selector(".thing")
    yield shown
    context.close()
    assert not faults


def things(page: Any) -> set[str]:
    return set(page.locator(".thing title").all_text_contents())


def place_of(page: Any, name: str) -> str:
    row = page.locator("#panel .things li", has=page.locator("bdi", has_text=name)).first
    return str(row.locator("small").inner_text())


def back_to(page: Any, hours: float) -> None:
    """Go back to the observation of a time with the keys, as somebody without a mouse does."""
    page.focus("#slider")
    wanted = START + 3600 * hours
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
        if float(page.locator("#slider").input_value()) <= wanted + 1:
            break
    shown = page.evaluate("String(document.querySelector('#slider').valueAsNumber)")
    sync_api.expect(page.locator("body")).to_have_attribute("data-shown", shown)


def test_the_slider_changes_what_is_shown(page):
    assert place_of(page, "red mug") == "on shelf"
    assert "note" in things(page)
    before = page.locator(".thing", has=page.locator("title", has_text="red mug")).bounding_box()
    back_to(page, 5.5)
    assert page.locator("#clock").inner_text() == "28 Sept 2026, 13:00"
    assert "Breakfast was had" in page.locator("#happened").inner_text()
    assert place_of(page, "red mug") == "on kitchen table"
    assert "note" not in things(page)
    page.wait_for_function(
        "x => Math.abs([...document.querySelectorAll('.thing')].find((one) => one.textContent.includes('red mug'))"
        ".getBoundingClientRect().x - x) > 50",
        arg=before["x"],
    )
    page.click("#now")
    sync_api.expect(page.locator("body")).to_have_attribute("data-shown", "now")
    assert place_of(page, "red mug") == "on shelf"


def test_as_known_then_differs_from_what_is_known_now(page, flat):
    with open_memory(flat, read_only=False) as memory:  # told late: where the kettle was on the first evening
        late = Sighting("kettle", "kettle", facts=(("on", "kitchen table"),))
        memory.observe(Observation(START + 3600 * 8.5, "The kettle was on the table, says the film.", (late,)))
    page.reload()
    page.wait_for_selector(".thing")
    back_to(page, 9.0)
    assert place_of(page, "kettle") == "on kitchen table"
    page.check("#known")
    sync_api.expect(page.locator("#panel .things li", has_text="kettle").locator("small")).to_have_text("on counter")


def test_why_shows_the_picture(page):
    page.get_by_role("button", name="object red mug").click()
    page.locator("#panel button.fact", has_text="red mug on shelf").first.click()
    picture = page.locator(".citation img")
    picture.wait_for()
    page.wait_for_function("() => document.querySelector('.citation img').naturalWidth > 0")
    assert picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [480, 320]
    assert "The red mug is clean" in page.locator(".citation q").inner_text()
    assert "red mug on counter" in page.locator("#panel").inner_text()


def test_hostile_names_stay_text(page):
    title = page.title()
    for name in HOSTILE:
        assert name in things(page)
        page.locator("#panel .things button", has_text=name).click()
        sync_api.expect(page.locator("#panel h2.title")).to_have_text(name)
        assert "only said" in page.locator("#panel").inner_text()
        page.locator("#panel button.fact").first.click()
        page.wait_for_selector(".citation")
        page.click("#all")
    assert page.title() == title
    assert page.locator("script").count() == 1


def test_a_question_is_answered(page):
    page.fill("#query", "red mug")
    page.keyboard.press("Enter")
    page.locator("#panel button.fact", has_text="red mug on shelf").wait_for()


def test_a_late_answer_does_not_take_the_place_of_what_is_looked_at_by_then(page):
    late: list[Any] = []
    page.route("**/api/search*", lambda route: late.append(route))
    page.fill("#query", "red mug")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#panel")).to_contain_text("Looking")
    page.click("#all")
    sync_api.expect(page.locator("#panel")).to_contain_text("Furniture", ignore_case=True)
    with page.expect_response("**/api/search*"):
        late[0].continue_()
    page.wait_for_timeout(200)
    sync_api.expect(page.locator("#panel")).to_contain_text("Furniture", ignore_case=True)
    assert page.locator("#panel q").count() == 0


def test_a_question_without_an_answer_is_not_looked_for_any_longer(page):
    page.route("**/api/search*", lambda route: route.fulfill(status=500, body='{"error": "the disk is full"}'))
    page.fill("#query", "red mug")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#panel")).to_contain_text("There was no answer")
    sync_api.expect(page.locator("#message")).to_be_visible()
    page.unroute("**/api/search*")
    page.keyboard.press("Enter")
    page.locator("#panel button.fact", has_text="red mug on shelf").wait_for()
    sync_api.expect(page.locator("#message")).to_be_hidden()


def test_forgetting_asks_for_reason_and_token(page, flat):
    page.get_by_role("button", name="object keys").click()
    page.get_by_role("button", name="Forget it").click()
    page.click("#forget-go")  # without either the form is not sent
    assert page.locator("#forget").evaluate("(dialog) => dialog.open")
    page.fill("#forget-reason", "Anna asked for it")
    page.fill("#forget-token", "a guess")
    page.click("#forget-go")
    sync_api.expect(page.locator("#forget-error")).to_contain_text("token")
    assert "keys" in things(page)
    page.fill("#forget-token", TOKEN)
    page.click("#forget-go")
    sync_api.expect(page.locator(".thing title", has_text="keys")).to_have_count(0)
    page.click("#audit")
    sync_api.expect(page.locator(".audit li")).to_contain_text("Anna asked for it")
    with open_memory(flat) as memory:
        assert not memory.entities("keys")


def test_what_the_robot_writes_meanwhile_appears(page, flat):
    with open_memory(flat, read_only=False) as memory:
        memory.observe(Observation(START + 3600 * 60, "A cat.", (Sighting("cat", facts=(("on", "sofa"),)),)))
    sync_api.expect(page.locator(".thing title", has_text="cat")).to_have_count(1, timeout=30_000)


def test_everything_is_reached_with_keys(page):
    page.focus("#map")
    thing = page.locator(".thing").first
    before = thing.get_attribute("style")
    for key in ("ArrowLeft", "+"):
        page.keyboard.press(key)
        sync_api.expect(thing).not_to_have_attribute("style", before)
        before = thing.get_attribute("style")
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Tab")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#panel h2.title")).to_have_text(name.split(" ", 1)[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page, scheme):
    page.emulate_media(color_scheme=scheme)
    pairs = page.evaluate(
        """() => ['#clock', '#happened', '#panel h2', '#panel small', 'h1'].map((selector) => {
            const shown = document.querySelector(selector);
            let ground = shown;
            while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
            return [selector, getComputedStyle(shown).color, getComputedStyle(ground).backgroundColor];
        })"""
    )
    for selector, ink, ground in pairs:
        assert _contrast(ink, ground) >= 4.5, (selector, ink, ground)  # WCAG 2.2, level AA


def test_the_api_page_needs_no_other_host(page, address):
    page.goto(f"{address}/docs")
    sync_api.expect(page.locator("h2", has_text="POST /api/forget")).to_have_count(1)


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, ``rgb(r, g, b)``, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
