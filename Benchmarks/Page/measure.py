"""From card in to the answer on the page, with the shares of the link, the daemon and the page. README.md says how to read it.

Usage: Scripts/virtual-reader.sh python3 Benchmarks/Page/measure.py [TURNS]; CCCD names the program.
"""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/Page"))
from desk import NUMBER, Card, Desk, scene  # noqa: E402
from webdriver import Browser  # noqa: E402

#: Notes when the card's coming, the check-in's beginning and its answer reach the page, and when they are painted.
WATCH = """
  const marks = window.marks = {};
  const note = (name) => { marks[name] ??= performance.now(); };
  const painted = (name) => requestAnimationFrame(() => requestAnimationFrame(() => note(name)));
  new MutationObserver(() => {
    if (document.querySelector(".stage.reading")) note("reading");
    if (document.querySelector(".stage.answer")) { note("answer"); painted("painted"); }
    const image = document.querySelector(".portrait img");
    if (image && !image.dataset.watched) { image.dataset.watched = "1"; image.decode().then(() => painted("portrait")); }
  }).observe(document.getElementById("stage"), { childList: true, subtree: true, attributes: true });
"""


def measure(desk, browser, options):
    browser.go("about:blank")
    browser.go(desk.address())
    browser.wait("return document.querySelector('.stage.idle')")
    browser.type(NUMBER, "<Enter>")
    browser.wait("return document.querySelector('.stage.armed')")
    browser.run(WATCH)
    with Card(desk, *options):
        browser.wait("return window.marks.portrait", seconds=60)
        marks = browser.run("return window.marks")
        # The daemon's time and the chip's, of the request that the page made.
        request = browser.run(
            "const e = performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/v1/check-in')).at(-1);"
            "return {start: e.startTime, answered: e.responseEnd}")
        seconds = float(browser.run("return document.querySelector('.facts').innerText.match(/([0-9.,]+) giây/)[1].replace(',', '.')"))
    return {
        "request": request["answered"] - request["start"], "read": seconds * 1000,
        "page": (request["start"] - marks["reading"]) + (marks["painted"] - request["answered"]),
        "answer": marks["painted"] - marks["reading"], "portrait": marks["portrait"] - marks["reading"],
    }


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print("| link | reading the chip | the daemon besides | the page | card in to answer shown | to portrait shown |")
    print("|---|---|---|---|---|---|")
    with scene() as folder:
        desk = Desk(folder)
        browser = Browser()
        try:
            for name, options in (("none", []), ("424 kbit/s, 2 ms for a command", ["--fault", "slow=424000/2"])):
                rows = [measure(desk, browser, options) for _ in range(turns)]
                middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
                print(f"| {name} | {middle['read']:.0f} ms | {middle['request'] - middle['read']:.0f} ms | {middle['page']:.0f} ms "
                      f"| {middle['answer']:.0f} ms | {middle['portrait']:.0f} ms |", flush=True)
        finally:
            browser.close()
            desk.stop()


if __name__ == "__main__":
    main()
