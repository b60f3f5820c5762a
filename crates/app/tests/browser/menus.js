// How far each menu of the page, and each question that floats, runs off the screen when it is open.
return (async () => {
  const off = [];
  for (const menu of [...document.querySelectorAll("details.menu, details.float")].filter(seen)) {
    for (const other of document.querySelectorAll("details.menu[open], details.float[open]")) other.open = false;
    menu.open = true;
    await new Promise((done) => {
      setTimeout(done, 30);
    });
    const { left, right } = menu.querySelector(":scope > .drop, :scope > .confirm").getBoundingClientRect();
    const past = Math.round(
      Math.max(-left, right - document.documentElement.clientWidth, document.documentElement.scrollWidth - innerWidth),
    );
    if (past > 0) off.push(`${past} px of “${says(menu.querySelector("summary"))}” run off the screen`);
    menu.open = false;
  }
  return off.join("\n");
})();
