// Citations, the article beside them, keys and the colour scheme. `element` is the article's pane, `server` our Python.
const root = document.documentElement, body = document.body;
const pane = element.querySelector(".reader");
const tip = body.appendChild(Object.assign(document.createElement("div"), { id: "tip", role: "tooltip", hidden: true }));
let came = null; // where the keyboard was before the article opened
let cited = null; // the citation that selected a card

const desk = () => document.getElementById("desk");
const cardOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));
const marksOf = (card) => card.dataset.marks.split(" ").map((mark) => mark.split("-").map(Number));

function select(card) {
  document.querySelectorAll(".card.selected").forEach((other) => other.classList.remove("selected"));
  card.closest("details")?.setAttribute("open", "");
  card.classList.add("selected");
  close();
  card.scrollIntoView({ block: "nearest", behavior: "auto" });
  card.focus({ preventScroll: true });
}

async function open(id, marks, chosen) {
  came = document.activeElement;
  pane.innerHTML = await server.article({ id, marks, chosen });
  desk().classList.add("reading");
  document.getElementById("evidence").scrollTop = 0;
  step(0);
  pane.querySelector("h2")?.focus({ preventScroll: true });
}

window.openArticle = (id) => {
  document.querySelector('#tabs button[role="tab"]')?.click();
  if (id) open(id, [], null);
};

function openCard(card) {
  const of = card.closest("section, details").querySelectorAll(".card[data-marks]");
  const same = [...of].filter((other) => other.id && other.dataset.article === card.dataset.article);
  const all = (same.length ? same : [card]).flatMap(marksOf);
  open(card.dataset.article, all, marksOf(card)[0]);
}

function close() {
  if (!desk().classList.contains("reading")) return;
  desk().classList.remove("reading");
  pane.innerHTML = "";
  if (new URLSearchParams(location.search).has("article")) history.replaceState(null, "", location.pathname);
  came?.focus?.();
}

function step(by) {
  const marks = [...new Set([...pane.querySelectorAll("mark.cited")].map((mark) => mark.dataset.mark))];
  const now = pane.querySelector("mark.chosen")?.dataset.mark ?? marks[0];
  const next = (marks.indexOf(now) + by + marks.length) % marks.length;
  pane.querySelectorAll("mark.cited").forEach((mark) => mark.classList.toggle("chosen", mark.dataset.mark === marks[next]));
  const count = pane.querySelector(".count");
  if (count) count.textContent = marks.length ? `${next + 1} of ${marks.length}` : "";
  pane.querySelector("mark.chosen")?.scrollIntoView({ block: "center", behavior: "auto" });
}

function hover(link) {
  const card = cardOf(link);
  if (!card) return;
  tip.replaceChildren();
  for (const [name, part] of [["strong", "h3"], ["span", ".about"], ["q", "mark"]]) {
    const text = [...card.querySelectorAll(part)].map((one) => one.textContent).join(" … ");
    if (text) tip.append(Object.assign(document.createElement(name), { textContent: text.slice(0, 400) }));
  }
  tip.hidden = false;
  const at = link.getBoundingClientRect(), size = tip.getBoundingClientRect();
  const above = at.bottom + size.height + 12 > innerHeight && at.top > size.height + 12;
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  tip.style.top = `${above ? at.top - size.height - 6 : at.bottom + 6}px`;
}

async function copy(text, button) {
  const said = button.textContent;
  try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
  catch { button.textContent = "Could not copy"; }
  setTimeout(() => (button.textContent = said), 1500);
}

const citation = (event) => event.target.closest?.('a[href^="#passage-"]');

document.addEventListener("click", (event) => {
  const link = citation(event), card = event.target.closest?.(".card"), button = event.target.closest?.("button");
  if (link && cardOf(link)) { event.preventDefault(); select(cardOf(link)); tip.hidden = true; cited = link; }
  else if (button?.hasAttribute("data-open") && card) openCard(card);
  else if (button?.dataset.link) copy(location.origin + location.pathname + button.dataset.link, button);
  else if (button?.dataset.copy) copy(button.dataset.copy, button);
  else if (button?.dataset.close || button?.dataset.chat || button?.id === "new") close();
  else if (button?.dataset.step) step(Number(button.dataset.step));
  else if (button?.dataset.scheme) scheme(!body.classList.contains("dark"));
});
for (const name of ["mouseover", "focusin"])
  document.addEventListener(name, (event) => { const link = citation(event); link ? hover(link) : (tip.hidden = true); });

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
  if (event.key === "Escape") {
    tip.hidden = true;
    if (desk().classList.contains("reading")) close();
    else if (event.target.closest?.(".card.selected")) { cited?.focus(); tip.hidden = true; }
  }
  else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.querySelector("#question textarea")?.focus();
  } else if (!typing && desk().classList.contains("reading") && (event.key === "n" || event.key === "p")) step(event.key === "n" ? 1 : -1);
});

function scheme(dark) {
  body.classList.toggle("dark", dark);
  try { localStorage.setItem("scheme", dark ? "dark" : "light"); } catch { /* it is for this page only */ }
}
let kept = null;
try { kept = localStorage.getItem("scheme"); } catch { /* a browser that keeps nothing */ }
if (kept && !new URLSearchParams(location.search).has("__theme")) scheme(kept === "dark");
root.lang ||= "en";

const asked = new URLSearchParams(location.search);
if (asked.get("article")) {
  const mark = [Number(asked.get("start")) || 0, Number(asked.get("end")) || 0];
  open(asked.get("article"), mark[1] > mark[0] ? [mark] : [], mark[1] > mark[0] ? mark : null);
}

// Gradio names a message by its Markdown, which a screen reader would spell out, and calls a list what holds buttons.
function mend() {
  document.querySelectorAll('#chat [data-testid="user"][aria-label], #chat [data-testid="bot"][aria-label]')
    .forEach((said) => said.removeAttribute("aria-label"));
  document.querySelectorAll('#chat .examples[role="list"]').forEach((examples) => examples.removeAttribute("role"));
}
new MutationObserver(mend).observe(body, {
  subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label", "role"],
});
mend();
