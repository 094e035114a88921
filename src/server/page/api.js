// Requests to the server. Addresses are relative, so that the page also works below a prefix.

// What the server refused, as a problem object (RFC 9457).
export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered with status ${status}.`);
    this.status = status;
    this.type = String(problem.type ?? "").replace("urn:tusk:", "");
  }
}

// There is no answer.
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
  }
}

// Says "lost" and "restored" of the connection, "token" when the server wants one, "model" when
// answers come from another model than before.
export const connection = new EventTarget();
const say = (name) => connection.dispatchEvent(new Event(name));

const kPatience = 30_000;  // ms for an answer
const kTries = 3;          // where the server is busy
let isLost = false;
let version = null;
let token = null;
try {
  token = sessionStorage.getItem("tusk:token");
} catch {
  // No storage: the token is asked for again.
}

export const useToken = (text) => {
  token = text;
  try {
    sessionStorage.setItem("tusk:token", text);
  } catch {
    // As above.
  }
};

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Asks until the server lives again, ever less often.
const waitForServer = async () => {
  for (let wait = 1000; isLost; wait = Math.min(wait * 1.5, 10_000)) {
    await pause(wait);
    await tryAgain();
  }
};

export const tryAgain = async () => {
  try {
    const answer = await fetch("health/live", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (answer.ok) found();
  } catch {
    // Still nobody there.
  }
};

const lost = () => {
  if (isLost) return;
  isLost = true;
  say("lost");
  waitForServer();
};

const found = () => {
  if (!isLost) return;
  isLost = false;
  say("restored");
};

const noteVersion = (answer) => {
  const now = answer.headers.get("Tusk-Model");
  if (!now || now === version) return;
  const changed = version !== null;
  version = now;
  if (changed) say("model");
};

const send = async (path, body, signal) => {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const limits = [AbortSignal.timeout(kPatience), ...(signal ? [signal] : [])];
  try {
    const answer = await fetch(path, {
      method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store",
      signal: AbortSignal.any(limits),
    });
    return [answer, await answer.json().catch((error) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    })];
  } catch (error) {
    if (signal?.aborted) throw error;
    lost();
    throw new Unreachable();
  }
};

// The JSON of an answer. Throws Problem, Unreachable, or an AbortError once `signal` is aborted.
const request = async (path, body, signal) => {
  for (let tries = 1; ; ++tries) {
    const [answer, json] = await send(path, body, signal);
    found();
    if (answer.ok && json !== null) {
      noteVersion(answer);
      return json;
    }
    if (answer.status === 503 && tries < kTries) {
      await pause(1000 * Math.min(Number(answer.headers.get("Retry-After")) || 1, 5));
      signal?.throwIfAborted();
      continue;
    }
    if (answer.status === 401) say("token");
    throw new Problem(answer.status, json ?? {});
  }
};

const withQuery = (path, query) => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) search.append(name, one);
  }
  return `${path}?${search}`;
};

export const api = {
  model: () => request("api/model"),
  toRate: (k) => request(withQuery("api/items/to-rate", { k })),
  list: (body, signal) => request("api/recommendations", body, signal),
  popular: (query, signal) => request(withQuery("api/items/popular", query), null, signal),
  user: (id, k) => request(withQuery(`api/users/${encodeURIComponent(id)}/recommendations`,
    { k, explain: true })),
  similar: (id, k, signal) =>
    request(withQuery(`api/items/${encodeURIComponent(id)}/similar`, { k }), null, signal),
  search: (query, k, signal) => request(withQuery("api/items", { query, k }), null, signal),
  items: (ids, signal) => request(withQuery("api/items", { id: ids }), null, signal),
  predict: (ratings, items, signal) => request("api/predict", { ratings, items }, signal),
  chat: (body) => request("api/chat", body),
};
