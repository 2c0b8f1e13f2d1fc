// The desk: what is at the readers, what is being done, and the answer on the screen. Nothing of it outlives this page.

import * as api from "./api.js";

/** How long a code waits for its card, and a problem stays on the screen at least, in seconds. */
const ARMED_SECONDS = 60;

/** Changes are told by the event `change`; `phase` is `locked`, `idle`, `armed`, `reading`, `problem` or `answer`. */
export class Desk extends EventTarget {
  phase = "locked";
  caller = null;
  isConnected = null;
  readers = [];
  readersProblem = null;
  /** The reader that was chosen; null for whichever holds a card. */
  reader = null;
  visit = { arrival: "chosen", care: "outpatient" };
  reading = null;
  problem = null;
  /** The answer on the screen with what belongs to it: qr, zone, portrait, outcome, at. */
  shown = null;
  clearsAt = null;
  lockReason = null;

  #key = null;
  #work = null;
  #following = null;
  #timer = null;

  may(permission) { return this.caller?.permissions.includes(permission) ?? false; }

  isTold(field) { return this.caller?.fields.includes(field) ?? false; }

  #changed() { this.dispatchEvent(new Event("change")); }

  /** Opens the page with the token that there is, or says that there is none. */
  async open() {
    try {
      if (!await api.begin()) { this.lock(null); return; }
      this.caller = (await api.ask("GET", "/v1/caller")).answer;
    } catch (problem) {
      if (problem.status === 401) { this.lock("ended"); return; }
      // The daemon may be on its way up.
      this.problem = problem;
      this.isConnected = false;
      this.#changed();
      setTimeout(() => this.open(), 1000);
      return;
    }
    this.problem = null;
    this.phase = "idle";
    this.#follow();
    this.#changed();
  }

  lock(reason) {
    this.#following?.abort();
    this.#forget();
    if (reason !== null) api.setToken(null);
    this.caller = null;
    this.lockReason = reason;
    this.phase = "locked";
    this.#changed();
  }

  #follow() {
    this.#following?.abort();
    this.#following = new AbortController();
    api.follow((name, data) => this.#told(name, data), (isConnected, problem) => {
      if (problem?.status === 401) { this.lock("ended"); return; }
      this.isConnected = isConnected;
      this.#changed();
    }, this.#following.signal);
  }

  get holdsCard() {
    return this.readers.some((reader) => reader.cardPresent && (this.reader === null || this.reader === reader.name));
  }

  #reader(name, change) {
    const known = this.readers.find((reader) => reader.name === name);
    if (known !== undefined) Object.assign(known, change);
    else this.readers.push({ name, cardPresent: false, cardMute: false, ...change });
  }

  #told(name, data) {
    switch (name) {
      case "readers":
        this.readers = data.readers;
        this.readersProblem = null;
        if (data.readers.length === 0) this.#askForReaders();
        break;
      case "reader.added": this.#reader(data.reader, {}); this.readersProblem = null; break;
      case "reader.removed": this.readers = this.readers.filter((reader) => reader.name !== data.reader); break;
      case "readers.unavailable": this.readers = []; this.readersProblem = data.problem; break;
      case "card.inserted":
        this.#reader(data.reader, { cardPresent: true, cardMute: data.cardMute });
        if (this.phase === "armed" && this.holdsCard) this.#read();
        break;
      case "card.removed":
        this.#reader(data.reader, { cardPresent: false, cardMute: false });
        if (this.phase === "answer" && this.shown.answer.reader === data.reader) this.clear();
        break;
      default:
        if (name.startsWith("check-in.")) this.#progressed(name.slice(9), data);
    }
    this.#changed();
  }

  /** Why there are no readers: that was told to those who followed then. */
  async #askForReaders() {
    if (!this.may("readers")) return;
    try {
      await api.ask("GET", "/v1/readers");
    } catch (problem) {
      if (this.readers.length > 0) return;
      this.readersProblem = problem.message;
      this.#changed();
    }
  }

  /** How the check-in that this page asked for goes on. Those of others at the same reader look alike until ours is queued. */
  #progressed(name, data) {
    if (this.phase === "answer" && data.id === this.shown.id && name === "check") this.#judgedAgain(data);
    const reading = this.reading;
    // What comes after the answer may be told before it.
    if (reading !== null && name === "check") reading.checks.push(data);
    if (reading === null || (reading.id !== undefined && reading.id !== data.id)) return;
    switch (name) {
      case "queued": Object.assign(reading, { id: data.id, place: data.place }); break;
      case "started": Object.assign(reading, { id: data.id, place: 0 }); break;
      case "progress":
        Object.assign(reading, { file: data.file, fileBytes: data.fileBytes, fileSize: data.fileSize, bytes: data.bytes });
        reading.waiting = reading.interrupted = null;
        break;
      case "waiting":
        reading.waiting = data;
        if (data.followsWrongKey) reading.delay = data.seconds;
        break;
      case "interrupted": reading.interrupted = data.problem; break;
    }
  }

  /** The portrait may turn a check over after the answer was given. */
  #judgedAgain(data) {
    const check = this.shown.answer.verdict.checks.find((one) => one.id === data.check);
    if (check === undefined || check.result === data.result) return;
    check.result = data.result;
    check.isLater = true;
    if (data.result === "failed" && data.check === "dataGroups.hash") this.#turnOver("invalid");
  }

  /** The portrait shows that the card is not what it was taken for: nothing that stood on it holds any more. */
  #turnOver(outcome) {
    const { shown } = this;
    const isProven = outcome === "genuine" || outcome === "authenticData";
    shown.isPortraitAltered ||= outcome === "invalid" && shown.answer.verdict.outcome !== "invalid";
    shown.outcome = outcome;
    if (isProven) return;
    if (shown.answer.holder !== undefined) shown.answer.holder.isProven = false;
    if (shown.answer.insurance === undefined) return;
    delete shown.answer.insurance;
    shown.answer.insuranceProblem = { type: "urn:cccd:problem:identity-not-proven" };
  }

  /** Takes a key: reads the card that lies there, or waits for one. */
  take(key) {
    this.#forget();
    this.#key = key;
    if (this.holdsCard || this.isConnected === false) { this.#read(); return; }
    if (this.readers.length === 0) {
      this.#show(new api.Problem(this.readersProblem ?? "no-reader", 409));
      return;
    }
    this.phase = "armed";
    this.#clearIn(ARMED_SECONDS);
    this.#changed();
  }

  async #read() {
    const key = this.#key;
    this.#key = null;
    this.#clearIn(null);
    const work = this.#work = new AbortController();
    const reading = this.reading = { bytes: 0, checks: [] };
    this.phase = "reading";
    this.#changed();
    const wantsPortrait = this.may("portrait") && this.isTold("portrait");
    const body = { ...key.body, ...this.visit, portraitFollows: wantsPortrait, texts: ["vi", "en"] };
    if (this.reader !== null) body.reader = this.reader;
    try {
      const { answer, id } = await api.ask("POST", "/v1/check-in", body, work.signal);
      if (work.signal.aborted) return;
      this.reading = null;
      this.shown = {
        id, answer, outcome: answer.verdict.outcome, qr: key.qr ?? null, zone: key.zone ?? null, remark: key.remark ?? null,
        at: new Date(), portrait: wantsPortrait ? "reading" : null, isPortraitAltered: false,
      };
      for (const check of reading.checks.filter((one) => one.id === id)) this.#judgedAgain(check);
      this.phase = "answer";
      this.#clearIn(this.caller.page.clearAfter);
      this.#changed();
      if (wantsPortrait) await this.#fetchPortrait(work);
    } catch (problem) {
      if (work.signal.aborted) return;
      if (!(problem instanceof api.Problem)) throw problem;
      problem.delay = reading.delay;
      this.#show(problem);
    }
  }

  async #fetchPortrait(work) {
    const shown = this.shown;
    try {
      const { url, outcome } = await api.portrait(shown.id, work.signal);
      if (work.signal.aborted || this.shown !== shown) { URL.revokeObjectURL(url); return; }
      shown.portrait = { url };
      this.#turnOver(outcome ?? shown.outcome);
    } catch (problem) {
      if (work.signal.aborted || this.shown !== shown) return;
      shown.portrait = { problem: problem.message };
      if (problem.message === "portrait-altered") this.#turnOver("invalid");
    }
    this.#changed();
  }

  /** Asks for the insurance again when something about the visit has changed; the card stays as it was judged. */
  async askInsuranceAgain() {
    const shown = this.shown;
    if (shown?.answer.holder?.isProven !== true || shown.answer.insurance === undefined) return;
    if (!this.may("insurance") || shown.answer.holder.personalNumber === undefined) return;
    const { personalNumber, fullName, birthDate } = shown.answer.holder;
    shown.isAsking = true;
    this.#changed();
    try {
      const { answer } = await api.ask("POST", "/v1/insurance", { personalNumber, fullName, birthDate, ...this.visit });
      shown.answer.insurance = answer;
    } catch (problem) {
      delete shown.answer.insurance;
      shown.answer.insuranceProblem = { type: `urn:cccd:problem:${problem.message}` };
    }
    shown.isAsking = false;
    if (this.shown === shown) this.#changed();
  }

  /** Takes another scan of the card that was read, to be compared with its chip. */
  compare(key) {
    if (this.shown === null) return;
    this.shown.qr = key.qr ?? this.shown.qr;
    this.shown.zone = key.zone ?? this.shown.zone;
    this.prolong();
  }

  #show(problem) {
    if (problem.status === 401) { this.lock("ended"); return; }
    this.reading = null;
    this.problem = problem;
    this.phase = "problem";
    this.#clearIn(this.caller.page.clearAfter);
    this.#changed();
  }

  prolong() {
    if (this.clearsAt !== null) this.#clearIn(this.caller.page.clearAfter);
    this.#changed();
  }

  #clearIn(seconds) {
    clearTimeout(this.#timer);
    this.clearsAt = seconds === null ? null : Date.now() + seconds * 1000;
    if (seconds !== null) this.#timer = setTimeout(() => this.clear(), seconds * 1000);
  }

  #forget() {
    this.#work?.abort();
    this.#work = null;
    this.#clearIn(null);
    if (this.shown?.portrait?.url !== undefined) URL.revokeObjectURL(this.shown.portrait.url);
    this.shown = this.reading = this.problem = this.#key = null;
  }

  /** Empties the desk: nobody's data is left. */
  clear() {
    this.#forget();
    if (this.phase !== "locked") this.phase = "idle";
    this.#changed();
  }
}
