// The daemon's public API, as this page uses it.

const TOKEN = "cccd.token";

/** A problem that the daemon answered, or `offline` when it did not answer. */
export class Problem extends Error {
  constructor(kind, status, details = {}) {
    super(kind);
    Object.assign(this, { kind, status, details });
  }
}

let token = null;

/** The token: in memory, and in this tab's session storage, so that the page may be loaded again. */
export function hasToken() { return token !== null; }

export function setToken(text) {
  token = text;
  if (text === null) sessionStorage.removeItem(TOKEN); else sessionStorage.setItem(TOKEN, text);
}

/** Takes the token, or the ticket for one, out of the address, where nobody shall read it over a shoulder or in the history. */
export async function begin() {
  const given = new URLSearchParams(location.hash.slice(1));
  const hasGiven = given.has("ticket") || given.has("token");
  if (hasGiven) history.replaceState(null, "", location.pathname);
  if (given.has("token")) {
    setToken(given.get("token"));
  } else if (given.has("ticket")) {
    setToken(null);
    setToken((await ask("POST", "/v1/page-sessions", { ticket: given.get("ticket") })).answer.token);
  } else {
    token = sessionStorage.getItem(TOKEN);
  }
  return token !== null;
}

async function send(method, path, body, signal, headers = {}) {
  const all = { ...headers };
  if (token !== null) all.Authorization = `Bearer ${token}`;
  if (body !== undefined) all["Content-Type"] = "application/json";
  const options = { method, headers: all, signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
  if (body !== undefined) options.body = JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Problem("offline", 0);
  }
  if (response.ok) return response;
  const details = await response.json().catch(() => ({}));
  const kind = String(details.type ?? "").replace(/^urn:cccd:problem:/, "") || "internal-error";
  throw new Problem(kind, response.status, details);
}

/** The answer in JSON, with the `Audit-Id` of a check-in. */
export async function ask(method, path, body, signal) {
  const response = await send(method, path, body, signal);
  return { answer: await response.json(), id: response.headers.get("Audit-Id") };
}

export async function metrics() { return (await send("GET", "/metrics")).text(); }

/** A portrait as an object URL, and the verdict's outcome with the portrait taken into account. */
export async function portrait(id, signal) {
  const response = await send("GET", `/v1/check-ins/${encodeURIComponent(id)}/portrait`, undefined, signal);
  const url = URL.createObjectURL(await response.blob());
  return { url, outcome: response.headers.get("Verdict-Outcome") };
}

/** Follows the events for ever: `told(name, data)`, and `connected(isConnected, problem)`. Goes on where it stopped. */
export async function follow(told, connected, signal) {
  let last = null;
  let pause = 250;
  while (!signal.aborted) {
    try {
      const response = await send("GET", "/v1/events", undefined, signal, last === null ? {} : { "Last-Event-ID": last });
      connected(true);
      pause = 250;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const events = (rest + piece.value).split("\n\n");
        rest = events.pop();
        for (const text of events) {
          const fields = Object.fromEntries(text.split("\n").filter((line) => !line.startsWith(":") && line.includes(": "))
            .map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
          if (fields.id !== undefined) last = fields.id;
          if (fields.event !== undefined) told(fields.event, JSON.parse(fields.data ?? "{}"));
        }
      }
      connected(false, new Problem("offline", 0));
    } catch (error) {
      if (signal.aborted) return;
      connected(false, error instanceof Problem ? error : new Problem("offline", 0));
      if (error.status === 401 || error.status === 403) return;
    }
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(pause * 2, 5000);
  }
}
