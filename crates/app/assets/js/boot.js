// One module, no inline handlers: everything here only adds to pages that already work as plain links and forms.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Creates an element with attributes; `text` is its text. */
function make(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/** Minor units (BigInt) as people read them: thousands, two decimals, negatives in parentheses. */
function money(minor) {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  const text = `${whole}.${digits.slice(-2)}`;
  return minor < 0n ? `(${text})` : text;
}

let toast;

/** Says a sentence at the bottom of the page for a while. */
function say(sentence) {
  toast?.remove();
  toast = make("div", { class: "toast", role: "status" }, sentence);
  ($("dialog[open]") || document.body).append(toast);
  const shown = toast;
  setTimeout(() => shown.remove(), 6000);
}

const SHAPES = {
  day: { month: "short", day: "numeric", year: "numeric" },
  "short-day": { month: "short", day: "numeric" },
  moment: { month: "short", day: "numeric", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  "clock-far": { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};
const zoned = (shape) => new Intl.DateTimeFormat("en-US", SHAPES[shape]);

/** Pages come in UTC; the reader's zone is known only here. */
function localise() {
  const now = new Date();
  for (const time of $$("time[data-as]")) {
    const at = new Date(time.dateTime);
    let shape = time.dataset.as;
    delete time.dataset.as;
    if (Number.isNaN(at.valueOf())) continue;
    if (shape === "clock" && at.toDateString() !== now.toDateString()) shape = "clock-far";
    if (shape === "short-day" && at.getFullYear() !== now.getFullYear()) shape = "day";
    time.textContent = zoned(shape).format(at);
    time.title = at.toLocaleString("en-US", { dateStyle: "full", timeStyle: "long" });
  }
}

/** A new project is proposed the zone of whoever makes it. Another project is offered it. */
function proposeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone?.includes("/")) return;
  for (const select of $$("select[name=time_zone]")) {
    const offered = [...select.options].some((option) => option.value === zone);
    if (!offered) select.add(new Option(zone.replaceAll("_", " "), zone));
    if ("ownZone" in select.dataset) select.value = zone;
  }
}

/** A navigation that is wider than the screen shows where one is, and that it goes on. */
function enhanceNav() {
  const nav = $(".side nav");
  if (!nav || nav.dataset.enhanced) return;
  nav.dataset.enhanced = "1";
  const show = () => {
    nav.classList.toggle("before", nav.scrollLeft > 4);
    nav.classList.toggle("more", nav.scrollLeft + nav.clientWidth < nav.scrollWidth - 4);
  };
  const here = $("[aria-current]", nav)?.getBoundingClientRect();
  const room = nav.getBoundingClientRect();
  if (here) nav.scrollLeft += here.left - room.left - (room.width - here.width) / 2;
  nav.addEventListener("scroll", show, { passive: true });
  addEventListener("resize", show);
  show();
}

function enhance() {
  enhanceNav();
  localise();
  proposeZone();
  enhanceChoices();
  enhancePickers();
  enhanceLog();
  enhanceCor();
  enhanceWizard();
  fillUnsent();
  $("[data-focus]")?.focus();
}

// A menu, and a question that floats, closes on a click beside it and on Esc.
const FLOATS = "details.menu[open], details.float[open]";
document.addEventListener("click", (event) => {
  for (const menu of $$(FLOATS)) if (!menu.contains(event.target)) menu.open = false;
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const fill = event.target.closest("[data-fill-email]");
  if (fill) {
    $("[name=email]").value = fill.dataset.fillEmail;
    $("[name=password]").value = fill.dataset.fillPassword;
    $("[name=password]").focus();
  }
  if (event.target.closest("[data-print]")) print();
  // A greyed action says why: the tooltip alone would not reach fingers and keyboards.
  const greyed = event.target.closest("[aria-disabled=true][title]");
  if (greyed) say(greyed.title);
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const field = document.getElementById(copy.dataset.copy);
    field.select();
    navigator.clipboard?.writeText(field.value).then(
      () => {
        copy.textContent = "Copied";
      },
      () => {},
    );
  }
});

// A list that would run off the screen is moved back onto it.
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches(FLOATS)) return;
    const list = $(":scope > .drop, :scope > .confirm", event.target);
    if (!list) return;
    list.style.translate = "";
    const { left, right } = list.getBoundingClientRect();
    const room = document.documentElement.clientWidth - 12;
    const by = Math.max(Math.min(0, room - right), 12 - left);
    if (by) list.style.translate = `${by}px`;
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = $(FLOATS);
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
  event.preventDefault();
});

/** A button for a choice is pressed only where the choice differs from what is. */
function enhanceChoices() {
  for (const button of $$("[data-needs-change]")) {
    const selects = $$("select", button.form);
    const show = () => {
      button.disabled = selects.every((select) =>
        [...select.options].every((option) => option.selected === option.defaultSelected),
      );
    };
    button.form.addEventListener("change", show);
    // A browser that comes back to the page may have kept a choice.
    addEventListener("pageshow", show);
    show();
  }
}

// A greyed action says why instead of doing nothing; a form that must go once goes once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.getAttribute("aria-disabled") === "true") return event.preventDefault();
  if (!event.submitter?.matches("[data-once]") && !form.elements.once) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});

addEventListener("pageshow", () => {
  for (const form of $$("form[data-sent]")) delete form.dataset.sent;
});
document.addEventListener("htmx:after:swap", enhance);
