// What doesn't stand whole on the paper: tables and pictures wider than it, and words that its edge or their own box
// cuts off.
// Every amount of a table is a large one first: what the demo holds is no measure.
const edge = document.documentElement.clientWidth;
const off = new Set();
const amounts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = amounts.nextNode(); node; node = amounts.nextNode()) {
  if (node.parentElement.closest("td.num") && /^\(?[\d,]+\.\d\d\)?$/.test(node.textContent.trim()))
    node.textContent = "(9,999,999.99)";
}
const label = (e) =>
  `${e.tagName.toLowerCase()}.${e.className} “${(e.innerText || "").trim().replace(/\s+/g, " ").slice(0, 40)}”`;
for (const e of document.querySelectorAll("table, .grid, .panel, .buckets, .totals, fieldset, img")) {
  const past = seen(e) ? Math.round(e.getBoundingClientRect().right - edge) : 0;
  if (past > 0) off.add(`${past} px past the paper: ${label(e)}`);
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const e = node.parentElement;
  if (!node.textContent.trim() || e.closest(".sr, option, script, style, textarea, template") || !seen(e)) continue;
  let end = edge;
  for (let at = e; at; at = at.parentElement)
    if (getComputedStyle(at).overflowX !== "visible") end = Math.min(end, at.getBoundingClientRect().right);
  const words = document.createRange();
  words.selectNodeContents(node);
  const past = Math.round(Math.max(0, ...[...words.getClientRects()].map((r) => r.right)) - end);
  if (past > 0) off.add(`${past} px of its words cut: ${label(e)}`);
}
return [...off].join("\n");
