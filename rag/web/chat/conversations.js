// The conversations that this browser keeps, one record each. `element` is their list, `trigger` tells Python.
const PREFIX = "articles-conversation:", FORMER = "articles-conversations";
const CURRENT = "articles-current", DRAFT = "articles-draft";
const local = opened("localStorage"), tab = opened("sessionStorage");
const unsaved = new Map(); // records for which there is no room, for as long as the page is open
let current = null; // the record that is on screen

function opened(name) {
  try { const store = window[name]; return store instanceof Storage ? store : null; } catch { return null; }
}

function remember(key, text) {
  try { tab?.setItem(key, text); } catch { /* no room: a reload begins with an empty page */ }
}

function parsed(text) {
  try { const record = JSON.parse(text); return Array.isArray(record?.turns) ? record : null; } catch { return null; }
}

const textOf = (id) => unsaved.get(PREFIX + id) ?? local?.getItem(PREFIX + id) ?? null;

function records() {
  const keys = new Set([...Object.keys(local ?? {}), ...unsaved.keys()].filter((key) => key.startsWith(PREFIX)));
  const found = [...keys].map((key) => key.slice(PREFIX.length)).map((id) => ({
    title: "Cannot be read", at: 0, ...parsed(textOf(id)), id,
  }));
  return found.sort((one, other) => other.at - one.at);
}

function write(record) {
  const key = PREFIX + record.id, text = JSON.stringify(record);
  try { local.setItem(key, text); unsaved.delete(key); return true; } catch { unsaved.set(key, text); }
  if (local) say(`This browser has no room left: “${record.title}” is kept only until this page is closed. Export it, or delete conversations.`);
  return false;
}

// Keeps what is on screen where it has changed; what another tab made of the same conversation stays beside it.
function keep(text) {
  let record = parsed(text);
  if (!record) return text;
  const stored = parsed(textOf(record.id));
  const changed = ![stored?.mark, current?.mark].includes(record.mark); // one that was deleted does not come back
  if (record.turns.length && changed) {
    if (stored && stored.mark !== record.base) {
      record.id = crypto.getRandomValues(new Uint32Array(2)).join("");
      say("This conversation was changed in another tab: what was said here is kept as a conversation of its own.");
    }
    record = { ...record, title: stored?.title ?? record.title, base: record.mark, at: Date.now() };
    write(record);
  } else if (stored?.mark === record.mark) record.base = record.mark;
  current = record;
  remember(CURRENT, record.id);
  draw();
  return JSON.stringify(record);
}

// What this tab showed before it was loaded again; the one record of all conversations of version 0.1 is taken apart.
function restore(former) {
  if (local?.getItem(FORMER) && former?.length) takeApart(former);
  draw();
  const draft = tab?.getItem(DRAFT), box = document.querySelector("#question textarea");
  if (draft && box && !box.value) { box.value = draft; box.dispatchEvent(new Event("input", { bubbles: true })); }
  return textOf(tab?.getItem(CURRENT)) ?? "";
}

function takeApart(former) {
  const text = local.getItem(FORMER), now = Date.now();
  local.removeItem(FORMER); // it is the larger, so that there is room
  const made = former.map((one, place) => ({ ...one, mark: one.id, base: one.id, at: now - place }));
  if (made.map((one) => textOf(one.id) !== null || write(one)).includes(false)) {
    made.forEach((one) => local.removeItem(PREFIX + one.id));
    try { local.setItem(FORMER, text); } catch { /* they are still shown, and `write` has said that they are not kept */ }
  }
}

function rename(id, given) {
  const record = parsed(textOf(id)), title = given.split(/\s+/).filter(Boolean).join(" ").slice(0, 60);
  if (record && title) write({ ...record, title });
  draw();
}

function remove(id) {
  unsaved.delete(PREFIX + id);
  local?.removeItem(PREFIX + id);
  if (id === current?.id) trigger("delete", {});
  draw();
}

function made(tag, properties, data = {}) {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, data);
  return node;
}

function draw() {
  const list = document.createElement("ul"), known = records();
  for (const { id, title: given } of known) {
    const item = document.createElement("li"), title = String(given) || "Untitled";
    if (id === current?.id) item.setAttribute("aria-current", "true");
    item.append(
      made("button", { type: "button", className: "open", textContent: title }, { chat: id }),
      made("button", { type: "button", ariaLabel: `Rename ${title}`, textContent: "✎" }, { rename: id, title }),
      made("button", { type: "button", ariaLabel: `Delete ${title}`, textContent: "×" }, { remove: id, title }),
    );
    list.append(item);
  }
  const place = element.querySelector(".list");
  place.replaceChildren();
  const note = !local ? "This browser keeps nothing: conversations are gone when this page is closed or loaded again. Export them."
    : unsaved.size ? "There was no room to keep all of these: some are gone when this page is closed."
    : known.length ? "" : "Conversations are kept in this browser.";
  if (note) place.append(made("p", { className: "quiet", textContent: note }));
  if (known.length) place.append(list);
}

element.addEventListener("click", (event) => {
  const { chat, rename: renamed, remove: removed, title } = event.target.closest("button")?.dataset ?? {};
  if (chat) trigger("select", { record: textOf(chat) });
  const given = renamed && prompt("Name of this conversation", title);
  if (given) rename(renamed, given);
  if (removed && confirm(`Delete “${title}”? This cannot be undone.`)) remove(removed);
});
addEventListener("storage", (event) => { if (event.key === null || event.key.startsWith(PREFIX)) draw(); });
addEventListener("pagehide", () => remember(DRAFT, document.querySelector("#question textarea")?.value ?? ""));

// What keeps the page from going on, in one line above the tabs; Gradio would cover what the person reads with it.
function say(line) {
  document.getElementById("said")?.remove();
  if (line) document.getElementById("heading").after(made("p", { id: "said", className: "trouble", role: "alert", textContent: line }));
}

const plain = window.fetch.bind(window);
window.fetch = async (...asked) => {
  const order = (asked[1]?.method ?? asked[0]?.method) === "POST";
  try {
    const reply = await plain(...asked);
    if (order && !reply.ok) say(await refusal(reply.clone()));
    else if (order && String(asked[0]?.url ?? asked[0]).includes("/queue/join")) say("");
    return reply;
  } catch (error) {
    if (order && error.name !== "AbortError") say("The server does not answer. What was said stays here; ask again when it does.");
    throw error;
  }
};

async function refusal(reply) {
  const { detail } = await reply.json().catch(() => ({}));
  return `${typeof detail === "string" ? detail : `The server answered ${reply.status}`}. What was said stays here.`;
}

// Gradio edits what it shows, which is escaped, and shows what was typed before the server has agreed.
const inert = (text) => text.replace(/[!-\/:-@\[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`);
const question = (place) => current?.turns[place]?.answer?.question;

function unedited(messages) {
  return messages.map((one, place) => one.role === "user" && question(place / 2) !== undefined
    ? { ...one, content: [{ type: "text", text: inert(question(place / 2)) }] } : one);
}

function mendEdit() {
  document.querySelectorAll("#chat textarea.edit-textarea:not([data-plain])").forEach((box) => {
    const rows = [...document.querySelectorAll("#chat .user-row")];
    box.dataset.plain = "true";
    box.value = question(rows.indexOf(box.closest(".user-row")))
      ?? new DOMParser().parseFromString(box.value.replace(/</g, "&lt;"), "text/html").body.textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  if (document.querySelector("#chat > [data-testid=status-tracker] .error") && !document.getElementById("said"))
    say("The question was not answered. What was said stays here; try again.");
}
new MutationObserver(mendEdit).observe(document.body, { subtree: true, childList: true });

window.conversations = { keep, restore, unedited };
draw();
