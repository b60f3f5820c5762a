//! Where a request comes from: the address and the browser in a few words.

use std::{future::Future, net::IpAddr};

use super::copy;

tokio::task_local! {
    /// Where the request of the running task comes from. Not an argument, because every verb would have to pass it on and none
    /// decides by it.
    static WHENCE: Whence;
}

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whence {
    pub address: String,
    pub browser: String,
}

/// The longest name of a program.
const LONGEST: usize = 40;

impl Whence {
    /// Of an address and a `User-Agent`.
    pub fn new(address: IpAddr, agent: &str) -> Self {
        let address = if address.is_unspecified() { String::new() } else { address.to_string() };
        Self { address, browser: browser(agent) }
    }

    /// Of the running request; the command line outside of one.
    pub fn here() -> Self {
        WHENCE
            .try_with(Clone::clone)
            .unwrap_or_else(|_| Self { address: String::new(), browser: copy::COMMAND_LINE.to_owned() })
    }

    /// Carries out a request that comes from here.
    pub async fn during<F: Future>(self, request: F) -> F::Output {
        WHENCE.scope(self, request).await
    }
}

/// "Firefox on Windows", or the name of a program: "curl/8.5.0".
fn browser(agent: &str) -> String {
    let named =
        |words: &[(&str, &'static str)]| words.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name);
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => {
            let program = agent.split_ascii_whitespace().next().unwrap_or_default();
            let program: String = program.chars().filter(char::is_ascii_graphic).take(LONGEST).collect();
            if program.is_empty() { copy::UNKNOWN_BROWSER.to_owned() } else { program }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_a_short_name() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on Mac",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile Safari/604.1",
                "Chrome on iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", copy::UNKNOWN_BROWSER),
        ];
        for (agent, short) in cases {
            assert_eq!(browser(agent), short, "{agent}");
        }
        assert_eq!(browser(&"x".repeat(5000)).len(), LONGEST);
    }
}
