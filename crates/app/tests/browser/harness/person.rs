//! What a person does in front of a browser: reads, clicks, types. Every wait is bounded; what fails leaves a picture and the
//! page behind in `target/browser/<test>/`.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{Key, WebElement, error::WebDriverResult};
use url::Url;

use super::{
    GLANCE, PATIENCE,
    browser::{Browser, Screen},
};

/// Somebody who uses the product.
pub struct Person {
    browser: Browser,
    home: Url,
}

/// Functions that every script has: what a person sees of an element, and whether they see it.
const EYES: &str = r"
const norm = text => (text || '').replace(/\s+/g, ' ').trim().toLowerCase();
const seen = el => el.getClientRects().length > 0 && el.checkVisibility({ visibilityProperty: true });
const says = el => norm(el.innerText || el.value || el.getAttribute('aria-label') || el.title);
const scope = () => { const open = [...document.querySelectorAll('dialog[open]')].filter(seen); return open.at(-1) || document.body; };
const named = el => [says(el), norm(el.getAttribute('aria-label')), norm(el.title)];
const best = (list, wanted) => list.find(el => named(el).includes(wanted)) || list.find(el => says(el).startsWith(wanted))
    || list.find(el => says(el).includes(wanted));
";

impl Person {
    /// Somebody new in front of the product at `home`.
    pub async fn at(home: &Url, screen: Screen) -> Self {
        Self { browser: Browser::start(screen).await, home: home.clone() }
    }

    // Going places.

    /// Opens a path of the product.
    pub async fn open(&self, path: &str) {
        let url = self.home.join(path).expect("a path");
        self.open_url(&url).await;
    }

    /// Opens any address.
    pub async fn open_url(&self, url: &Url) {
        if let Err(error) = self.browser.driver.goto(url.as_str()).await {
            self.fail(&format!("can't open {url}: {error}")).await;
        }
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.url().await;
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// The address of the page.
    pub async fn url(&self) -> Url {
        self.browser.driver.current_url().await.unwrap_or_else(|error| panic!("a page is open: {error}"))
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        if let Err(error) = self.browser.driver.refresh().await {
            self.fail(&format!("can't reload: {error}")).await;
        }
    }

    /// Waits until the path contains `part`.
    pub async fn arrive(&self, part: &str) {
        let begun = Instant::now();
        while !self.path().await.contains(part) {
            if begun.elapsed() > PATIENCE {
                self.fail(&format!("doesn't arrive at {part:?}, but at {:?}", self.path().await)).await;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Signs in to the product and arrives where the product leads to.
    pub async fn sign_in(&self, email: &str, password: &str) {
        self.open("/sign-in").await;
        self.fill("E-mail", email).await;
        self.fill("Password", password).await;
        self.click("Sign in").await;
        self.see("Sign out").await;
    }

    /// Opens the log of the demo's project on one side, "Sent" or "Received".
    pub async fn open_log(&self, side: &str) {
        self.open("/projects").await;
        self.click("Harbor Point Medical Office").await;
        self.arrive("/projects/").await;
        self.click_if_there("COR Log").await;
        self.click(side).await;
        self.arrive(&format!("/log/{}", side.to_lowercase())).await;
    }

    // Reading.

    /// Waits until the page says `text`; case and spacing don't matter.
    pub async fn see(&self, text: &str) {
        let script = "return norm(document.body.innerText).includes(norm(arguments[0]))";
        self.until(script, &[json!(text)], &format!("the page says {text:?}")).await;
    }

    /// Waits for that long, for what takes its time by design, until the page says `text`.
    pub async fn see_within(&self, patience: Duration, text: &str) {
        let begun = Instant::now();
        while !self.sees(text).await && begun.elapsed() < patience {
            tokio::time::sleep(GLANCE * 4).await;
        }
        self.see(text).await;
    }

    /// Waits until the page doesn't say `text` (any more).
    pub async fn not_see(&self, text: &str) {
        let script = "return !norm(document.body.innerText).includes(norm(arguments[0]))";
        self.until(script, &[json!(text)], &format!("the page doesn't say {text:?}")).await;
    }

    /// Whether the page says `text` now.
    pub async fn sees(&self, text: &str) -> bool {
        let script = "return norm(document.body.innerText).includes(norm(arguments[0]))";
        self.run(script, &[json!(text)]).await.is_ok_and(|value| value == json!(true))
    }

    /// Waits until some row (of a table, or a card) says all of `texts`, and answers what it says.
    pub async fn see_row(&self, texts: &[&str]) -> String {
        let script = r"const wanted = arguments[0].map(norm);
            const row = [...document.querySelectorAll('tr, li, [role=row]')].find(el => seen(el) && wanted.every(w => says(el).includes(w)));
            return row ? row.innerText.replace(/\s+/g, ' ') : null";
        let row = self.until(script, &[json!(texts)], &format!("a row says {texts:?}")).await;
        row.as_str().unwrap_or_default().to_owned()
    }

    /// How many rows the table bodies have.
    pub async fn rows(&self) -> usize {
        let script = "return [...document.querySelectorAll('tbody tr')].filter(seen).length";
        let rows = self.run(script, &[]).await.ok().and_then(|value| value.as_u64());
        usize::try_from(rows.unwrap_or_default()).unwrap_or_default()
    }

    /// Waits until the page says one of `texts`.
    pub async fn see_any(&self, texts: &[&str]) {
        let script = "return arguments[0].some(text => norm(document.body.innerText).includes(norm(text)))";
        self.until(script, &[json!(texts)], &format!("the page says one of {texts:?}")).await;
    }

    /// What each row of the table bodies says.
    pub async fn row_texts(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('tbody tr')].filter(seen).map(says)";
        let rows = self.run(script, &[]).await.unwrap_or_default();
        rows.as_array().into_iter().flatten().filter_map(|row| row.as_str().map(str::to_owned)).collect()
    }

    /// What stands in the field that a CSS selector finds.
    pub async fn value_of(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.value || null";
        let value = self.until(script, &[json!(selector)], &format!("{selector} has a value")).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of what a CSS selector finds.
    pub async fn attribute(&self, selector: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) || null";
        let value = self.until(script, &[json!(selector), json!(name)], &format!("{selector} has {name}")).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// The text of the page.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText", &[]).await.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How many pixels the page is wider than the screen.
    pub async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script, &[]).await.ok().and_then(|value| value.as_i64()).unwrap_or(i64::MAX)
    }

    // Doing.

    /// Clicks the link, button, tab or menu that says `text`.
    pub async fn click(&self, text: &str) {
        let script = r"const wanted = norm(arguments[0]);
            const list = root => [...root.querySelectorAll('a, button, summary, label, input[type=submit], [role=button], [role=option], [role=tab]')].filter(seen);
            return best(list(scope()), wanted) || best(list(document), wanted) || null";
        self.act(script, &[json!(text)], &format!("something to click says {text:?}"), async |element| {
            element.click().await
        })
        .await;
    }

    /// Clicks what a CSS selector finds.
    pub async fn click_on(&self, selector: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].find(seen) || null";
        self.act(script, &[json!(selector)], &format!("{selector} is there to click"), async |element| {
            element.click().await
        })
        .await;
    }

    /// Clicks the heading of a table's column.
    pub async fn click_on_header(&self, column: &str) {
        let script = "return [...document.querySelectorAll('thead th a')].find(a => norm(a.textContent.replace(/[↑↓]/g, '')) === norm(arguments[0])) || null";
        self.act(script, &[json!(column)], &format!("there is a column {column:?}"), async |element| {
            element.click().await
        })
        .await;
    }

    /// Opens the filter menu called `name` and chooses the entry that says `entry`.
    pub async fn choose_in_menu(&self, name: &str, entry: &str) {
        let menu = "return [...document.querySelectorAll('details.menu')].find(m => seen(m) && says(m.querySelector('summary')).startsWith(norm(arguments[0])))";
        let summary = format!("{menu}?.querySelector('summary') || null");
        self.act(&summary, &[json!(name)], &format!("there is a menu {name:?}"), async |element| element.click().await)
            .await;
        let inside = format!(
            "const menu = (() => {{ {menu} }})(); return menu && best([...menu.querySelectorAll('a')].filter(seen), norm(arguments[1])) || null"
        );
        let what = format!("the menu {name:?} offers {entry:?}");
        self.act(&inside, &[json!(name), json!(entry)], &what, async |element| element.click().await).await;
    }

    /// Clicks the button that says `text` once it can be clicked.
    pub async fn click_if_enabled(&self, text: &str) {
        let script = "const b = best([...document.querySelectorAll('button, a')].filter(seen), norm(arguments[0])); return Boolean(b && !b.disabled)";
        self.until(script, &[json!(text)], &format!("{text:?} can be clicked")).await;
        self.click(text).await;
    }

    /// Clicks what says `text` if the page has it.
    pub async fn click_if_there(&self, text: &str) {
        let script =
            "return Boolean(best([...document.querySelectorAll('a, button')].filter(seen), norm(arguments[0])))";
        if self.run(script, &[json!(text)]).await.is_ok_and(|there| there == json!(true)) {
            self.click(text).await;
        }
    }

    /// Posts an empty form to a path of the product, as a page of the product would, whatever the pages offer. Answers the status.
    pub async fn post(&self, path: &str) -> u64 {
        let script = "const done = arguments[arguments.length - 1];
            fetch(arguments[0], { method: 'POST', redirect: 'manual', body: new URLSearchParams() }).then(a => done(a.status), () => done(-1))";
        let answer = self.browser.driver.execute_async(script, vec![json!(path)]).await;
        answer.ok().and_then(|status| status.json().as_u64()).unwrap_or_default()
    }

    /// Lets the page that is open, of whatever site, post a form to `target`.
    pub async fn post_from_here(&self, target: &Url) {
        let script = "const form = document.createElement('form'); form.method = 'post'; form.action = arguments[0];
            document.body.append(form); HTMLFormElement.prototype.submit.call(form);";
        self.script(script, &[json!(target.as_str())]).await;
        let begun = Instant::now();
        while self.url().await.origin() != target.origin() && begun.elapsed() < PATIENCE / 4 {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Clicks what says `text` in the row that says all of `row`.
    pub async fn click_in_row(&self, row: &[&str], text: &str) {
        let script = r"const wanted = arguments[0].map(norm);
            const row = [...document.querySelectorAll('tr, li, [role=row]')].find(el => seen(el) && wanted.every(w => says(el).includes(w)));
            return row && best([...row.querySelectorAll('a, button, label, summary')].filter(seen), norm(arguments[1])) || null";
        let what = format!("the row {row:?} has {text:?} to click");
        self.act(script, &[json!(row), json!(text)], &what, async |element| element.click().await).await;
    }

    /// Ticks, or unticks, the box or radio of the row that says all of `row`.
    pub async fn tick_row(&self, row: &[&str]) {
        let script = r"const wanted = arguments[0].map(norm);
            const row = [...document.querySelectorAll('tr, li, [role=row]')].find(el => seen(el) && wanted.every(w => says(el).includes(w)));
            return row && row.querySelector('input[type=checkbox]:not([disabled]), input[type=radio]:not([disabled])') || null";
        self.act(script, &[json!(row)], &format!("the row {row:?} has a box to tick"), async |element| {
            element.click().await
        })
        .await;
    }

    /// Types `text` into the field with this label or name, instead of what is there; of a drop-down, chooses the entry that
    /// says it.
    pub async fn fill(&self, field: &str, text: &str) {
        let script = r"const wanted = norm(arguments[0]);
            const fields = root => [...root.querySelectorAll('input:not([type=hidden]), textarea, select')].filter(seen);
            const labelled = el => [...(el.labels || [])].map(l => norm([...l.childNodes].filter(n => n !== el && !(n.matches && n.matches('select, textarea'))).map(n => n.textContent).join(' ')));
            const find = list => list.find(el => el.name === arguments[0])
                || list.find(el => labelled(el).includes(wanted) || norm(el.getAttribute('aria-label')) === wanted || norm(el.placeholder) === wanted)
                || list.find(el => labelled(el).some(l => l.startsWith(wanted)) || norm(el.getAttribute('aria-label')).startsWith(wanted));
            return find(fields(scope())) || find(fields(document)) || null";
        let typed = text.to_owned();
        self.act(script, &[json!(field)], &format!("there is a field {field:?}"), async |element| {
            self.type_into(&element, &typed).await
        })
        .await;
    }

    /// Types into the field that a CSS selector finds, instead of what is there.
    pub async fn fill_in(&self, selector: &str, text: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].find(seen) || null";
        let typed = text.to_owned();
        self.act(script, &[json!(selector)], &format!("{selector} is there to fill"), async |element| {
            self.type_into(&element, &typed).await
        })
        .await;
    }

    async fn type_into(&self, element: &WebElement, text: &str) -> WebDriverResult<()> {
        let by_script = r"const [el, text] = arguments;
            if (el.tagName === 'SELECT') {
                const option = [...el.options].find(o => norm(o.text) === norm(text)) || [...el.options].find(o => norm(o.text).includes(norm(text)));
                if (!option) return 'missing';
                el.value = option.value;
            } else if (el.type === 'date') { el.value = text; } else { el.focus(); el.select && el.select(); return 'type'; }
            el.dispatchEvent(new Event('input', { bubbles: true }));
            el.dispatchEvent(new Event('change', { bubbles: true }));
            return 'done'";
        match self.run(by_script, &[element.to_json()?, json!(text)]).await?.as_str() {
            Some("missing") => self.fail(&format!("the drop-down has no entry {text:?}")).await,
            Some("type") if text.is_empty() => element.send_keys(Key::Backspace).await,
            Some("type") => element.send_keys(text).await,
            _ => Ok(()),
        }
    }

    /// Searches in the picker labelled `label` for `search` and takes the first that is found.
    pub async fn pick(&self, label: &str, search: &str) {
        self.fill(label, search).await;
        let offered = "return [...document.querySelectorAll('[role=option]')].find(el => seen(el) && says(el).includes(norm(arguments[0]))) || null";
        self.act(offered, &[json!(search)], &format!("the picker {label:?} offers {search:?}"), async |option| {
            option.click().await
        })
        .await;
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: impl Into<thirtyfour::TypingData>) {
        // Through the keyboard and not through an element: the focused one may just be replaced.
        if let Err(error) = self.browser.driver.action_chain().send_keys(key).perform().await {
            self.fail(&format!("can't press a key: {error}")).await;
        }
    }

    /// Runs a script in the page: for what no person does.
    pub async fn script(&self, script: &str, arguments: &[Value]) -> Value {
        match self.run(script, arguments).await {
            Ok(value) => value,
            Err(error) => self.fail(&format!("the script fails: {error}")).await,
        }
    }

    /// Runs a script in each page of this window before its own: for browsers that can less.
    pub async fn before_every_page(&self, script: &str) {
        let tools = self.browser.driver.cdp();
        if let Err(error) = tools.page().add_script_to_evaluate_on_new_document(script).await {
            self.fail(&format!("can't run before every page: {error}")).await;
        }
    }

    /// Does something in the window that has popped up, and waits until it has closed itself.
    pub async fn in_popup(&self, deed: impl AsyncFnOnce(&Self)) {
        let driver = &self.browser.driver;
        let begun = Instant::now();
        let mine = driver.window().await.expect("a window is open");
        let popup = loop {
            let windows = driver.windows().await.unwrap_or_default();
            if let Some(other) = windows.into_iter().find(|window| *window != mine) {
                break other;
            }
            if begun.elapsed() > PATIENCE {
                self.fail("no window pops up").await;
            }
            tokio::time::sleep(GLANCE).await;
        };
        driver.switch_to_window(popup.clone()).await.expect("the window is still there");
        deed(self).await;
        let begun = Instant::now();
        while driver.windows().await.unwrap_or_default().contains(&popup) {
            if begun.elapsed() > PATIENCE {
                self.fail("the window doesn't close itself").await;
            }
            tokio::time::sleep(GLANCE).await;
        }
        driver.switch_to_window(mine).await.expect("the first window stays");
    }

    /// Presses *Sign in to Procore* and goes through Procore's pages in the window that pops up.
    pub async fn sign_in_through_popup(&self, login: &str) {
        self.click("Sign in to Procore").await;
        self.in_popup(async |popup| popup.sign_in_to_procore(login).await).await;
    }

    /// Signs in to Procore and allows the app, in the window that shows Procore's pages.
    pub async fn sign_in_to_procore(&self, login: &str) {
        self.fill("login", login).await;
        self.fill("password", "procore").await;
        self.press(Key::Enter).await;
        self.click("Allow").await;
    }

    // Looking from elsewhere.

    /// Makes the window so wide.
    pub async fn widen(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.tool("Emulation.setEmulatedMedia", json!({ "media": "screen" })).await;
        self.tool("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Shows the page as the narrower of A4 and Letter takes it, upright or, where the style says so, on its side.
    pub async fn hold_as_paper(&self) {
        // Within the margins of the style: 210 mm less 24 mm, and 11 inches less 24 mm.
        const UPRIGHT: u32 = 703;
        const ON_ITS_SIDE: u32 = 965;
        self.tool("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        let page = self.script("return getComputedStyle(document.body).page", &[]).await;
        let width = if page == "wide" { ON_ITS_SIDE } else { UPRIGHT };
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.tool("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    async fn tool(&self, command: &str, parameters: Value) {
        if let Err(error) = self.browser.driver.cdp().send_raw(command, parameters).await {
            self.fail(&format!("{command}: {error}")).await;
        }
    }

    // At the end.

    /// Nothing went wrong in the browser's own eyes: no script failed, no policy was broken, nothing was missing.
    pub async fn leave_content(self) {
        let entries = self.browser.driver.browser_log().await.unwrap_or_default();
        // A refused form is answered 4xx on purpose, and Chromium notes each. Procore's icon is not ours to give.
        let expected = |text: &str| {
            ["status of 422", "status of 403", "status of 409", "/favicon.ico"].iter().any(|part| text.contains(part))
        };
        let bad: Vec<String> =
            entries.into_iter().filter(|e| e.level == "SEVERE").map(|e| e.message).filter(|m| !expected(m)).collect();
        if !bad.is_empty() {
            self.fail(&format!("the browser complains: {bad:#?}")).await;
        }
    }

    /// A picture of the whole page, as a PNG under `target/browser/`.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let file = folder().join(format!("{name}.png"));
        let _ = self.browser.driver.screenshot(&file).await;
        file
    }

    // How.

    async fn run(&self, script: &str, arguments: &[Value]) -> WebDriverResult<Value> {
        let script = format!("{EYES}{script}");
        Ok(self.browser.driver.execute(script, arguments.to_vec()).await?.json().clone())
    }

    /// Repeats the script until it answers something true.
    async fn until(&self, script: &str, arguments: &[Value], what: &str) -> Value {
        let begun = Instant::now();
        loop {
            // A page that is just being replaced has no body yet.
            let answer = self.run(script, arguments).await.unwrap_or(Value::Null);
            if !matches!(answer, Value::Null | Value::Bool(false)) {
                return answer;
            }
            if begun.elapsed() > PATIENCE {
                self.fail(&format!("expected that {what}")).await;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Does something with the element that the script finds, again while the page moves under it.
    async fn act(
        &self,
        script: &str,
        arguments: &[Value],
        what: &str,
        deed: impl AsyncFn(WebElement) -> WebDriverResult<()>,
    ) {
        let begun = Instant::now();
        let script = format!("{EYES}{script}");
        loop {
            let attempt = async {
                let found = self.browser.driver.execute(script.as_str(), arguments.to_vec()).await?;
                if found.json().is_null() {
                    return Ok(false);
                }
                let element = found.element()?;
                element.scroll_into_view().await?;
                deed(element).await.map(|()| true)
            };
            let why = match attempt.await {
                Ok(true) => return,
                Ok(false) => String::new(),
                Err(error) => format!(": {error}"),
            };
            if begun.elapsed() > PATIENCE {
                self.fail(&format!("expected that {what}{why}")).await;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Ends the test, leaving a picture and the page behind.
    async fn fail(&self, why: &str) -> ! {
        let folder = folder();
        let _ = self.browser.driver.screenshot(&folder.join("failed.png")).await;
        let page = self.browser.driver.source().await.unwrap_or_default();
        let _ = std::fs::write(folder.join("failed.html"), page);
        let url = self.browser.driver.current_url().await.map(String::from).unwrap_or_default();
        let text: String = self.text().await.chars().take(1500).collect();
        panic!("{why}\nat {url}, where the page says:\n{text}\n(picture and page: {})", folder.display());
    }
}

/// Where this test leaves what it saw.
fn folder() -> PathBuf {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/browser").join(test);
    let _ = std::fs::create_dir_all(&folder);
    folder.canonicalize().unwrap_or(folder)
}
