// A searchable list. From <select data-picker>, or from <div data-picker-list="id"> whose options stand once on the
// page as JSON [[value, label], …] and serve many fields. Arrow keys, Enter, Esc; words are found in any order.

const SHOWN = 200;
let pickerCount = 0;
const lists = new Map();

function listOf(id) {
  if (!lists.has(id)) lists.set(id, JSON.parse(document.getElementById(id)?.textContent || "[]"));
  return lists.get(id);
}

function enhancePickers() {
  for (const select of $$("select[data-picker]")) {
    if (select.dataset.enhanced) continue;
    select.dataset.enhanced = "1";
    const options = [...select.options].map((option) => [option.value, option.text]);
    const empty = options.findIndex(([value]) => value === "");
    const [placeholder] = empty >= 0 ? options.splice(empty, 1).map(([, text]) => text) : ["Choose…"];
    const chosen = select.selectedOptions[0];
    const label =
      select.getAttribute("aria-label") || select.closest("label")?.querySelector("span")?.textContent || "Choose";
    const value = chosen?.value || "";
    const host = make("div", { class: "picker" });
    select.after(host);
    const name = select.name;
    const required = select.required;
    select.remove();
    buildPicker(host, options, { name, value, text: value ? chosen.text : "", label, placeholder, required });
  }
  for (const host of $$("div[data-picker-list]")) {
    if (host.dataset.enhanced) continue;
    host.dataset.enhanced = "1";
    host.replaceChildren();
    host.classList.add("picker");
    const { name, value, text, label, placeholder } = host.dataset;
    buildPicker(host, () => listOf(host.dataset.pickerList), { name, value, text, label, placeholder });
  }
}

function buildPicker(host, source, { name, value, text, label, placeholder, required }) {
  const id = `picker-${(pickerCount += 1)}`;
  const hidden = make("input", { type: "hidden", name, value });
  const input = make("input", {
    type: "text",
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder,
  });
  if (required) input.required = true;
  input.value = text;
  input.title = text;
  const box = make("div", { class: "list", role: "listbox", id, "aria-label": label });
  box.hidden = true;
  host.append(hidden, input, box);
  let shown = [];
  let at = -1;
  const all = () => (typeof source === "function" ? source() : source);
  const options = () => all().filter(([optionValue]) => optionValue !== "");
  // Listed in Procore and not to be read here: shown where it would be looked for, and not to be chosen.
  const unread = () => all().filter(([optionValue]) => optionValue === "");

  const close = () => {
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    removeEventListener("scroll", follow, true);
    removeEventListener("resize", place);
    at = -1;
  };
  const mark = (place) => {
    at = place;
    [...box.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const option = box.children[at];
    if (!option?.id) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  // The list lies over whatever scrolls or ends below the field: a dialog is often shorter than it.
  const place = () => {
    const field = input.getBoundingClientRect();
    const below = innerHeight - field.bottom - 10;
    const up = below < 280 && field.top > below;
    const width = Math.min(Math.max(field.width, 360), 560, innerWidth - 16);
    Object.assign(box.style, {
      left: `${Math.max(8, Math.min(field.left, innerWidth - width - 8))}px`,
      width: `${width}px`,
      maxHeight: `${Math.max(120, Math.min(280, up ? field.top - 10 : below))}px`,
      top: up ? "auto" : `${field.bottom + 2}px`,
      bottom: up ? `${innerHeight - field.top + 2}px` : "auto",
    });
  };
  const follow = (event) => {
    if (!box.contains(event.target)) place();
  };
  const open = (typed) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const found = options().filter(([, word]) => words.every((part) => word.toLowerCase().includes(part)));
    shown = found.slice(0, SHOWN);
    box.replaceChildren(
      ...shown.map(([optionValue, word], index) =>
        make(
          "div",
          {
            role: "option",
            id: `${id}-${index}`,
            "data-index": index,
            "data-value": optionValue,
            "aria-selected": "false",
            class: optionValue === hidden.value ? "chosen" : "",
          },
          word,
        ),
      ),
    );
    if (!shown.length) box.append(make("div", { class: "none" }, host.dataset.none || "Nothing matches"));
    if (found.length > SHOWN)
      box.append(make("div", { class: "none" }, `${found.length - SHOWN} more: type to narrow`));
    box.append(...unread().map(([, sentence]) => make("div", { class: "none" }, sentence)));
    box.hidden = false;
    place();
    addEventListener("scroll", follow, true);
    addEventListener("resize", place);
    input.setAttribute("aria-expanded", "true");
    const chosen = shown.findIndex(([optionValue]) => optionValue === hidden.value);
    mark(words.length && shown.length ? 0 : chosen);
  };
  const choose = ([optionValue, word]) => {
    hidden.value = optionValue;
    input.value = word;
    input.title = word;
    close();
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  host.choose = (optionValue) => {
    const option = options().find(([candidate]) => candidate === optionValue);
    if (option) choose(option);
  };
  const settle = () => {
    // What is typed counts only if it names one option; otherwise the choice before it stands, and emptied means none.
    const typed = input.value.trim().toLowerCase();
    if (!typed) {
      if (hidden.value) choose(["", ""]);
      return close();
    }
    const exact = options().find(([, word]) => word.toLowerCase() === typed);
    if (exact) return exact[0] === hidden.value ? close() : choose(exact);
    const before = options().find(([optionValue]) => optionValue === hidden.value);
    input.value = before ? before[1] : "";
    close();
  };
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => {
    if (box.hidden) open("");
  });
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("blur", settle);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (box.hidden) return open("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((at + step + shown.length) % Math.max(shown.length, 1));
    } else if (event.key === "Enter" && !box.hidden) {
      event.preventDefault();
      if (shown[at]) choose(shown[at]);
    } else if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      event.stopPropagation();
      const before = options().find(([optionValue]) => optionValue === hidden.value);
      input.value = before ? before[1] : "";
      close();
    }
  });
  // The press must not take the focus away before the click chooses.
  box.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    // Within a label a click goes on to the field, which would open the list again.
    event.preventDefault();
    const option = event.target.closest("[data-index]");
    if (option) choose(shown[Number(option.dataset.index)]);
  });
}
