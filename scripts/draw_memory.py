"""Draw the memory's page for the documentation, docs/images/memory*.jpg, in the Chromium that the tests use."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from robomem.lifelong.demo import fill_kitchen
from robomem.serialization import write_atomically
from robomem.serve.address import listen
from robomem.serve.memory.app import Site, make_app
from robomem.serve.memory.guard import Token, hosts_of

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 760}
STEPS_BACK = 10
"""Observations back from the last one: the red mug stands on the kitchen table."""


def main() -> None:
    chromium = subprocess.run([sys.executable, ROOT / "scripts/house/browser.py"], capture_output=True, text=True)
    with tempfile.TemporaryDirectory() as folder, listen("127.0.0.1", 0) as listening:
        kitchen = Path(folder) / "kitchen.db"
        fill_kitchen(kitchen, encoder="hash")
        port = listening.getsockname()[1]
        media = kitchen.with_name("kitchen-pictures")
        site = Site(str(kitchen), None, None, media, tuple(hosts_of("127.0.0.1", port)), Token())
        server = uvicorn.Server(uvicorn.Config(make_app(site), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.stdout.strip(), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport=SIZE, locale="en-GB", timezone_id="UTC")
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector(".thing")
            write("memory", page)
            why(page)
            page.emulate_media(color_scheme="dark")
            write("memory-why", page)
            browser.close()
        server.should_exit = True
        thread.join()


def why(page: Page) -> None:
    """Go back in time and ask why the red mug is believed to be where it is."""
    page.focus("#slider")
    for _ in range(STEPS_BACK):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="object red mug").click()
    page.locator("#panel button.fact", has_text="red mug on kitchen table").first.click()
    page.wait_for_function("() => document.querySelector('.citation img')?.naturalWidth > 0")


def write(name: str, page: Page) -> None:
    page.wait_for_timeout(800)  # things glide to where they were
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88, optimize=True)
    write_atomically(FOLDER / f"{name}.jpg", content.getvalue())


if __name__ == "__main__":
    main()
