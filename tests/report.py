"""Opens reports in headless Chromium: no error, no request, tables that sort and filter, charts that show values.

Usage: report.py CHROMIUM REPORT THOUSAND [PICTURES]: the report of a run against a baseline, one of a thousand trials, and a
folder for pictures of both."""

import re
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

chromium, report, thousand = sys.argv[1:4]
pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None


def check(what, is_so):
    if not is_so:
        sys.exit(f"failed: {what}")
    print(f"ok: {what}")


def opened(browser, path, **options):
    """The report in a page of its own, and what went wrong in it."""
    page = browser.new_page(**options)
    faults = []
    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: faults.append(f"request: {request.url}"))
    page.goto(Path(path).resolve().as_uri())
    # The page itself is the one request.
    check(f"{path}: one file is asked for", faults[:1] == [f"request: {Path(path).resolve().as_uri()}"])
    del faults[0]
    return page, faults


def see_all(page):
    """Scrolls through the page, so that every chart is drawn."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        chart.locator(".plot > svg").wait_for()


def column(table, key):
    """The shown texts of a column, row by row."""
    place = table.locator("thead th").evaluate_all("(all, key) => all.findIndex(one => one.dataset.key === key)", key)
    rows = table.locator("tbody tr:not([hidden])")
    return rows.evaluate_all("(rows, place) => rows.map(row => row.cells[place].textContent)", place)


def natural(name):
    """A key by which numbers within names count as numbers."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def tables(page):
    table = page.locator("#results .table").first
    head = table.locator('th[data-key="case"]')
    head.locator("button").click()
    names = column(table, "case")
    check("a column of names sorts upwards", names == sorted(names, key=natural) and head.get_attribute("aria-sort") == "ascending")
    head = table.locator('th[data-key="parameters"]')
    head.locator("button").focus()
    page.keyboard.press("Enter")
    counts = [int(text.replace(",", "")) for text in column(table, "parameters")]
    downwards = counts == sorted(counts, reverse=True) and head.get_attribute("aria-sort") == "descending"
    check("a column of numbers sorts downwards, by the keyboard", downwards)
    page.keyboard.press("Enter")
    counts = [int(text.replace(",", "")) for text in column(table, "parameters")]
    check("and then upwards", counts == sorted(counts) and head.get_attribute("aria-sort") == "ascending")
    trials = page.locator("#trials .table")
    name = column(trials, "case")[0]
    trials.locator("input[type=search]").fill(f"{name} completed")
    shown = column(trials, "case")
    check("a filter leaves the rows with its words", shown and all(name in one for one in shown))
    told = trials.locator("[role=status]").inner_text()
    check("and tells how many", told.startswith(f"{len(shown)} of "))
    trials.locator("input[type=search]").fill("")
    identity = trials.locator('th[data-key="identity"]')
    check("a detail is hidden", not identity.is_visible())
    trials.locator("summary").click()
    trials.get_by_label("identity").check()
    check("until it is asked for", identity.is_visible())
    page.keyboard.press("Escape")


def charts(page):
    figure = page.locator(".chart", has_text="Learning curves").first
    figure.scroll_into_view_if_needed()
    svg = figure.locator(".plot > svg")
    tip = figure.locator(".tip")
    check("nothing is told before the pointer is there", tip.text_content() == "")
    path = svg.locator("path.line").first.get_attribute("d")
    x, y = map(float, re.match(r"M([\d.]+) ([\d.]+)", path).groups())
    box = svg.bounding_box()
    page.mouse.move(box["x"] + x + 1, box["y"] + y + 1)
    said = tip.text_content()
    check(f"the pointer shows values: {said!r}", "epoch: 1" in said and "accuracy %: " in said)
    svg.focus()
    page.keyboard.press("ArrowRight")
    check("so do the arrow keys", tip.text_content() != "")
    seeds = figure.get_by_label("seeds")
    check("seeds are off", svg.locator("path.seed").count() == 0)
    seeds.check()
    check("and can be switched on", figure.locator("path.seed").count() > 1)
    bands = figure.locator("path.band").count()
    figure.get_by_label("bands").uncheck()
    check("bands can be switched off", bands > 0 and figure.locator("path.band").count() == 0)
    lines = figure.locator("path.line").count()
    figure.locator(".legend button[aria-pressed=true]").first.click()
    check("a series can be switched off", figure.locator("path.line").count() == lines - 1)
    figure.get_by_role("button", name="train loss").click()
    check("another metric can be chosen", "train loss" in figure.locator("svg text").all_text_contents())
    figure.locator(".values summary").click()
    figure.locator(".values li").first.wait_for()
    check("values stand as text, too", figure.locator(".values li").count() > 0)


def themes(page):
    ground = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")
    before = ground()
    button = page.locator("#theme")
    button.click()
    button.click()
    check("the switch makes a light page dark", button.inner_text() == "theme: dark" and ground() != before)
    button.click()


with sync_playwright() as play:
    browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    page, faults = opened(browser, report, viewport={"width": 1200, "height": 900})
    see_all(page)
    tables(page)
    charts(page)
    themes(page)
    check(f"no error, no warning, no request: {faults}", not faults)
    for name, width, scheme in [("light", 1200, "light"), ("dark", 1200, "dark"), ("narrow", 390, "light")]:
        page, faults = opened(browser, report, viewport={"width": width, "height": 900}, color_scheme=scheme)
        see_all(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        check(f"{name}: nothing is wider than the page", wide <= width and not faults)
        if pictures:
            page.screenshot(path=pictures / f"{name}.png", full_page=True)
    if pictures:
        # The picture of the README.
        page, _ = opened(browser, report, viewport={"width": 1000, "height": 960})
        page.screenshot(path=pictures / "first.png")
    page.emulate_media(media="print")
    page.pdf(path=(pictures or Path(report).parent) / "print.pdf")
    check("all charts are drawn for print, all details open", page.evaluate(
        "[...document.querySelectorAll('.chart')].every(one => one.querySelector('.plot svg'))"
        " && [...document.querySelectorAll('main > section > details')].every(one => one.open)"))
    began = time.monotonic()
    page, faults = opened(browser, thousand, viewport={"width": 1200, "height": 900})
    page.locator("#trials .table input[type=search]").wait_for()
    print(f"a thousand trials: {Path(thousand).stat().st_size / 1e6:.2f} MB, usable after {time.monotonic() - began:.2f} s")
    see_all(page)
    check("all its charts are drawn", not faults)
    if pictures:
        page.screenshot(path=pictures / "thousand.png")
    browser.close()
