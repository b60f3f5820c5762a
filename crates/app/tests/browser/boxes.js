// The boxes for an amount that don't show a large one whole: their names, and by how many pixels it is cut.
const LARGE = ["-9,999,999.99", "−9,999,999.99", "(9,999,999.99)"];
const boxes = [...document.querySelectorAll("input[inputmode=decimal]:not([name=line_quantity])")].filter(seen);
const cut = boxes
  .flatMap((box) =>
    LARGE.map((text) => {
      const before = box.value;
      box.value = text;
      const by = box.scrollWidth - box.clientWidth;
      box.value = before;
      return by > 0 ? `${box.name} is ${by} px too narrow for ${text}` : "";
    }),
  )
  .filter(Boolean);
return [boxes.length, [...new Set(cut)].join("\n")];
