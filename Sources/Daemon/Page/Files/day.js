// The desk's day from what the daemon counts: numbers alone, nobody's data.

import * as api from "./api.js";
import { moment, number, text } from "./texts.js";
import { element, graphic } from "./view.js";

const OUTCOMES = ["genuine", "authenticData", "unverified", "invalid", "problem"];
const REFRESH = 15000;

/** Prometheus' text format as a list of `{ name, labels, value }`. */
export function readMetrics(source) {
  return source.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...(labels ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((pair) => [pair[1], pair[2]]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

/** A histogram's buckets apart from each other: `[upper bound, count]`, its mean, and how many there are. */
export function readHistogram(samples, name) {
  const value = (suffix) => samples.find((sample) => sample.name === `${name}_${suffix}`)?.value ?? 0;
  let before = 0;
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`).map((sample) => {
    const count = sample.value - before;
    before = sample.value;
    return [sample.labels.le, count];
  });
  return { buckets, count: value("count"), mean: value("count") > 0 ? value("sum") / value("count") : 0 };
}

export class Day {
  #place;
  #button;
  #samples = null;
  #timer = null;

  constructor(place, button) {
    this.#place = place;
    this.#button = button;
    button.addEventListener("click", () => (this.#place.hidden ? this.open() : this.close()));
  }

  /** Offers it to those who may see it. */
  allow(isAllowed) {
    this.#button.hidden = !isAllowed;
    if (!isAllowed) this.close();
  }

  async open() {
    this.#place.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    await this.#refresh();
    this.#place.querySelector("h2")?.focus();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#refresh(), REFRESH);
  }

  close() {
    clearInterval(this.#timer);
    if (!this.#place.hidden) this.#button.focus();
    this.#place.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  async #refresh() {
    try {
      this.#samples = readMetrics(await api.metrics());
    } catch {
      this.#samples ??= [];
    }
    this.show();
  }

  show() {
    if (this.#samples === null || this.#place.hidden) return;
    const samples = this.#samples;
    const today = samples.filter((sample) => sample.name === "cccd_today_check_ins");
    const total = today.reduce((sum, sample) => sum + sample.value, 0);
    const started = samples.find((sample) => sample.name === "process_start_time_seconds")?.value ?? 0;
    const queue = samples.find((sample) => sample.name === "cccd_queue")?.value ?? 0;
    const since = text("day.since", { moment: moment(new Date(started * 1000)) });
    const close = element("button", { type: "button", class: "quiet" }, text("day.close"));
    close.addEventListener("click", () => this.close());
    const hadFocus = this.#place.contains(document.activeElement);
    this.#place.replaceChildren(
      element("div", { class: "day-head" },
        element("h2", { id: "day-title", tabindex: "-1" }, text("day.title")),
        element("p", {}, `${text("day.total", { count: total })} · ${text("day.queue", { count: queue })}`), close),
      element("div", { class: "charts" },
        hours(today), outcomes(today),
        histogram(text("day.reading"), readHistogram(samples, "cccd_read_duration_seconds"), since),
        histogram(text("day.waiting"), readHistogram(samples, "cccd_check_in_wait_seconds"), since)));
    if (hadFocus) this.#place.querySelector("h2").focus();
  }
}

function hours(today) {
  const byHour = new Map();
  for (const { labels, value } of today) byHour.set(Number(labels.hour), (byHour.get(Number(labels.hour)) ?? 0) + value);
  const known = [...byHour.keys()];
  const [first, last] = [Math.min(7, ...known), Math.max(17, ...known)];
  const bars = Array.from({ length: last - first + 1 }, (_, index) => [String(first + index), byHour.get(first + index) ?? 0]);
  return columns(text("day.hours"), bars, "", ([hour, count]) => text("day.hours.of", { hour, count }));
}

function histogram(title, { buckets, count, mean }, since) {
  const bars = buckets.map(([bound, value]) => [bound === "+Inf" ? "∞" : `≤${number(Number(bound))}`, value]);
  const used = bars.findLastIndex(([, value]) => value > 0);
  const caption = count === 0 ? since : `${text("day.mean", { seconds: number(mean), count })}; ${since}`;
  return columns(title, bars.slice(0, Math.max(used + 1, 6)), caption, ([bound, value]) => `${bound} s: ${value}`);
}

/** A chart of columns, each with its number above and its name below; told in words to whoever cannot see it. */
function columns(title, bars, caption, told) {
  const [width, height, bottom, top] = [320, 130, 18, 16];
  const highest = Math.max(1, ...bars.map(([, value]) => value));
  const step = width / Math.max(1, bars.length);
  const shapes = bars.flatMap(([name, value], index) => {
    const size = value / highest * (height - bottom - top);
    const middle = index * step + step / 2;
    const shown = [graphic("text", { x: middle, y: height - 5, class: "axis" }, name)];
    if (value > 0) {
      shown.push(
        graphic("rect", { x: index * step + step * 0.14, y: height - bottom - size, width: step * 0.72, height: size, rx: 2 }),
        graphic("text", { x: middle, y: height - bottom - size - 4, class: "count" }, String(value)));
    }
    return shown;
  });
  const words = bars.filter(([, value]) => value > 0).map(told).join("; ") || text("day.none");
  return element("figure", {},
    element("figcaption", {}, element("b", {}, title), caption === "" ? "" : element("span", {}, caption)),
    graphic("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}. ${words}` },
      graphic("line", { x1: 0, y1: height - bottom, x2: width, y2: height - bottom }), ...shapes));
}

/** A chart of rows, one for each outcome. */
function outcomes(today) {
  const rows = OUTCOMES.map((outcome) => [
    outcome, today.filter((sample) => sample.labels.outcome === outcome).reduce((sum, sample) => sum + sample.value, 0)]);
  const highest = Math.max(1, ...rows.map(([, value]) => value));
  const shapes = rows.flatMap(([outcome, value], index) => {
    const y = index * 26;
    const size = value / highest * 150;
    return [
      graphic("text", { x: 112, y: y + 17, class: "name" }, text(`outcome.${outcome}`)),
      graphic("rect", { x: 120, y: y + 4, width: Math.max(size, 1), height: 18, rx: 2, class: `of-${outcome}` }),
      graphic("text", { x: 126 + size, y: y + 17, class: "number" }, String(value))];
  });
  const words = rows.map(([outcome, value]) => `${text(`outcome.${outcome}`)}: ${value}`).join("; ");
  return element("figure", {},
    element("figcaption", {}, element("b", {}, text("day.outcomes"))),
    graphic("svg", { viewBox: "0 0 320 130", role: "img", "aria-label": `${text("day.outcomes")}. ${words}` }, ...shapes));
}
