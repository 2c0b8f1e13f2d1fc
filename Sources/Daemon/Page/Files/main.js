// Wires the page: what is typed and scanned, what is switched, and what the desk tells.

import { setToken } from "./api.js";
import { Day } from "./day.js";
import { isPartOfZone, readKey } from "./key.js";
import { Desk } from "./state.js";
import { currentLanguage, setLanguage, text } from "./texts.js";
import { View } from "./view.js";

/** How long a scanner may take between two lines of the machine readable zone. */
const LINE_PAUSE = 1500;

const desk = new Desk();
const find = (id) => document.getElementById(id);
const keyField = find("key");
const form = find("key-form");
let mode = null;
let lineTimer = null;

const view = new View(desk, {
  mode: () => mode ?? "clinic",
  unlock(token) { setToken(token); desk.open(); },
  clear() { desk.clear(); keyField.focus(); },
  again() { desk.clear(); keyField.focus(); },
  prolong() { desk.prolong(); keyField.focus(); },
  print() { window.print(); },
});
const day = new Day(find("day"), find("day-switch"));

function showLanguage() {
  document.documentElement.lang = currentLanguage();
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const input of document.querySelectorAll("input[name=language]")) input.checked = input.value === currentLanguage();
}

function showMode() {
  document.documentElement.dataset.mode = mode ?? "clinic";
  for (const input of document.querySelectorAll("input[name=mode]")) input.checked = input.value === (mode ?? "clinic");
}

let knownCaller = null;
desk.addEventListener("change", () => {
  if (desk.caller !== knownCaller) {
    knownCaller = desk.caller;
    if (knownCaller !== null) {
      mode = knownCaller.page.mode;
      setLanguage(knownCaller.page.language);
      showLanguage();
      showMode();
      keyField.focus();
    }
    day.allow(desk.may("metrics"));
  }
  form.hidden = desk.phase === "locked";
  showReaders();
  view.show();
});

function showReaders() {
  const choice = find("reader-choice");
  const names = desk.readers.map((reader) => reader.name);
  const wanted = JSON.stringify([currentLanguage(), names]);
  find("reader-field").hidden = names.length < 2;
  if (choice.dataset.shown === wanted) return;
  choice.dataset.shown = wanted;
  const options = [["", text("reader.any")], ...names.map((name) => [name, name])];
  choice.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  if (desk.reader !== null && !names.includes(desk.reader)) desk.reader = null;
  choice.value = desk.reader ?? "";
}

function hint(name) {
  find("key-hint").textContent = text(name);
  find("key-hint").dataset.text = name;
  find("key-hint").classList.toggle("wrong", name === "key.none");
  keyField.setAttribute("aria-invalid", String(name === "key.none"));
}

function submit() {
  clearTimeout(lineTimer);
  const typed = keyField.value;
  if (typed.trim() === "") { keyField.focus(); return; }
  const key = readKey(typed);
  if (key === null) {
    hint("key.none");
    keyField.select();
    return;
  }
  // The number is not left to be seen.
  keyField.value = "";
  hint("key.hint");
  const isFurther = (key.qr ?? key.zone ?? null) !== null && desk.phase === "answer" && mode === "identity" && desk.holdsCard;
  if (isFurther && view.concernsShown(key)) desk.compare(key); else desk.take(key);
  keyField.focus();
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });

keyField.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (isPartOfZone(keyField.value) && !event.shiftKey && lineTimer === null) {
    // The scanner's next line follows at once; a person presses Enter again.
    keyField.setRangeText("\n", keyField.value.length, keyField.value.length, "end");
    hint("key.more");
    lineTimer = setTimeout(() => { lineTimer = null; submit(); }, LINE_PAUSE);
    return;
  }
  if (isPartOfZone(keyField.value) && lineTimer !== null && !keyField.value.endsWith("\n")) {
    keyField.setRangeText("\n", keyField.value.length, keyField.value.length, "end");
    clearTimeout(lineTimer);
    lineTimer = setTimeout(() => { lineTimer = null; submit(); }, LINE_PAUSE);
    return;
  }
  lineTimer = null;
  submit();
});

keyField.addEventListener("input", () => { if (keyField.getAttribute("aria-invalid") === "true") hint("key.hint"); });

// A scanner types wherever the focus is; what it types is meant for the field.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (!find("day").hidden) { day.close(); return; }
    keyField.value = "";
    hint("key.hint");
    desk.clear();
    if (!form.hidden) keyField.focus();
    return;
  }
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
  const target = event.target;
  const isField = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement && target.type !== "radio";
  if (isText && !isField && !form.hidden) keyField.focus();
});

document.addEventListener("paste", (event) => {
  if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement || form.hidden) return;
  keyField.value = event.clipboardData?.getData("text") ?? "";
  submit();
});

for (const [name, change] of [
  ["mode", (value) => { mode = value; showMode(); view.show(); }],
  ["language", (value) => { setLanguage(value); showLanguage(); showReaders(); day.show(); view.show(); }],
]) {
  for (const input of document.querySelectorAll(`input[name=${name}]`)) {
    input.addEventListener("change", () => change(input.value));
  }
}
find("reader-choice").addEventListener("change", (event) => { desk.reader = event.target.value || null; });
for (const name of ["arrival", "care"]) {
  find(name).addEventListener("change", (event) => {
    desk.visit[name] = event.target.value;
    if (desk.phase === "answer") desk.askInsuranceAgain();
  });
}

// Whoever leaves the page, or comes back to it, finds nobody's data on it.
window.addEventListener("pagehide", () => { keyField.value = ""; desk.clear(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

showLanguage();
showMode();
desk.open();
