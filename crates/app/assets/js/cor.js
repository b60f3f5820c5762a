// The lines of a COR: rows come and go, amounts and totals follow while one types. Exact integers;
// the server counts again.

/** Divides by a power of ten, half away from zero. */
function halfUp(value, divisor) {
  const half = divisor / 2n;
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor;
}

function enhanceCor() {
  const form = $("form[data-cor]");
  if (!form || form.dataset.enhanced) return;
  form.dataset.enhanced = "1";
  const marks = form.dataset.marks.split(" ");
  const total = $("[name=total]", form);
  // The typed total, put aside while the sum of the lines is taken for it.
  let aside = null;
  const count = () => {
    // A sum is null while one of its lines comes to no amount: none leaves a line out, and nothing is asked meanwhile.
    let computed = 0n;
    for (const section of $$("[data-section]", form)) {
      const amounts = $$("[data-line]", section).map((row) => countLine(row, marks));
      const subtotal = amounts.reduce(plus, 0n);
      const out = $("[data-subtotal]", section);
      out.textContent = orDash(subtotal);
      out.classList.toggle("neg", subtotal !== null && subtotal < 0n);
      computed = plus(computed, subtotal);
    }
    const typed = (aside ?? total.value).trim();
    const override = typed ? decimal(typed, 2, marks) : null;
    total.placeholder = orDash(computed);
    total.setAttribute("aria-invalid", String(Boolean(typed) && override === null));
    $("[data-computed]", form).textContent = orDash(computed);
    $("[data-unclear]", form).hidden = computed !== null;
    const sum = $$("[data-line]", form).some(isWritten) ? computed : null;
    const rounding = override === null || sum === null ? 0n : override - sum;
    askWhichCounts(form, computed === null ? null : override, sum);
    // An answer that went with its numbers gives the typed total back.
    if (aside !== null && !$("[name=counts][value=lines]", form).checked) takeLines(false);
    $("[data-rounding]", form).hidden = rounding === 0n || aside !== null;
    $("[data-rounding-amount]", form).textContent = money(rounding);
    $("[data-reset-total]", form).hidden = override === null || aside !== null;
    $("[data-becomes]", form).textContent = aside === null ? "" : `· becomes ${money(sum)} when it is saved`;
  };
  const takeLines = (taken) => {
    if (taken === (aside !== null)) return;
    [aside, total.value] = taken ? [total.value, ""] : [null, aside];
  };
  // What was typed leaves with Save and Cancel alone; any other way out asks first.
  let unsaved = "unsaved" in form.dataset;
  form.addEventListener("input", () => {
    unsaved = true;
  });
  form.addEventListener("submit", () => {
    unsaved = false;
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-discards]")) unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  // The price of an approved COR is there to be read.
  if ("locked" in form.dataset) return;
  form.addEventListener("input", (event) => {
    if (event.target === total) aside = null;
    if (event.target.name === "counts") takeLines(event.target.value === "lines");
    count();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches(".num")) complain(event.target);
  });
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-line]");
    const remove = event.target.closest("[data-remove-line]");
    if (add) {
      event.preventDefault();
      const section = add.closest("[data-section]");
      const row = $("template", form).content.firstElementChild.cloneNode(true);
      $("[name=line_section]", row).value = section.dataset.section;
      section.append(row);
      $("[name=line_description]", row).focus();
    } else if (remove) {
      event.preventDefault();
      const row = remove.closest("[data-line]");
      const near = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      unsaved = true;
      (near && $("[name=line_description]", near))?.focus();
    } else if (event.target.closest("[data-reset-total]")) {
      event.preventDefault();
      total.value = "";
      unsaved = true;
    } else return;
    count();
  });
  // Enter in a line adds the next one instead of sending the form.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest("[data-line]") || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    $("[data-add-line]", event.target.closest("[data-section]")).click();
  });
  takeLines($("[name=counts][value=lines]", form).checked);
  count();
}

/**
 * A typed total that its lines left behind, or that is further from them than a rounding is, is asked about at once.
 * What was settled before is not. `sum` is null where there are no lines.
 */
function askWhichCounts(form, total, sum) {
  const rounding = total === null || sum === null ? 0n : total - sum;
  const size = rounding < 0n ? -rounding : rounding;
  const far = size > 10000n || size * 100n > (sum < 0n ? -sum : (sum ?? 0n));
  const is = (value, text) => (value === null ? "" : value.toString()) === text;
  const { settledTotal, settledSum } = form.dataset;
  const lost = total !== null && sum === null && is(total, settledTotal) && settledSum !== "";
  const asks =
    lost || (rounding !== 0n && !(is(total, settledTotal) && is(sum, settledSum)) && (is(total, settledTotal) || far));
  const row = $("[data-doubt]", form);
  $("[data-far]", form).hidden = !far;
  row.hidden = !asks;
  for (const place of $$("[data-doubt-lost]", row)) place.hidden = !lost;
  for (const place of $$("[data-doubt-differs]", row)) place.hidden = lost;
  for (const place of $$("[data-doubt-sum]", row)) place.textContent = money(sum ?? 0n);
  $("[data-doubt-rounding]", row).textContent = money(rounding);
  $("[data-doubt-total]", row).textContent = money(total ?? 0n);
  // An answer holds for the numbers it was given about.
  const about = `${total}/${sum}`;
  for (const choice of $$("[name=counts]", row)) {
    choice.disabled = !asks || (lost && choice.value === "lines");
    choice.required = !choice.disabled;
    if (row.dataset.about && row.dataset.about !== about) choice.checked = false;
  }
  row.dataset.about = about;
  $("[name=counts_for]", row).value = sum === null ? "" : plain(sum);
}

/**
 * Says beside a line, or the total, which of its numbers can't be read, once the person has left one;
 * what was said before goes with its reason.
 */
function complain(left) {
  const row = left.closest("tr");
  const place = $(".d", row) || row.firstElementChild;
  $(".error", place)?.remove();
  const field = $$(".num", row).find((number) => number.getAttribute("aria-invalid") === "true");
  if (!field) return;
  const sentence =
    `“${field.value.trim().slice(0, 40)}” is not clear. ` +
    "Type a number such as 1,250.00 or (500.00): a comma stands between thousands only.";
  place.append(make("span", { class: "error", role: "alert" }, sentence));
}

const isWritten = (row) => $$("input:not([type=hidden])", row).some((field) => field.value.trim());
const plus = (a, b) => (a === null || b === null ? null : a + b);
const orDash = (sum) => (sum === null ? "—" : money(sum));

/** What a line comes to: zero while nothing is typed, null while what is typed makes no amount. */
function countLine(row, marks) {
  const field = (name) => $(`[name=line_${name}]`, row);
  const quantityText = field("quantity").value.trim();
  const rateText = field("rate").value.trim();
  const amount = field("amount");
  const quantity = quantityText ? decimal(quantityText, 4) : null;
  const rate = rateText ? decimal(rateText, 4, marks) : null;
  field("quantity").setAttribute("aria-invalid", String(Boolean(quantityText) && quantity === null));
  field("rate").setAttribute("aria-invalid", String(Boolean(rateText) && rate === null));
  const computed = Boolean(quantityText && rateText);
  if (computed !== amount.readOnly) {
    amount.readOnly = computed;
    amount.value = "";
  }
  if (computed) {
    // 10^-4 by 10^-4 is 10^-8; a cent is 10^-2.
    const cents = quantity === null || rate === null ? null : halfUp(quantity * rate, 10n ** 6n);
    amount.value = cents === null ? "" : money(cents);
    amount.classList.toggle("neg", cents !== null && cents < 0n);
    return cents;
  }
  const typed = amount.value.trim() ? decimal(amount.value, 2, marks) : null;
  amount.setAttribute("aria-invalid", String(Boolean(amount.value.trim()) && typed === null));
  if (!isWritten(row)) return 0n;
  return quantityText || rateText ? null : typed;
}
