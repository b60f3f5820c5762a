// The push wizard as a real dialog: focus stays in it, Esc asks when something was entered, Next says what is missing.

function enhanceWizard() {
  // All that was selected has been pushed: the log begins anew, so that nobody pushes it again with the next selection.
  if ($("#push-result:not([data-more])")) {
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith("selection:"))
      .forEach((key) => sessionStorage.removeItem(key));
  }
  const wizard = $("dialog[data-wizard]");
  if (!wizard || wizard.dataset.enhanced) return;
  wizard.dataset.enhanced = "1";
  wizard.close();
  wizard.showModal();
  ($("[autofocus]:not(:disabled)", wizard) || $("h2", wizard)).focus();
  const form = $("form#step", wizard);
  let dirty = false;
  form?.addEventListener("change", () => {
    dirty = true;
  });
  form?.addEventListener("input", () => {
    dirty = true;
  });
  keepPicks(wizard, form);
  const leave = (event) => {
    event.preventDefault();
    if ($("#leave").open) return;
    if (dirty) $("#leave").showModal();
    else location.assign(wizard.dataset.close);
  };
  // Browsers let a page refuse only some presses of Esc on a dialog, so the key itself is taken;
  // `cancel` is the phone's Back.
  wizard.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) leave(event);
  });
  wizard.addEventListener("cancel", leave);
  $("[data-wizard-close]", wizard).addEventListener("click", leave);
  wizard.addEventListener("close", () => {
    if (!wizard.open) wizard.showModal();
  });
  $$("[data-resubmit]", wizard).forEach((input) =>
    input.addEventListener("change", () => {
      // What is put back is not sent by itself.
      if (filling) return;
      form.append(make("input", { type: "hidden", name: "do", value: input.dataset.resubmit }));
      form.requestSubmit();
    }),
  );
  chooseEvent(wizard);
  chooseCodes(wizard);
  if (form) fillForm(form, JSON.parse(sessionStorage.getItem(PICKS + location.pathname) || "[]"));
}

const PICKS = "picks:";

/** What was picked on a step and not sent yet outlives a reload. It goes with *Leave*, and where another step is reached. */
function keepPicks(wizard, form) {
  const ofDraft = location.pathname.replace(/[^/]*$/, "");
  const forget = (all) =>
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith(PICKS + ofDraft) && (all || key !== PICKS + location.pathname))
      .forEach((key) => sessionStorage.removeItem(key));
  $("#leave a").addEventListener("click", () => forget(true));
  // A step that can't be shown now takes nothing away.
  if (!form && !$("#push-result")) return;
  forget(false);
  const keep = () => {
    const picked = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    sessionStorage.setItem(PICKS + location.pathname, JSON.stringify(picked));
  };
  form?.addEventListener("input", keep);
  form?.addEventListener("change", keep);
}

// A page that the browser kept as it was may show what is no longer so.
addEventListener("pageshow", (event) => {
  if (event.persisted && $("dialog[data-wizard]")) location.reload();
});

function chooseEvent(wizard) {
  const body = $("[data-choose-event]", wizard);
  if (!body) return;
  const next = $("[data-next]", wizard);
  const missing = $("[data-missing]", wizard);
  const show = () => {
    const chosen = $("input[name=event]:checked", body);
    const untitled = chosen?.value === "new" && !$("[name=new_title]", body).value.trim();
    next.disabled = !chosen || untitled;
    missing.textContent = !chosen ? "Choose an event, or create one" : untitled ? "The new event needs a title" : "";
  };
  body.addEventListener("change", show);
  body.addEventListener("input", show);
  const search = $("[data-filter-rows]", body);
  const rows = $$("tr[data-text]", body);
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const text = row.dataset.text.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    const none = $("#events > .none", body);
    if (none) none.hidden = left > 0;
  };
  search?.addEventListener("input", filter);
  $("#event-search", body)?.addEventListener("submit", (event) => {
    if (!rows.length) return;
    event.preventDefault();
    $("tr[data-text]:not([hidden]) input:not(:disabled)", body)?.click();
  });
  show();
}

function chooseCodes(wizard) {
  const form = $("form[data-codes]", wizard);
  if (!form) return;
  const next = $("[data-next]", wizard);
  // Where Procore shows no contract, or no budget code, none is asked for.
  const asked = listOf("contracts").some(([value]) => value !== "");
  const coded = listOf("codes").length > 0;
  const show = () => {
    const without = (kind, wanted) =>
      $$(`[data-kind=${kind}]`, form).filter((host) => {
        const empty = wanted && !$("input[type=hidden]", host)?.value;
        host.classList.toggle("needed", empty);
        return empty;
      }).length;
    const codes = without("code", coded);
    const contracts = without("contract", asked);
    const parts = [];
    if (codes) parts.push(`${codes} ${codes === 1 ? "line still needs" : "lines still need"} a budget code`);
    if (contracts) parts.push(`${contracts} ${contracts === 1 ? "COR still needs" : "CORs still need"} a contract`);
    $("[data-missing]", wizard).textContent = parts.join(", ");
    next.disabled = parts.length > 0;
  };
  form.addEventListener("change", (event) => {
    // A code that a person chose is no suggestion any more.
    if (event.target.type === "hidden") {
      event.target.closest("td")?.querySelector("[data-suggestion]")?.remove();
      // Nor is what was wrong with the former one.
      if (event.target.value) event.target.closest("tr")?.querySelector(".error")?.remove();
    }
    show();
  });
  $("[data-use-for-all]", form)?.addEventListener("click", (event) => {
    event.preventDefault();
    const value = $("[data-kind=all] input[type=hidden]", form).value;
    if (!value) return $("[data-kind=all] input[role=combobox]", form).focus();
    $$("[data-kind=code]", form).forEach((host) => host.choose(value));
    $("[data-used-for-all]", form).value = value;
  });
  show();
}
