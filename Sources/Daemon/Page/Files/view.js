// Draws what the desk holds. Every text is set as text; nothing is ever parsed as markup.

import { crossCheck } from "./key.js";
import { age, currentLanguage, day, hasText, moment, number, text } from "./texts.js";
import { judge, ordered } from "./verdict.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return made;
}

/** An element of HTML with its attributes and children. */
export function element(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An element of SVG. */
export function graphic(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Signs that differ in shape and not in colour alone. */
const SIGNS = {
  good: [["circle", { cx: 12, cy: 12, r: 11, class: "ground" }], ["path", { d: "M6.5 12.5l3.8 3.8 7.4-8", class: "mark" }]],
  caution: [["path", { d: "M12 1.5 23.3 21.5H.7z", class: "ground" }], ["path", { d: "M12 8.5v6M12 17.8v.7", class: "mark" }]],
  bad: [
    ["path", { d: "M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z", class: "ground" }],
    ["path", { d: "M8 8l8 8M16 8l-8 8", class: "mark" }]],
  none: [["circle", { cx: 12, cy: 12, r: 11, class: "ground" }], ["path", { d: "M7 12h10", class: "mark" }]],
};

function sign(kind) {
  const shapes = SIGNS[kind].map(([name, attributes]) => graphic(name, attributes));
  return graphic("svg", { class: `sign ${kind}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, ...shapes);
}

const RESULT_SIGNS = { passed: "good", failed: "bad", notPerformed: "caution", notApplicable: "none" };

/** The holder's fields in the order in which each kind of desk reads them. */
const FIELDS = {
  clinic: ["fullName", "personalNumber", "birthDate", "sex", "residence", "expiryDate", "issueDate", "nationality",
    "placeOfOrigin", "ethnicity", "religion", "identifyingFeatures", "fatherName", "motherName", "spouseName",
    "oldNumber", "documentNumber"],
  identity: ["fullName", "personalNumber", "documentNumber", "birthDate", "sex", "nationality", "ethnicity", "religion",
    "placeOfOrigin", "residence", "identifyingFeatures", "issueDate", "expiryDate", "oldNumber", "fatherName", "motherName",
    "spouseName"],
};

export class View {
  #desk;
  #actions;
  #stage = document.getElementById("stage");
  #told = "";
  #clock = null;
  #drawn = null;

  /** @param actions `mode()`, and what buttons do: `unlock(token)`, `clear()`, `again()`, `prolong()`, `print()`. */
  constructor(desk, actions) {
    this.#desk = desk;
    this.#actions = actions;
    setInterval(() => this.#tick(), 1000);
  }

  /** Draws everything anew, and keeps the focus on a button that is there again. */
  show() {
    const desk = this.#desk;
    const isOffline = desk.isConnected === false && desk.phase !== "answer";
    const phase = isOffline && desk.phase !== "locked" ? "offline" : desk.phase;
    this.#showReader();
    if (phase === "reading" && this.#drawn === `reading ${currentLanguage()}`) {
      this.#showProgress();
      return;
    }
    const focused = document.activeElement?.dataset?.action;
    const parts = {
      locked: () => this.#locked(), offline: () => this.#offline(), idle: () => this.#idle(), armed: () => this.#armed(),
      reading: () => this.#reading(), problem: () => this.#problem(), answer: () => this.#answer(),
    }[phase]();
    this.#stage.className = `stage ${phase}`;
    this.#stage.replaceChildren(...parts.filter((part) => part !== null));
    this.#drawn = `${phase} ${currentLanguage()}`;
    if (phase === "reading") this.#showProgress();
    if (focused !== undefined) this.#stage.querySelector(`[data-action="${focused}"]`)?.focus();
    this.#tick();
  }

  /** Whether a scan is of the card whose answer is shown. */
  concernsShown(key) {
    const scanned = key.qr?.personalNumber ?? key.zone?.personalNumber;
    return scanned !== undefined && scanned === this.#desk.shown?.answer.holder?.personalNumber;
  }

  /** Tells whoever listens to the page, once. */
  #tell(words, isUrgent = false) {
    const said = `${isUrgent} ${words}`;
    if (said === this.#told) return;
    this.#told = said;
    document.getElementById("urgent").textContent = isUrgent ? words : "";
    document.getElementById("polite").textContent = isUrgent ? "" : words;
  }

  #button(action, name, kind = "quiet") {
    const button = element("button", { type: "button", class: kind, "data-action": action }, text(name));
    button.addEventListener("click", () => this.#actions[action]());
    return button;
  }

  #headline(level, title, lead, ...more) {
    return element("div", { class: `headline ${level}` },
      level === "calm" ? null : sign(level),
      element("div", { class: "headline-text" },
        level === "calm" ? null : element("p", { class: "level" }, text(`level.${level}`)),
        element("h2", { id: "stage-title" }, title),
        lead === null ? null : element("p", { class: "lead" }, lead), ...more));
  }

  #showReader() {
    const { readers, holdsCard, phase, isConnected } = this.#desk;
    const place = document.getElementById("reader");
    place.hidden = phase === "locked";
    const isMute = readers.some((reader) => reader.cardMute);
    const name = isConnected !== true ? "reader.unknown"
      : readers.length === 0 ? "reader.none" : isMute ? "reader.mute" : holdsCard ? "reader.card" : "reader.empty";
    const kind = { "reader.none": "bad", "reader.mute": "caution", "reader.card": "good" }[name] ?? "none";
    place.replaceChildren(sign(kind), element("span", {}, text(name)));
  }

  // What the stage shows

  #locked() {
    const field = element("input", { id: "token", type: "password", autocomplete: "off" });
    const form = element("form", { class: "unlock" },
      element("label", { for: "token" }, text("locked.token")), field,
      element("button", { type: "submit", class: "primary" }, text("locked.open")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim() !== "") this.#actions.unlock(field.value.trim());
    });
    const lead = text(this.#desk.lockReason === "ended" ? "locked.ended" : "locked.lead");
    this.#tell(`${text("locked.title")}. ${lead}`);
    return [this.#headline("calm", text("locked.title"), lead), form];
  }

  #offline() {
    this.#tell(text("offline.title"), true);
    return [this.#headline("caution", text("offline.title"), text("offline.lead"))];
  }

  #idle() {
    const desk = this.#desk;
    if (desk.isConnected === true && desk.readers.length === 0) {
      const kind = desk.readersProblem ?? "no-reader";
      this.#tell(`${text(`problem.${kind}`)}. ${text(`problem.${kind}.do`)}`, true);
      return [this.#headline("caution", text(`problem.${kind}`), text(`problem.${kind}.do`))];
    }
    const step = (name, isDone) => element("li", { class: isDone ? "done" : null },
      element("span", {}, text(`idle.step.${name}`)), isDone ? element("span", { class: "unseen" }, ` (${text("idle.done")})`) : null);
    this.#tell(desk.holdsCard ? text("idle.step.key") : text("idle.title"));
    return [
      this.#headline("calm", text("idle.title"), null),
      element("ol", { class: "steps" }, step("card", desk.holdsCard), step("key", false), step("answer", false))];
  }

  #armed() {
    this.#tell(`${text("armed.title")}. ${text("armed.lead")}`);
    return [
      this.#headline("calm", text("armed.title"), text("armed.lead")),
      element("div", { class: "actions" }, this.#button("clear", "cancel"), this.#countdown())];
  }

  #reading() {
    this.#tell(text("reading.title"));
    return [
      this.#headline("calm", text("reading.title"), null),
      element("progress", { id: "progress", "aria-labelledby": "stage-title" }),
      element("p", { id: "progress-text", class: "progress-text" }),
      element("p", { id: "progress-trouble", class: "trouble", hidden: true }),
      element("div", { class: "actions" }, this.#button("clear", "cancel"))];
  }

  #showProgress() {
    const reading = this.#desk.reading;
    if (reading === null) return;
    const bar = document.getElementById("progress");
    const trouble = document.getElementById("progress-trouble");
    const isReading = reading.fileSize > 0;
    if (isReading) Object.assign(bar, { max: reading.fileSize, value: reading.fileBytes }); else bar.removeAttribute("value");
    const line = reading.place > 0 ? text("reading.queued", { place: reading.place })
      : isReading ? `${text("reading.file", { file: reading.file.replace("EF_", ""), read: number(reading.fileBytes), size: number(reading.fileSize) })} · ${text("reading.bytes", { bytes: number(reading.bytes) })}`
        : text("reading.opening");
    document.getElementById("progress-text").textContent = line;
    const words = reading.interrupted ? text("reading.interrupted")
      : reading.waiting ? text(reading.waiting.followsWrongKey ? "reading.waitingWrongKey" : "reading.waiting", { seconds: reading.waiting.seconds }) : "";
    trouble.hidden = words === "";
    trouble.textContent = words;
    document.getElementById("stage-title").textContent = text(reading.interrupted ? "problem.card-removed" : "reading.title");
    if (words !== "") this.#tell(reading.interrupted ? words : text("reading.waitingWrongKey", { seconds: "…" }), Boolean(reading.interrupted));
  }

  #problem() {
    const { problem } = this.#desk;
    const kind = hasText(`problem.${problem.message}`) ? problem.message : "internal-error";
    const isDistrust = ["protocol-violation", "secure-messaging"].includes(kind);
    const delay = problem.delay > 0 ? text("problem.lastDelay", { seconds: problem.delay }) : null;
    this.#tell([text(`problem.${kind}`), text(`problem.${kind}.do`), delay].filter(Boolean).join(". "), true);
    return [
      this.#headline(isDistrust ? "bad" : "caution", text(`problem.${kind}`), text(`problem.${kind}.do`),
        delay === null ? null : element("p", {}, delay)),
      element("div", { class: "actions" }, this.#button("again", "again", "primary"), this.#countdown()),
      element("p", { class: "code" }, text("problem.code", { kind: problem.message }))];
  }

  #answer() {
    const desk = this.#desk;
    const { shown } = desk;
    const mode = this.#actions.mode();
    const { level, name } = judge(shown, mode);
    const paid = shown.answer.insurance?.payablePercent;
    const values = { percent: paid, rest: paid === undefined ? undefined : 100 - paid };
    const title = text(`answer.${name}`, values);
    const lead = text(`answer.${name}.lead`, values);
    this.#tell(`${text(`level.${level}`)}. ${title}. ${lead}`, level === "bad");
    const main = mode === "clinic" && desk.isTold("insurance")
      ? [this.#person(shown, mode), this.#insurance(shown)] : [this.#person(shown, mode)];
    return [
      this.#printHead(shown),
      this.#headline(level, title, lead, shown.remark === null ? null : element("p", { class: "remark" }, text(shown.remark))),
      element("div", { class: "actions" },
        this.#button("clear", "clear", "primary"), this.#button("prolong", "more"), this.#button("print", "print"), this.#countdown()),
      element("div", { class: main.length > 1 ? "columns" : "columns single" }, ...main),
      mode === "identity" ? this.#cross(shown) : null,
      this.#checks(shown),
      this.#facts(shown)];
  }

  #countdown() { return element("p", { class: "countdown", id: "countdown" }); }

  #tick() {
    const place = document.getElementById("countdown");
    if (place === null || this.#desk.clearsAt === null) return;
    const left = Math.max(0, Math.ceil((this.#desk.clearsAt - Date.now()) / 1000));
    place.textContent = text("clears", { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` });
    place.classList.toggle("soon", left <= 15);
  }

  // Parts of an answer

  #portrait(shown) {
    if (shown.portrait === null) return null;
    const { portrait } = shown;
    if (portrait === "reading") {
      return element("figure", { class: "portrait" }, element("div", { class: "empty" }, text("portrait.reading")));
    }
    if (portrait.url === undefined) {
      const kind = hasText(`problem.${portrait.problem}`) ? portrait.problem : "portrait-unusable";
      return element("figure", { class: "portrait" },
        element("div", { class: "empty" }, sign(kind === "portrait-altered" ? "bad" : "caution"),
          element("b", {}, text(`problem.${kind}`)), element("span", {}, text(`problem.${kind}.do`))));
    }
    return element("figure", { class: "portrait" },
      element("img", { src: portrait.url, alt: text("portrait") }), element("figcaption", {}, text("portrait.compare")));
  }

  #person(shown, mode) {
    const { holder, withheld } = shown.answer;
    const fields = FIELDS[mode].filter((field) => holder?.[field] !== undefined).map((field) => [field, holder[field]]);
    if (holder !== undefined && holder.expiryDate === undefined && this.#desk.isTold("expiryDate")
      && shown.answer.verdict.checks.some((check) => check.id === "document.expiry" && check.reason === "noExpiry")) {
      fields.push(["expiryDate", null]);
    }
    const rows = fields.map(([field, value]) => element("div", { class: `row ${field}` },
      element("dt", {}, text(`field.${field}`)), element("dd", {}, this.#value(field, value))));
    return element("section", { class: "card person", "aria-labelledby": "holder-title" },
      element("h3", { id: "holder-title" }, text("holder")),
      holder !== undefined && !holder.isProven
        ? element("p", { class: "warning" }, sign("caution"), text("holder.unproven")) : null,
      element("div", { class: "person-body" }, this.#portrait(shown), element("dl", { class: "fields" }, ...rows)),
      withheld === undefined ? null
        : element("p", { class: "withheld" }, text("holder.withheld", { fields: withheld.map((field) => text(`field.${field}`).toLowerCase()).join(", ") })));
  }

  #value(field, value) {
    if (field === "expiryDate" && value === null) return text("noExpiry");
    if (field === "sex") return text(`sex.${value}`);
    if (field === "personalNumber") return value.replace(/^(\d{3})(\d{3})(\d{3})(\d{3})$/, "$1 $2 $3 $4");
    return field.endsWith("Date") ? day(value) : value;
  }

  #insurance(shown) {
    const { insurance: decision, insuranceProblem: problem } = shown.answer;
    const body = [];
    if (shown.isAsking) body.push(element("p", {}, text("insurance.asking")));
    if (decision === undefined) {
      const kind = String(problem?.type ?? "").replace("urn:cccd:problem:", "");
      const known = hasText(`problem.${kind}`) ? kind : "registry-unavailable";
      body.push(element("p", { class: "decision" }, sign("caution"), element("b", {}, text(`problem.${known}`))),
        element("p", {}, text(`problem.${known}.do`)));
    } else {
      body.push(element("p", { class: "decision" }, sign(decision.eligible ? "good" : "caution"),
        element("b", {}, text(decision.eligible ? "insurance.yes" : "insurance.no"))));
      if (decision.eligible && decision.payablePercent !== undefined) {
        body.push(element("dl", { class: "shares" },
          element("div", {}, element("dt", {}, text("insurance.paid")), element("dd", {}, `${decision.payablePercent} %`)),
          element("div", {}, element("dt", {}, text("insurance.own")), element("dd", {}, `${100 - decision.payablePercent} %`))));
      }
      body.push(element("ul", { class: "reasons" },
        ...decision.reasons.map((reason) => element("li", {}, currentLanguage() === "vi" ? reason.messageVi : reason.message))));
      body.push(this.#insuranceFields(decision));
    }
    return element("section", { class: "card insurance", "aria-labelledby": "insurance-title" },
      element("h3", { id: "insurance-title" }, text("insurance")), ...body);
  }

  #insuranceFields(decision) {
    const facility = decision.primaryFacility;
    const rows = [
      ["insurance.cardNumber", decision.cardNumber],
      ["insurance.level", decision.benefitPercent === undefined ? undefined : `${decision.benefitPercent} %`],
      ["insurance.valid", decision.validTo === undefined ? undefined
        : text("insurance.until", { from: day(decision.validFrom), to: day(decision.validTo) })],
      ["insurance.facility", facility === undefined ? undefined : `${facility.name ?? ""} (${facility.code})`.trim()],
      ["insurance.five", decision.fiveYearsFrom === undefined ? undefined
        : text("insurance.fiveFrom", { day: day(decision.fiveYearsFrom) })],
      ["insurance.age", decision.dataAge === undefined ? undefined : text("insurance.ageOf", { age: age(decision.dataAge) })],
    ].filter(([, value]) => value !== undefined);
    return element("dl", { class: "fields" },
      ...rows.map(([name, value]) => element("div", { class: "row" }, element("dt", {}, text(name)), element("dd", {}, value))));
  }

  #cross({ answer, qr, zone }) {
    const { holder } = answer;
    if (holder === undefined) return null;
    const rows = crossCheck(holder, qr, zone);
    const title = element("h3", { id: "cross-title" }, text("cross"));
    if (rows.length === 0) {
      return element("section", { class: "card", "aria-labelledby": "cross-title" }, title, element("p", {}, text("cross.hint")));
    }
    const differs = rows.some((row) => row.agrees === false);
    const cell = (field, value) => element("td", {}, value === undefined || value === "" ? "–"
      : /^\d{6}$/.test(value) && field.endsWith("Date") ? value : this.#value(field, value));
    const body = rows.map((row) => element("tr", { class: row.agrees === false ? "differs" : null },
      element("th", { scope: "row" }, text(`field.${row.field}`)),
      cell(row.field, row.chip), qr === null ? null : cell(row.field, row.qr), zone === null ? null : cell(row.field, row.zone),
      element("td", { class: "agreement" }, row.agrees === undefined ? "–" : [sign(row.agrees ? "good" : "bad"), text(row.agrees ? "cross.agrees" : "cross.differs")])));
    const head = ["cross.field", "cross.chip", ...(qr === null ? [] : ["cross.qr"]), ...(zone === null ? [] : ["cross.zone"]), "cross.result"];
    return element("section", { class: "card", "aria-labelledby": "cross-title" }, title,
      element("p", { class: "decision" }, sign(differs ? "bad" : "good"), element("b", {}, text(differs ? "cross.some" : "cross.all"))),
      element("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "cross-title" },
        element("table", {},
          element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, text(name))))),
          element("tbody", {}, ...body))),
      qr === null || zone === null ? element("p", { class: "hint" }, text("cross.hint")) : null);
  }

  #checks({ answer }) {
    const { checks, texts } = answer.verdict;
    const words = texts[currentLanguage()].checks;
    const count = (result) => checks.filter((check) => check.result === result).length;
    const items = ordered(checks).map((check) => {
      const { name, message, advice } = words[check.id] ?? { name: check.id, message: check.reason };
      return element("li", { class: check.result },
        sign(RESULT_SIGNS[check.result]),
        element("div", {},
          element("p", { class: "check-name" }, element("b", {}, name), " ", element("span", { class: "result" }, text(`result.${check.result}`))),
          element("p", {}, check.isLater ? text("check.portrait") : message),
          advice === undefined || check.isLater ? null : element("p", { class: "advice" }, advice)));
    });
    return element("section", { class: "card checks", "aria-labelledby": "checks-title" },
      element("h3", { id: "checks-title" }, text("checks"), " ",
        element("span", { class: "count" }, text("checks.count", { passed: count("passed"), failed: count("failed"), open: count("notPerformed") }))),
      element("ul", {}, ...items));
  }

  #printHead(shown) {
    return element("p", { class: "print-only print-head" }, `${text("print.title")} · ${moment(shown.at)}`);
  }

  #facts({ answer, id, at }) {
    const parts = [
      `${text("at")}: ${moment(at)}`, `${text("at.reader")}: ${answer.reader}`,
      text("read.facts", { seconds: number(answer.read.seconds) }), `${text("record")}: ${id}`];
    return element("p", { class: "facts" }, parts.join(" · "));
  }
}
