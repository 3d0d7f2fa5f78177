# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a browser shows it: without a network, without an error, readable in light, in dark and on a phone.

``IMPAX_PICTURE=docs/images/report.png`` renews the picture of the documentation.
"""

import os
from pathlib import Path

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.write import write
from playwright.sync_api import sync_playwright
from support import hospital

CHROMIUM = "/usr/bin/chromium"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}

# Contrast of every piece of text against the nearest background behind it, by WCAG 2.1's formula (1.4.3).
CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.className} ${walk.currentNode.data.trim().slice(0, 30)}`);
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write(hospital.report(), tmp_path_factory.mktemp("report"), ("html",))[0]


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: make apt")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=[("desk", "light"), ("desk", "dark"), ("phone", "light")], ids="-".join)
def page(request, browser, page_file):
    size, scheme = request.param
    width, height = SIZES[size]
    context = browser.new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.said, opened.asked = [], []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.on("request", lambda request_: opened.asked.append(request_.url))
    opened.goto(page_file.as_uri())
    yield opened
    context.close()


def test_it_asks_for_nothing_and_complains_of_nothing(page, page_file):
    assert page.asked == [page_file.as_uri()]
    assert page.said == []


def test_all_text_has_enough_contrast(page):
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.evaluate(CONTRAST) == []


def test_nothing_sticks_out_at_the_side(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_verdict_is_the_first_thing_to_be_seen(page):
    box = page.locator(".stamp").bounding_box()
    assert page.locator(".stamp").inner_text() == "NO-GO"
    assert box["y"] + box["height"] < page.viewport_size["height"] / 2


def test_the_matrix_has_every_section_and_station(page):
    matrix = page.locator("table.matrix")
    assert [text.split("\n")[0] for text in matrix.locator("thead th").all_inner_texts()][1:] == list(hospital.STATIONS)
    assert matrix.locator("tbody tr:not(.stage) th b").all_inner_texts() != []
    assert sorted(matrix.locator("tbody th b").all_inner_texts()) == [f"S{number:02}" for number in range(1, 37)]


def test_the_command_to_approve_is_there_as_it_has_to_be_typed(page):
    typed = page.locator("#attention ~ .item code.type").first.inner_text()
    assert typed.startswith(
        "impax-prepare approve site audit_table.map_event_audit.truncate --station as300 --evidence "
    )
    assert typed.endswith("--by NAME --allow no_backup")


def test_evidence_opens_without_a_script(page):
    details = page.locator("details").first
    assert not details.locator("table").is_visible()
    details.locator("summary").click()
    assert details.locator("table").is_visible()


def test_it_prints_with_its_evidence(browser, page_file, tmp_path):
    page = browser.new_context(offline=True).new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert page.locator("details table").first.is_visible()
    page.pdf(path=tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").stat().st_size > 20_000


@pytest.mark.skipif("IMPAX_PICTURE" not in os.environ, reason="renews a picture of the documentation")
def test_the_picture(browser, page_file):
    page = browser.new_context(viewport={"width": 1280, "height": 1600}, device_scale_factor=1).new_page()
    page.goto(page_file.as_uri())
    page.screenshot(path=os.environ["IMPAX_PICTURE"], full_page=bool(os.environ.get("IMPAX_WHOLE")))
