"""The page at the desk in a real browser: every state, in both languages, with screenshots in .build/screenshots.

`make test-page` runs it; Scripts/virtual-reader.sh gives it a reader. AXE names axe-core's script, whose rules are then held as well.
"""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from desk import NUMBER, ROOT, Card, Desk, run, scene  # noqa: E402
from webdriver import Browser  # noqa: E402

SCREENSHOTS = ROOT / ".build/screenshots"
AXE = pathlib.Path(os.environ["AXE"]).read_text() if os.environ.get("AXE") else None
QR = f"{NUMBER}||Nguyễn Văn Minh|15031990|Nam|Số 12 phố Ánh Dương, Phường Hoa Sen, Quận Sao Mai, Hà Nội|20042021"
#: Invented holders of the simulator, by seed: without insurance, and with a card past its date.
UNINSURED, EXPIRED = ("1", "038168746454"), ("14", "075199527145")
#: What may be on the screen of nobody.
PERSONAL = ["Nguyễn Văn Minh", "001 090 012 345", NUMBER, "15/03/1990", "GD4010190012345"]

#: The rules of accessibility that are held without axe-core: names, language, targets, headings, live regions.
OWN_RULES = """
  const faults = [];
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const name = (e) => (e.getAttribute("aria-label") ?? "") + [...(e.labels ?? [])].map((l) => l.textContent).join("") +
    (e.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("") +
    (e.tagName === "BUTTON" || e.tagName === "A" ? e.textContent : "");
  for (const e of document.querySelectorAll("button, input, select, textarea, a[href]")) {
    if (!seen(e)) continue;
    if (name(e).trim() === "") faults.push(`no name: ${e.outerHTML}`);
    const box = e.getBoundingClientRect();
    if (!e.matches(".skip") && (box.height < 24 || box.width < 24)) faults.push(`small: ${e.outerHTML} ${box.width}x${box.height}`);
  }
  if (!["vi", "en"].includes(document.documentElement.lang)) faults.push("no language");
  if (document.title === "") faults.push("no title");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (document.querySelector("[role=status][aria-live=polite]") === null) faults.push("no polite region");
  if (document.querySelector("[role=alert][aria-live=assertive]") === null) faults.push("no urgent region");
  for (const e of document.querySelectorAll("img")) if (!e.alt) faults.push("img without alt");
  for (const e of document.querySelectorAll("svg")) {
    if (e.getAttribute("aria-hidden") !== "true" && !(e.getAttribute("role") === "img" && e.getAttribute("aria-label"))) faults.push("svg without name");
  }
  for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) faults.push("tabindex above 0");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) faults.push("an id twice");
  if (document.documentElement.scrollWidth > innerWidth + 1) faults.push(`wider than the screen: ${document.documentElement.scrollWidth} > ${innerWidth}`);
  return faults;
"""

#: The contrast of every text against what is behind it (WCAG 2.2, 1.4.3: 4.5, or 3 for large text).
CONTRAST = """
  const parse = (c) => { const p = c.match(/[\\d.]+/g).map(Number); return [p[0], p[1], p[2], p[3] ?? 1]; };
  const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const faults = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (walk.currentNode.textContent.trim() === "" || e.getClientRects().length === 0 || e.closest(".unseen, .skip, svg, option, noscript")) continue;
    const style = getComputedStyle(e);
    let behind = e;
    while (behind && parse(getComputedStyle(behind).backgroundColor)[3] < 1) behind = behind.parentElement;
    const ground = behind ? parse(getComputedStyle(behind).backgroundColor) : parse(getComputedStyle(document.documentElement).backgroundColor);
    const [a, b] = [light(parse(style.color)), light(ground)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if ((a + .05) / (b + .05) < (isLarge ? 3 : 4.5)) faults.push(`${((a + .05) / (b + .05)).toFixed(2)} ${walk.currentNode.textContent.trim().slice(0, 40)}`);
  }
  return faults;
"""


class PageTests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(scene())
        cls.desk = Desk(cls.folder, checkIn={"timeLimit": 120})
        cls.stack.callback(cls.desk.stop)
        cls.browser = Browser()
        cls.stack.callback(cls.browser.close)

    # Steps

    def open(self, role="terminal", desk=None):
        self.browser.go("about:blank")
        self.browser.go((desk or self.desk).address(role))
        self.browser.wait("return document.querySelector('#stage > *') && document.documentElement.lang")

    def stage(self, name, **options):
        self.browser.wait("return document.getElementById('stage').classList.contains(arguments[0])", name, **options)

    def check(self, text, stage="answer", **options):
        """Types as a scanner does, wherever the focus is."""
        self.browser.run("document.activeElement?.blur()")
        for line in text.split("\n"):
            self.browser.type(line, "<Enter>")
        if stage is not None:
            self.stage(stage, **options)

    def portrait(self):
        self.browser.wait("return document.querySelector('.portrait img')?.naturalWidth > 100")

    def in_both(self, name, vietnamese, english, urgent=None):
        """The state says so in both languages, is told to screen readers, and breaks no rule; pictures of it are kept."""
        for code, words in (("vi", vietnamese), ("en", english)):
            self.browser.run("document.querySelector(`input[name=language][value=${arguments[0]}]`).click()", code)
            self.assertEqual(self.browser.run("return document.documentElement.lang"), code)
            shown = self.browser.text("#stage")
            for word in words:
                self.assertIn(word, shown)
            told = self.browser.run("return [document.getElementById('urgent').textContent, document.getElementById('polite').textContent]")
            self.assertNotEqual("".join(told), "")
            if urgent is not None:
                self.assertEqual(told[0] != "", urgent, told)
            self.rules(f"{name} {code}")
            self.browser.screenshot(SCREENSHOTS / f"{name}-{code}.png")
        self.browser.run("document.querySelector('input[name=language][value=vi]').click()")

    def rules(self, name):
        self.assertEqual(self.browser.run(OWN_RULES), [], name)
        self.assertEqual(self.browser.run(CONTRAST), [], name)
        if AXE is not None and not name.endswith(" en"):
            found = self.browser.run_async(
                AXE + "; axe.run(document, {resultTypes: ['violations']}).then((r) => arguments[arguments.length - 1]("
                "r.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 200) + n.failureSummary).join(' | ')}`)))")
            self.assertEqual(found, [], name)

    def empty(self):
        self.browser.type("<Escape>")
        self.stage("idle")

    def tearDown(self):
        complaints = [text for text in self.browser.messages() if "Failed to load resource" not in text and "ERR_" not in text]
        self.assertEqual(complaints, [])

    def zone(self, *options):
        """The machine readable zone printed on a card."""
        with tempfile.TemporaryDirectory() as folder:
            run("simulate", "card", "--pki", f"{self.folder}/pki", *options, "--out", f"{folder}/image")
            text = (pathlib.Path(folder) / "image/EF_DG1.bin").read_bytes()[-90:].decode()
            return "\n".join([text[:30], text[30:60], text[60:]])

    # The page opens

    def test_without_a_token_nothing_is_shown_and_one_can_be_typed(self):
        self.browser.go("about:blank")
        self.browser.go(f"http://localhost:{self.desk.port}/")
        self.browser.run("sessionStorage.clear(); location.reload()")
        self.stage("locked")
        self.assertFalse(self.browser.run("return document.getElementById('key-form').getClientRects().length > 0"))
        self.in_both("locked", ["cccd page"], ["cccd page"])
        self.browser.click("#token")
        self.browser.type("no token", "<Enter>")
        self.browser.wait("return document.querySelector('.stage.locked .lead').textContent.includes('hết')")
        self.browser.click("#token")
        self.browser.type(Desk.TOKENS["terminal"], "<Enter>")
        self.stage("idle")

    def test_a_ticket_opens_the_page_once_and_does_not_stay_in_the_address(self):
        url = run("page", "--socket", self.desk.socket, "--role", "terminal").strip()
        self.browser.go("about:blank")
        self.browser.go(url)
        self.stage("idle")
        self.assertEqual(self.browser.run("return location.href"), f"http://localhost:{self.desk.port}/")
        self.browser.run("location.reload()")
        self.stage("idle")
        self.browser.go("about:blank")
        self.browser.go(url)
        self.stage("locked")
        self.browser.run("sessionStorage.clear()")

    # Cards

    def test_a_good_card(self):
        self.open()
        with Card(self.desk) as card:
            self.browser.wait("return document.querySelector('.steps li.done')")
            self.in_both("idle-with-card", ["Quét mã QR"], ["Scan the QR code"], urgent=False)
            self.check(NUMBER)
            # The answer is there before the portrait.
            self.assertIn("Được hưởng BHYT 80 %", self.browser.text(".headline.good"))
            self.portrait()
            self.in_both(
                "good", ["ĐẠT", "Nguyễn Văn Minh", "001 090 012 345", "15/03/1990", "80 %", "GD4010190012345", "Chữ ký số"],
                ["GOOD", "Nguyễn Văn Minh", "15 Mar 1990", "Digital signature"], urgent=False)
            self.assertEqual(self.browser.run("return document.querySelectorAll('.checks li').length"), 18)
            self.assertNotIn("Dân tộc", self.browser.text(".fields"))
            self.assertEqual(self.browser.run("return document.getElementById('key').value"), "")
            for name, size in (("phone", (390, 844)), ("kiosk", (1920, 1080))):
                self.browser.resize(*size)
                self.rules(name)
                self.browser.screenshot(SCREENSHOTS / f"good-{name}.png")
            self.browser.resize(1280, 900)
            # Another kind of visit is decided anew, without the card.
            self.browser.run("const s = document.getElementById('arrival'); s.value = 'emergency'; s.dispatchEvent(new Event('change'))")
            self.browser.wait("return !document.body.innerText.includes('Đang tra cứu lại')")
            self.browser.media("print")
            self.assertFalse(self.browser.run("return document.getElementById('key-form').getClientRects().length > 0"))
            self.browser.screenshot(SCREENSHOTS / "good-print.png")
            self.browser.media("screen")
            self.nothing_is_stored()
            card.take_out()
            self.stage("idle")
            self.nothing_is_shown()

    def nothing_is_stored(self):
        stored = self.browser.run(
            "return JSON.stringify([Object.entries(localStorage), Object.keys(sessionStorage), document.cookie, location.href])")
        self.assertEqual(json.loads(stored)[:3], [[], ["cccd.token"], ""])
        found = self.browser.run_async(
            "const done = arguments[0]; Promise.all([caches.keys(), indexedDB.databases()]).then((r) => done(JSON.stringify(r)))")
        self.assertEqual(json.loads(found), [[], []])

    def nothing_is_shown(self):
        source = self.browser.run("return document.documentElement.outerHTML")
        for text in PERSONAL:
            self.assertNotIn(text, source)
        self.assertEqual(self.browser.run("return document.querySelectorAll('img').length"), 0)

    def test_back_shows_nothing(self):
        self.open()
        with Card(self.desk):
            self.check(NUMBER)
            self.portrait()
            self.browser.go("about:blank")
            self.browser.back()
            self.stage("idle")
            self.nothing_is_shown()

    def test_an_officer_compares_chip_and_codes(self):
        self.open("kiosk")
        with Card(self.desk) as card:
            self.check(QR)
            self.portrait()
            self.assertIn("Tất cả đều khớp với chip", self.browser.text("#stage"))
            self.assertIn("Dân tộc", self.browser.text(".fields"))
            self.assertNotIn("Bảo hiểm", self.browser.text("#stage"))
            self.check(self.zone())
            self.browser.wait("return document.querySelectorAll('thead th').length === 5")
            self.in_both("identity", ["Thẻ thật, còn hạn", "Khớp", "MRZ"], ["Genuine card, in date", "Agrees"])
            self.browser.media("print")
            self.browser.screenshot(SCREENSHOTS / "identity-print.png")
            self.browser.media("screen")
            self.check(QR.replace("15031990", "16031990"))
            self.browser.wait("return document.querySelector('tr.differs')")
            self.in_both("identity-differs", ["Khác", "không khớp"], ["Differs", "contradicts"], urgent=True)
            card.take_out()

    def test_a_code_waits_for_its_card(self):
        self.open()
        self.in_both("idle", ["Đặt thẻ lên đầu đọc"], ["Lay the card on the reader"], urgent=False)
        self.check(NUMBER, "armed")
        self.in_both("armed", ["Đã có mã"], ["Code taken"])
        with Card(self.desk):
            self.stage("answer")

    def test_what_is_no_key_is_said_at_once_and_asks_no_card(self):
        self.open()
        self.check("12345", None)
        self.browser.wait("return document.querySelector('#key[aria-invalid=true]')")
        self.in_both("no-key", ["Mời đặt thẻ"], ["Lay the card on"])
        self.assertIn("12 chữ số", self.browser.text("#key-hint"))
        self.empty()

    def refused(self, name, options, vietnamese, english, number=NUMBER, level="bad", pki="pki", wait=None):
        self.open()
        with Card(self.desk, *options, pki=pki):
            self.check(number)
            if wait is not None:
                self.browser.wait(f"return document.querySelector('{wait}')")
            self.browser.wait("return !document.body.innerText.includes('Đang đọc ảnh')")
            self.assertEqual(self.browser.run("return document.querySelectorAll(`.headline.${arguments[0]}`).length", level), 1)
            self.in_both(name, vietnamese, english, urgent=level == "bad")

    def test_altered_data(self):
        self.refused("altered", ["--tamper", "EF_DG13:60"], ["KHÔNG ĐẠT", "đã bị sửa đổi", "chưa được chứng minh"],
                     ["REFUSE", "was altered", "not proven"])

    def test_an_altered_portrait_turns_the_answer_over(self):
        self.refused("altered-portrait", ["--tamper", "EF_DG2:900"], ["Dữ liệu trong thẻ đã bị sửa đổi", "Ảnh trong chip đã bị sửa đổi"],
                     ["was altered", "not proven", "Insurance not asked"], wait=".headline.bad")
        self.assertEqual(self.browser.run("return document.querySelectorAll('.portrait img').length"), 0)

    def test_a_copied_chip(self):
        self.refused("copied", ["--fault", "cloned"], ["Chip là bản sao chép"], ["The chip is a copy"])

    def test_an_unknown_signer(self):
        self.refused("unknown-signer", [], ["Chưa xác minh được thẻ: không rõ đơn vị ký"], ["unknown signer"], level="caution", pki="stranger")

    def test_an_expired_card(self):
        self.refused("expired", ["--seed", EXPIRED[0]], ["đã hết hạn"], ["expired"], number=EXPIRED[1], level="caution")

    def test_somebody_who_is_not_insured(self):
        self.refused("not-insured", ["--seed", UNINSURED[0]], ["Không có BHYT hợp lệ"], ["Not insured"], number=UNINSURED[1], level="caution")

    def test_a_card_that_was_reported_lost(self):
        registry = f"{self.folder}/registry.sqlite"
        run("registry", "lost", "--registry", registry, "--personal-number", NUMBER)
        try:
            self.refused("lost", [], ["Thẻ đã được báo mất"], ["Reported lost"])
        finally:
            run("registry", "found", "--registry", registry, "--personal-number", NUMBER)

    def test_a_registry_that_is_out_of_date_or_gone(self):
        old = f"{self.folder}/old.sqlite"
        run("registry", "import", "--registry", old, "--data-as-of", "2026-01-01", "--promised-age", "24h",
            str(ROOT / "Fixtures/Registry/insured.csv"))
        for name, url, vietnamese, english in (
                ("registry-old", old, "dữ liệu BHYT đã cũ", "old data"),
                ("registry-gone", f"{self.folder}/none.sqlite", "Chưa tra cứu được BHYT", "Insurance not known")):
            desk = Desk(self.folder, name, registry={"url": f"sqlite:{url}"})
            try:
                self.open(desk=desk)
                with Card(desk):
                    self.check(NUMBER)
                    self.in_both(name, [vietnamese], [english])
            finally:
                desk.stop()

    # Readers and chips

    def test_a_wrong_key_and_the_delay_that_follows(self):
        # Somebody else's code that leaves two dates of expiry open: both are tried, the second after the first was wrong.
        other = "001210012345||Nguyễn Văn An|15032010|Nam|Hà Nội|20042021"
        self.open()
        with Card(self.desk, "--access", "bac", "--fault", "delay=2500"):
            self.check(other, "reading")
            self.browser.wait("return document.getElementById('progress-trouble')?.textContent.includes('nhập sai mã')")
            self.browser.screenshot(SCREENSHOTS / "waiting-vi.png")
            self.stage("problem", seconds=40)
            self.in_both("wrong-key", ["không phải của thẻ này", "bắt chờ"], ["not this card’s", "made it wait"], urgent=True)

    def test_a_card_that_is_moved_and_then_gone(self):
        self.open()
        with Card(self.desk, "--fault", "slow=1000/4") as card:
            self.check(NUMBER, "reading")
            self.browser.wait("return document.getElementById('progress')?.value > 0")
            self.in_both("reading", ["Đang đọc thẻ", "byte"], ["Reading the card", "bytes"], urgent=False)
            card.process.terminate()
            self.browser.wait("return document.body.innerText.includes('Thẻ bị xê dịch')")
            self.browser.screenshot(SCREENSHOTS / "moved-vi.png")
            self.stage("problem", seconds=30)
            self.in_both("removed", ["Thẻ bị nhấc ra"], ["taken away too early"], urgent=True)

    def test_no_reader_and_no_service(self):
        for name, options, vietnamese, english in (
                ("no-reader", {"readers": {"names": ["None of these"]}}, "Không thấy đầu đọc thẻ", "No card reader"),
                ("no-service", {"environment": {"PCSCLITE_CSOCK_NAME": "/nonexistent"}}, "Dịch vụ đầu đọc chưa chạy", "service does not run")):
            desk = Desk(self.folder, name, **options)
            try:
                self.open(desk=desk)
                self.browser.wait("return document.querySelector('.headline.caution')")
                self.in_both(name, [vietnamese], [english], urgent=True)
            finally:
                desk.stop()

    def test_a_daemon_that_stops_and_comes_again(self):
        desk = Desk(self.folder, "again")
        try:
            self.open(desk=desk)
            self.stage("idle")
            desk.stop()
            self.stage("offline")
            self.in_both("offline", ["Mất kết nối"], ["does not answer"], urgent=True)
            desk.start()
            self.stage("idle", seconds=30)
        finally:
            desk.stop()

    def test_the_screen_empties_by_itself_and_more_time_can_be_had(self):
        desk = Desk(self.folder, "short", page={"clearAfter": 5, "language": "en", "mode": "clinic"})
        try:
            self.open(desk=desk)
            with Card(desk):
                self.check(NUMBER)
                self.portrait()
                self.assertEqual(self.browser.run("return document.documentElement.lang"), "en")
                time.sleep(3)
                self.browser.click("[data-action=prolong]")
                time.sleep(3)
                self.stage("answer")
                self.stage("idle", seconds=8)
                self.nothing_is_shown()
        finally:
            desk.stop()

    # People

    def test_the_keyboard_alone_reaches_everything_in_order(self):
        self.open()
        with Card(self.desk):
            self.check(NUMBER)
            self.portrait()
            self.browser.run("document.querySelector('.skip').focus()")
            order = []
            for _ in range(16):
                self.browser.type("<Tab>")
                order.append(self.browser.run(
                    "const e = document.activeElement; return e.id || e.dataset.action || e.name || e.type || e.className"))
                visible = self.browser.run(
                    "const e = document.activeElement; const s = getComputedStyle(e);"
                    "const t = e.type === 'radio' ? getComputedStyle(e.nextElementSibling) : s;"
                    "return e === document.body || t.outlineStyle !== 'none'")
                self.assertTrue(visible, order[-1])
            wanted = ["mode", "language", "day-switch", "key", "arrival", "care", "submit", "clear", "prolong", "print"]
            places = [order.index(name) for name in wanted]
            self.assertEqual(places, sorted(places), order)
            self.browser.type("<Escape>")
            self.stage("idle")
            self.nothing_is_shown()
            self.assertEqual(self.browser.run("return document.activeElement.id"), "key")

    def test_the_day_is_shown_to_whoever_may_see_it(self):
        self.open()
        with Card(self.desk):
            self.check(NUMBER)
            self.empty()
        self.browser.click("#day-switch")
        self.browser.wait("return document.querySelectorAll('.charts svg').length === 4")
        self.assertRegex(self.browser.text("#day"), r"Số lượt hôm nay: \d+")
        for code, word in (("vi", "Số lượt theo giờ"), ("en", "Check-ins by the hour")):
            self.browser.run("document.querySelector(`input[name=language][value=${arguments[0]}]`).click()", code)
            self.assertIn(word, self.browser.text("#day"))
            self.rules(f"day {code}")
            self.browser.screenshot(SCREENSHOTS / f"day-{code}.png")
        self.browser.type("<Escape>")
        self.assertTrue(self.browser.run("return document.getElementById('day').hidden"))
        desk = Desk(self.folder, "narrow", access={"roles": {"terminal": {
            "permissions": ["health", "readers", "check-in", "events"], "fields": ["fullName"]}}})
        try:
            self.open(desk=desk)
            with Card(desk):
                self.check(NUMBER)
                self.assertTrue(self.browser.run("return document.getElementById('day-switch').hidden"))
                self.assertEqual(self.browser.run("return document.querySelectorAll('.fields dd').length"), 1)
                self.assertEqual(self.browser.run("return document.querySelectorAll('.portrait, .insurance').length"), 0)
                self.in_both("narrow", ["Thẻ thật, còn hạn"], ["Genuine card"])
        finally:
            desk.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
