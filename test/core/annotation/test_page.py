"""The page in a real headless browser, against the real server; what counts is what is in the file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from annotation.browser import chromium
from annotation.folders import open_session, photo_folder

from hotspot_core.annotation.server import AnnotationServer
from hotspot_core.data.annotation_files import read_annotations

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AnnotationServer]:
    with AnnotationServer(open_session(photo_folder(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Page:
    """What a user does and sees."""

    def __init__(self, browser: Chrome, url: str) -> None:
        from selenium.webdriver import ActionChains

        self.browser, self.chain = browser, lambda: ActionChains(browser, duration=0)
        browser.get("about:blank")
        browser.get(url)
        self.until(lambda: self.script("return document.body.dataset.ready !== undefined"))

    def script(self, code: str) -> Any:
        return self.browser.execute_script(code)

    def until(self, true: Callable[[], object]) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.browser, 20, poll_frequency=0.02).until(lambda _: true())

    def settled(self) -> None:
        self.until(lambda: self.script("return !saving && !dirty"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.chain().send_keys(key).perform()
            self.settled()

    def click(self, x: float, y: float, button: str = "click") -> None:
        """At a place in pixels of the image."""
        code = "const b = stage.getBoundingClientRect(); return [b.left + view.x, b.top + view.y, view.scale]"
        left, top, scale = self.script(code)
        chain = self.chain()
        chain.w3c_actions.pointer_action.move_to_location(round(left + x * scale), round(top + y * scale))
        getattr(chain, button)().perform()
        self.settled()

    def text(self, name: str) -> str:
        return str(self.script(f"return document.getElementById('{name}').textContent"))

    def image(self) -> int:
        return int(self.script("return index"))


def points(server: AnnotationServer) -> dict[tuple[str, str], list[list[float]]]:
    """(image, action) -> points of the file, which is read as training reads it."""
    read = read_annotations(server.session.document.path, allow_empty=True)
    return {(entry.image.name, entry.action): entry.points.tolist() for entry in read.entries}


def test_clicks_and_keys_make_the_file(browser: Chrome, server: AnnotationServer) -> None:
    """1. Clicks are points where they fall, of the chosen action. 2. Enter: done, the next image comes; it has no
    point and is empty after Enter. 3. The third is skipped. 4. All are counted. 5. Nothing is on the console."""
    page = Page(browser, server.url)
    page.click(20, 30)
    page.press("2")
    page.click(60, 10)
    page.click(70, 50)
    found = points(server)
    assert {key: len(places) for key, places in found.items()} == {("a.png", "open"): 1, ("a.png", "press"): 2}
    assert found["a.png", "open"][0] == pytest.approx([20, 30], abs=0.1)
    assert found["a.png", "press"][1] == pytest.approx([70, 50], abs=0.1)
    page.press("\ue007")
    page.until(lambda: page.image() == 1)
    page.press("\ue007")
    page.until(lambda: page.image() == 2)
    page.press("s")
    page.until(lambda: "All images are done or skipped" in page.text("message"))
    assert page.text("count") == "2 of 3 done, 1 skipped"
    read = read_annotations(server.session.document.path)
    assert [one.image.name for one in read.empty] == ["b.jpg"]
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]


def test_everything_works_by_keys(browser: Chrome, server: AnnotationServer) -> None:
    """1. The cursor begins in the middle; arrows move it; Space sets a point. 2. Zoomed in, an arrow moves it less. 3.
    An object is named. 4. Delete takes the nearest point away; undo and redo, and undo on an earlier image."""
    page = Page(browser, server.url)
    scale = page.script("return view.scale")
    page.press("\ue014", " ")
    assert points(server)["a.png", "open"] == [[pytest.approx(40 + 5 / scale, abs=0.01), 30]]
    page.press("+", "\ue013", " ")
    assert points(server)["a.png", "open"][1][1] == pytest.approx(30 - 5 / scale / 1.5, abs=0.01)
    page.press("o", "door", "\ue007")
    (entry,) = read_annotations(server.session.document.path).entries
    assert entry.object == "door"
    page.press("\ue017")
    assert len(points(server)["a.png", "open"]) == 1
    page.press("u")
    assert len(points(server)["a.png", "open"]) == 2
    page.press("r")
    assert len(points(server)["a.png", "open"]) == 1
    page.press("n")
    page.until(lambda: page.image() == 1)
    page.press("u")
    page.until(lambda: page.image() == 0)
    page.until(lambda: len(points(server)["a.png", "open"]) == 2)


def test_a_right_click_takes_a_point_away_and_zooming_keeps_places(browser: Chrome, server: AnnotationServer) -> None:
    page = Page(browser, server.url)
    page.click(10, 10)
    page.click(50, 40)
    page.press("+", "+")
    page.click(45, 35)
    page.click(48, 38, "context_click")
    found = points(server)["a.png", "open"]
    assert len(found) == 2
    assert found[0] == pytest.approx([10, 10], abs=0.1)
    assert min(found[1]) >= 34


def test_two_tabs_do_not_overwrite_one_another(browser: Chrome, server: AnnotationServer) -> None:
    """1. A page shows an image; another page's point on it is saved. 2. A point set on the first page, which does not
    know, is refused with a message, and it shows the other's. 3. Set again, it is saved beside the other's."""
    page = Page(browser, server.url)
    server.session.save(
        0,
        {
            "version": 0,
            "marks": {"points": {"open": [[5, 5]]}, "objects": {}, "complete": [], "skipped": False},
        },
    )
    page.click(40, 30)
    assert "Changed in another tab" in page.text("message")
    assert points(server)["a.png", "open"] == [[5, 5]]
    assert page.script("return shown.marks.points.open") == [[5, 5]]
    page.click(40, 30)
    assert len(points(server)["a.png", "open"]) == 2


def test_the_guess_is_shown_on_request(browser: Chrome, server: AnnotationServer) -> None:
    """The model's heatmap appears with G and goes with it; nothing of it gets into the file."""
    page = Page(browser, server.url)
    assert page.script("return document.getElementById('heat').hidden")
    page.press("g")
    page.until(lambda: not page.script("return document.getElementById('heat').hidden"))
    assert page.text("message") == "The model's guess for open."
    page.press("g")
    assert page.script("return document.getElementById('heat').hidden")
    assert not server.session.document.path.exists()


def test_a_page_tells_when_the_server_is_gone(browser: Chrome, server: AnnotationServer) -> None:
    """The point stays on the page with a message, and is saved once the server answers again."""
    page = Page(browser, server.url)
    page.script("window.realFetch = fetch; fetch = () => Promise.reject(new TypeError('gone'))")
    chain = page.chain()
    chain.send_keys(" ").perform()
    page.until(lambda: "does not answer" in page.text("message"))
    assert not server.session.document.path.exists()
    page.script("fetch = window.realFetch")
    page.until(lambda: page.text("saved") == "Saved ✓")
    assert points(server)["a.png", "open"] == [[40, 30]]


def test_an_old_address_is_refused_with_a_reason(browser: Chrome, server: AnnotationServer) -> None:
    browser.get(server.url.partition("?")[0] + "?token=old")
    assert "open the address that hotspot-annotate printed last" in browser.page_source
