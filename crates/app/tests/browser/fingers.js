// What is wrong on a page for somebody with a phone: wider than the screen, words or boxes that run out of their card,
// things to tap that are lower than a finger needs, or what the caller says is the least. A link within a sentence is
// as high as its line.
const LEAST = arguments[0] ?? 40;
const CARDS =
  ".panel, .preflight, .grid, .card, .note, .result, .choice, .totals, .selbar, .logtable tr, " +
  ".cards-on-phone tr, dialog, main, header, footer, body";
const TARGETS = "a[href], button, summary, select, textarea, input:not([type=hidden])";
const wrong = new Set();
const isShown = (e) =>
  e.checkVisibility({ visibilityProperty: true }) &&
  e.getBoundingClientRect().width > 0 &&
  !e.closest("svg, .sr, .skip");
const said = (e) => (e.innerText || e.value || e.getAttribute("aria-label") || "").trim().replace(/\s+/g, " ");
const tag = (e) => e.tagName.toLowerCase();
const name = (e) => `${tag(e)} “${said(e).slice(0, 40)}” in ${tag(e.parentElement)}.${e.parentElement.className}`;
// What scrolls sideways, or is cut on purpose, is no overflow.
const isHeld = (e) => {
  for (let at = e; at; at = at.parentElement) if (getComputedStyle(at).overflowX !== "visible") return true;
  return false;
};
const past = (rects, card) => {
  const all = [...rects];
  const c = card.getBoundingClientRect();
  return Math.round(Math.max(...all.map((r) => r.right - c.right), ...all.map((r) => c.left - r.left)));
};
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 0) wrong.add(`the page is ${wide} px wider than the screen`);
for (const e of document.querySelectorAll("body *")) {
  const card = e.parentElement.closest(CARDS);
  if (!card || !isShown(e) || isHeld(e.parentElement)) continue;
  const boxes = past([e.getBoundingClientRect()], card);
  if (boxes > 1) wrong.add(`${boxes} px out of its card: ${name(e)}`);
}
const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = words.nextNode(); node; node = words.nextNode()) {
  const e = node.parentElement;
  if (!node.textContent.trim() || e.closest("option, script, style, textarea, template") || !isShown(e) || isHeld(e))
    continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const run = range.getClientRects().length ? past(range.getClientRects(), e.closest(CARDS)) : 0;
  if (run > 1) wrong.add(`${run} px of its words out of their card: ${name(e)}`);
}
const open = document.querySelector("dialog[open]");
for (const e of document.querySelectorAll(TARGETS)) {
  if (!isShown(e) || (open && !open.contains(e))) continue;
  const beside = [...e.parentElement.childNodes].some(
    (n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim().length > 2,
  );
  if (getComputedStyle(e).display === "inline" && beside) continue;
  const label = e.matches("[type=checkbox], [type=radio]") ? e.closest("label") : null;
  const { height, width } = (label ?? e).getBoundingClientRect();
  if (height < LEAST) wrong.add(`${Math.round(height)} px high: ${name(e)}`);
  // Two letters are as wide as they are: a link in a cell of its own has nothing beside it.
  if (width < 24 && !e.matches("a")) wrong.add(`${Math.round(width)} px wide: ${name(e)}`);
}
return [...wrong].join("\n");
