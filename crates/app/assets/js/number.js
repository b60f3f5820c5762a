// Numbers as people type them: the reader of the server in short. One table of tests is held against both.

const EDGES = /^[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]+|[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]+$/g;
const MINUS = /[-\u2010-\u2013\u2212]/g;

/**
 * A decimal as typed, in units of 10^-places, or null: 1,234.5 and (500) and -500 and 500-.
 * A comma stands between thousands only. `marks` are those of the currency that may stand beside it.
 */
function decimal(text, places, marks = []) {
  const signs = [],
    behind = [],
    marked = [];
  let rest = text,
    before;
  const peel = (pattern, into) => {
    rest = rest.replace(pattern, (found) => {
      into?.push(found);
      return "";
    });
  };
  do {
    before = rest;
    peel(EDGES);
    peel(/^[(+]|^[-\u2010-\u2013\u2212]/, signs);
    peel(/\)$|[-\u2010-\u2013\u2212]$/, behind);
    peel(/^[\p{Alphabetic}$€£]+|[\p{Alphabetic}$€£]+$/u, marked);
  } while (rest !== before);
  const sign = [...signs, ...behind].join("").replace(MINUS, "-");
  if (!["", "+", "-", "()"].includes(sign)) return null;
  // "100.-" is a price in round figures to many, and less than nothing to others.
  if (rest.endsWith(".") && behind.some((mark) => mark !== ")")) return null;
  const named = marked.map((mark) => mark.toUpperCase());
  if (new Set(named).size < named.length || !named.every((mark) => marks.includes(mark))) return null;
  const match = /^(\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d*))?$/.exec(rest);
  const [whole, decimals] = match ? [match[1].replaceAll(",", ""), match[2] || ""] : ["", ""];
  if (!(whole || decimals) || decimals.length > places || whole.length > 20) return null;
  const value = BigInt(whole + decimals.padEnd(places, "0"));
  return sign === "" || sign === "+" ? value : -value;
}

/** Cents as a plain decimal: -1260.00. */
function plain(minor) {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  return `${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
