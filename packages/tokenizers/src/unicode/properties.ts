import {
  type CodePoints,
  complement,
  decodeCodePoints,
  EVERY_CODE_POINT,
  intersection,
  union,
  unionAll,
} from "./code-points.ts";
import { CATEGORIES, PROPERTIES } from "./pattern-tables.ts";
import { SCRIPT_CODES, SCRIPTS } from "./script-tables.ts";

const cache = new Map<string, CodePoints | undefined>();

/**
 * The code points of `\p{name}` or `[[:name:]]`: general categories, scripts, and the usual other properties, in
 * the reference's version of Unicode. `undefined` for a name that is not known.
 */
export function property(name: string): CodePoints | undefined {
  const key = name.replace(/[ _-]/g, "").toLowerCase();
  if (!cache.has(key)) cache.set(key, find(key));
  return cache.get(key);
}

/** As {@link property}, for names that are known to be there. */
export function knownProperty(name: string): CodePoints {
  const points = property(name);
  if (!points) throw new RangeError(`No Unicode property is called "${name}"`);
  return points;
}

function find(key: string): CodePoints | undefined {
  const special = SPECIAL[key];
  if (special) return special();
  const category = CATEGORY_NAMES[key] ?? key;
  if (category.length === 1) {
    const parts = Object.entries(CATEGORIES).filter(
      ([each]) => each[0]?.toLowerCase() === category,
    );
    if (parts.length > 0) return unionAll(parts.map(([, coded]) => decodeCodePoints(coded)));
  }
  const coded =
    lookUp(CATEGORIES, category) ??
    lookUp(SCRIPTS, SCRIPT_NAMES.get(key) ?? key) ??
    lookUp(PROPERTIES, key);
  return coded === undefined ? undefined : decodeCodePoints(coded);
}

function lookUp(table: { readonly [name: string]: string }, key: string): string | undefined {
  const wanted = key.replaceAll("_", "").toLowerCase();
  const found = Object.keys(table).find(
    (name) => name.replaceAll("_", "").toLowerCase() === wanted,
  );
  return found === undefined ? undefined : table[found];
}

/** Four-letter codes, in lower case. */
const SCRIPT_NAMES: ReadonlyMap<string, string> = new Map(
  SCRIPT_CODES.split(" ").map((entry): [string, string] => {
    const [code = "", name = ""] = entry.split(":");
    return [code.toLowerCase(), name];
  }),
);

const ASCII_HEX = [0x30, 0x3a, 0x41, 0x47, 0x61, 0x67];
const CONTROL = [0, 0x20, 0x7f, 0xa0];
const SURROGATES = [0xd800, 0xe000];

const all = (...names: string[]): CodePoints => unionAll(names.map(knownProperty));
const graph = (): CodePoints =>
  complement(unionAll([knownProperty("space"), CONTROL, knownProperty("Cn"), SURROGATES]));

/** Names that are not in the tables, POSIX brackets among them. */
const SPECIAL: { readonly [key: string]: (() => CodePoints) | undefined } = {
  any: () => EVERY_CODE_POINT,
  assigned: () => complement(knownProperty("Cn")),
  ascii: () => [0, 0x80],
  cn: () => complement(unionAll([...Object.values(CATEGORIES).map(decodeCodePoints), SURROGATES])),
  cs: () => SURROGATES,
  c: () => all("Cc", "Cf", "Co", "Cn", "Cs"),
  lc: () => all("Lu", "Ll", "Lt"),
  unknown: () => complement(unionAll(Object.values(SCRIPTS).map(decodeCodePoints))),
  zzzz: () => knownProperty("unknown"),
  alpha: () => knownProperty("Alphabetic"),
  alnum: () => all("Alphabetic", "Nd"),
  blank: () => union(knownProperty("Zs"), [9, 10]),
  cntrl: () => CONTROL,
  digit: () => knownProperty("Nd"),
  graph,
  print: () => union(graph(), knownProperty("Zs")),
  lower: () => knownProperty("Lowercase"),
  upper: () => knownProperty("Uppercase"),
  punct: () => all("P"),
  space: () => [9, 0xe, 0x20, 0x21, 0x85, 0x86, 0xa0, 0xa1, ...OTHER_SPACES],
  whitespace: () => knownProperty("space"),
  wspace: () => knownProperty("space"),
  xdigit: () => ASCII_HEX,
  asciihexdigit: () => ASCII_HEX,
  ahex: () => ASCII_HEX,
  word: () => all("Alphabetic", "M", "Nd", "Pc"),
  emod: () => knownProperty("Emoji_Modifier"),
  extpict: () => knownProperty("Extended_Pictographic"),
  ri: () => knownProperty("Regional_Indicator"),
  hex: () => intersection(knownProperty("Hex_Digit"), EVERY_CODE_POINT),
};

/** `\w` outside of classes: the digits and fractions of Latin-1 count as well. */
export function wordCharactersOfPatterns(): CodePoints {
  return union(all("word"), [0xb2, 0xb4, 0xb9, 0xba, 0xbc, 0xbf]);
}

/** `[[:name:]]`; unlike the property of that name, `punct` has symbols too. */
export function posixClass(name: string): CodePoints | undefined {
  if (name === "punct") return all("P", "S");
  return POSIX.has(name) ? property(name) : undefined;
}

const POSIX: ReadonlySet<string> = new Set(
  "alnum alpha ascii blank cntrl digit graph lower print space upper word xdigit".split(" "),
);

const OTHER_SPACES = [
  0x1680, 0x1681, 0x2000, 0x200b, 0x2028, 0x202a, 0x202f, 0x2030, 0x205f, 0x2060, 0x3000, 0x3001,
];

const CATEGORY_NAMES: { readonly [key: string]: string | undefined } = {
  other: "c",
  control: "cc",
  format: "cf",
  unassigned: "cn",
  privateuse: "co",
  surrogate: "cs",
  letter: "l",
  casedletter: "lc",
  lowercaseletter: "ll",
  modifierletter: "lm",
  otherletter: "lo",
  titlecaseletter: "lt",
  uppercaseletter: "lu",
  mark: "m",
  combiningmark: "m",
  spacingmark: "mc",
  enclosingmark: "me",
  nonspacingmark: "mn",
  number: "n",
  decimalnumber: "nd",
  letternumber: "nl",
  othernumber: "no",
  punctuation: "p",
  connectorpunctuation: "pc",
  dashpunctuation: "pd",
  closepunctuation: "pe",
  finalpunctuation: "pf",
  initialpunctuation: "pi",
  otherpunctuation: "po",
  openpunctuation: "ps",
  symbol: "s",
  currencysymbol: "sc",
  modifiersymbol: "sk",
  mathsymbol: "sm",
  othersymbol: "so",
  separator: "z",
  lineseparator: "zl",
  paragraphseparator: "zp",
  spaceseparator: "zs",
};
