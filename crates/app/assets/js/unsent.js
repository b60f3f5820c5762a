// What a form held before: what was sent when the session had ended, and what was picked in the wizard before a reload.

let filling = false;

/** Puts values back into a form's fields by name, in order. Fields that a page fills in itself stay as they are. */
function fillForm(form, pairs) {
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) || []), value]);
  const seen = new Map();
  filling = true;
  for (const field of [...form.elements]) {
    if (!field.name || field.disabled || field.readOnly || !field.isConnected) continue;
    const given = values.get(field.name);
    if (field.type === "checkbox" || field.type === "radio") {
      // A box that was left empty is not sent; a choice of which nothing was sent stays.
      if (!given && (field.type === "radio" || !pairs.length)) continue;
      const checked = Boolean(given?.includes(field.value));
      if (checked === field.checked) continue;
      field.checked = checked;
    } else {
      const picker = field.type === "hidden" && field.closest(".picker");
      if (!given || ["submit", "button", "password", "file"].includes(field.type)) continue;
      if (field.type === "hidden" && !picker) continue;
      const place = seen.get(field.name) || 0;
      seen.set(field.name, place + 1);
      const value = given[place];
      if (value === undefined || value === field.value) continue;
      if (picker) {
        picker.choose(value);
        continue;
      }
      if (field.type === "select-one" && ![...field.options].some((option) => option.value === value)) continue;
      field.value = value;
    }
    const details = field.closest("details");
    if (details) details.open = true;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  filling = false;
}

/** The form that was sent when the session had ended, where it is on this page. */
function fillUnsent() {
  const unsent = $("#unsent");
  if (!unsent) return;
  const pairs = JSON.parse(unsent.textContent);
  const at = new URL(unsent.dataset.url, location).href;
  unsent.remove();
  const sent = new Map(pairs);
  // Of several forms that are sent to one address the one with the same fields of the page's own.
  const alike = (form) =>
    [...form.elements].filter((field) => field.type === "hidden" && sent.get(field.name) === field.value).length;
  const here = location.href;
  const forms = $$("form").filter((form) => form.method === "post" && (form.getAttribute("action") ? form.action : here) === at);
  const form = forms.sort((one, other) => alike(other) - alike(one))[0];
  if (!form) return;
  fillForm(form, pairs);
  const dialog = form.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
}
