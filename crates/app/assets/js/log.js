// The log: keys, and a selection that survives paging. "All of the filter" is the filter plus exclusions,
// never a list of ids.

function enhanceLog() {
  const log = $("[data-log]");
  const form = $("#selection");
  if (!log || !form || form.dataset.enhanced) return;
  form.dataset.enhanced = "1";
  const key = `selection:${location.pathname}?${form.elements.filter.value}`;
  const rows = $$("[data-row]", log);
  const currency = log.dataset.currency;
  let state = { all: false, picked: {}, except: {} };
  try {
    state = { ...state, ...JSON.parse(sessionStorage.getItem(key)) };
  } catch {
    /* an unreadable selection is none */
  }

  const chosen = (id) => (state.all ? !(id in state.except) : id in state.picked);
  const set = (row, on) => {
    const entry = [row.dataset.minor, row.dataset.blocked || "", row.dataset.status];
    const kept = state.all ? state.except : state.picked;
    if (on !== state.all) kept[row.dataset.row] = entry;
    else delete kept[row.dataset.row];
  };
  // The totals per status, where a page has them, follow the selection as long as there is one.
  const addUp = (some, selecting) => {
    const strip = $(".buckets", log);
    if (!strip) return;
    strip.classList.toggle("of-selection", selecting);
    strip.setAttribute("aria-label", `Totals per status in ${currency}${selecting ? ", of the selection" : ""}`);
    for (const bucket of $$("[data-bucket]", strip)) {
      const mine = some.filter(([, , status]) => status === bucket.dataset.bucket);
      const sum = mine.reduce((total, [minor]) => total + BigInt(minor), 0n);
      const whole = [Number(bucket.dataset.count), BigInt(bucket.dataset.minor)];
      const [cors, amount] = !selecting
        ? whole
        : state.all
          ? [whole[0] - mine.length, whole[1] - sum]
          : [mine.length, sum];
      $("[data-cors]", bucket).textContent = selecting ? `${cors}/${whole[0]}` : `${cors}`;
      const shown = $("[data-amount]", bucket);
      shown.textContent = money(amount);
      shown.classList.toggle("neg", amount < 0n);
    }
  };
  const show = () => {
    for (const row of rows) {
      const on = chosen(row.dataset.row);
      row.setAttribute("aria-selected", String(on));
      $("input[name=cor]", row).checked = on;
    }
    const some = Object.values(state.all ? state.except : state.picked);
    const sum = some.reduce((total, [minor]) => total + BigInt(minor), 0n);
    const count = state.all ? Number(form.dataset.filterCount) - some.length : some.length;
    const total = state.all ? BigInt(form.dataset.filterMinor) - sum : sum;
    form.classList.toggle("on", count > 0);
    document.body.classList.toggle("selecting", count > 0);
    $("[data-said-count]", form).textContent = `${count.toLocaleString("en-US")} selected`;
    $("[data-said-sum]", form).textContent = `· ${currency} ${money(total)}`;
    const blocked = some.filter(([, reason]) => reason);
    const left = Number(form.dataset.filterBlocked) - blocked.length;
    const said = state.all
      ? left > 0
        ? `${left} cannot be pushed and will be left out`
        : ""
      : blocked.length
        ? `${blocked.length} cannot be pushed: ${blocked[0][1]}`
        : "";
    $("[data-said-blocked]", form).textContent = said;
    addUp(some, count > 0);
    form.elements.all.checked = state.all && some.length === 0;
    form.elements.all.indeterminate = state.all && some.length > 0;
    const page = $("[data-pick-page]", log);
    const on = rows.filter((row) => chosen(row.dataset.row)).length;
    page.checked = on > 0 && on === rows.length;
    page.indeterminate = on > 0 && on < rows.length;
    sessionStorage.setItem(key, JSON.stringify(state));
  };
  log.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("input[name=cor]")) set(target.closest("[data-row]"), target.checked);
    else if (target.matches("[data-pick-page]")) rows.forEach((row) => set(row, target.checked));
    else if (target.matches("[data-pick-all]")) state = { all: target.checked, picked: {}, except: {} };
    else return;
    show();
  });
  $("[data-pick-none]", form).addEventListener("click", () => {
    state = { all: false, picked: {}, except: {} };
    show();
  });
  form.addEventListener("submit", () => {
    $$("[data-posted]", form).forEach((input) => input.remove());
    rows.forEach((row) => {
      $("input[name=cor]", row).disabled = true;
    });
    form.elements.all.disabled = true;
    const post = (name, value) => form.append(make("input", { type: "hidden", name, value, "data-posted": "" }));
    if (state.all) post("all", "1");
    for (const id of Object.keys(state.all ? state.except : state.picked)) post(state.all ? "except" : "cor", id);
    setTimeout(() => {
      rows.forEach((row) => {
        $("input[name=cor]", row).disabled = false;
      });
      form.elements.all.disabled = false;
    });
  });
  // A shift-click selects from the last one to this.
  let last = -1;
  rows.forEach((row, place) =>
    $("input[name=cor]", row).addEventListener("click", (event) => {
      if (event.shiftKey && last >= 0) {
        const on = event.target.checked;
        rows.slice(Math.min(last, place), Math.max(last, place) + 1).forEach((between) => set(between, on));
        show();
      }
      last = place;
    }),
  );
  show();
}

let cursor = -1;

function moveCursor(step) {
  const rows = $$("[data-row]");
  if (!rows.length) return;
  rows[cursor]?.classList.remove("cursor");
  cursor = Math.min(Math.max(cursor + step, 0), rows.length - 1);
  rows[cursor].classList.add("cursor");
  rows[cursor].scrollIntoView({ block: "nearest" });
}

const typing = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  const row = $$("[data-row]")[cursor];
  const keys = {
    "/": () => $("[data-key-search]")?.focus(),
    "?": () => $("#keys")?.showModal(),
    j: () => moveCursor(1),
    k: () => moveCursor(-1),
    x: () => row && $("input[name=cor]", row)?.click(),
    e: () => row?.dataset.edit && location.assign(row.dataset.edit),
    p: () => $("#selection.on [data-push]")?.click(),
  };
  if (event.key === "Enter" && row && (event.target === document.body || event.target.id === "main")) {
    return location.assign(row.dataset.url);
  }
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
