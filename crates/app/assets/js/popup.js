// The Procore sign-in opens in a window of its own. Its end is heard on a channel, or asked for at an address that
// answers {"signed_in": true}, because the opener may have been cut off. Blocked pop-ups go on in the same window:
// the link is a link.

/** What the two windows tell each other by; nothing where the browser has none, or forbids it. */
function channelBetween() {
  try {
    return new BroadcastChannel("ledgerboard-procore");
  } catch {
    return null;
  }
}

let stopWaiting;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-popup], button[data-popup]");
  if (!link) return;
  const url = link.dataset.popupUrl || link.href;
  const popup = window.open(url, "ledgerboard-procore", "popup,width=560,height=720");
  if (!popup) return;
  event.preventDefault();
  stopWaiting?.();
  const said = link.textContent;
  link.textContent = "Waiting for Procore…";
  const after = () => {
    stop();
    const next = link.dataset.popupNext;
    if (next) location.assign(next);
    else location.reload();
  };
  const channel = channelBetween();
  if (channel) channel.onmessage = after;
  const poll =
    link.dataset.popupStatus &&
    setInterval(async () => {
      try {
        const answer = await fetch(link.dataset.popupStatus, { headers: { accept: "application/json" } });
        if (answer.ok && (await answer.json()).signed_in) after();
      } catch {
        /* the next round asks again */
      }
    }, 1500);
  // A window that is closed without an answer is not waited for: the link is as before. An answer may still come, because a
  // browser also calls a window closed that it only cut off from us.
  const closed = setInterval(() => {
    if (!popup.closed) return;
    clearInterval(closed);
    link.textContent = said;
    say("The Procore window is closed. If you didn’t sign in there, start again.");
  }, 250);
  const stop = () => {
    channel?.close();
    clearInterval(poll);
    clearInterval(closed);
    link.textContent = said;
  };
  stopWaiting = stop;
});

function endPopup() {
  const end = $("[data-popup-done]");
  if (!end) return;
  const channel = channelBetween();
  channel?.postMessage(end.dataset.popupDone);
  channel?.close();
  // Only a window that a script opened may close itself; elsewhere the link on the page leads back.
  if (end.dataset.popupDone === "ok" && window.name === "ledgerboard-procore") setTimeout(() => window.close(), 400);
}

enhance();
endPopup();

// On a phone the navigation scrolls sideways: where the reader is should be in sight.
const here = $(".side nav [aria-current]");
const bar = here?.closest("nav");
if (bar && bar.scrollWidth > bar.clientWidth) bar.scrollLeft = here.offsetLeft - bar.clientWidth / 2;
