// Words in the reader's language. A catalogue is a map from keys to text; {name} stands for a value, and text that depends
// on a number is a map of Intl.PluralRules' categories.
import { en } from "./text-en.js";
import { ar } from "./text-ar.js";
import { de } from "./text-de.js";
import { memory } from "./memory.js";

export const catalogues = { en, de, ar };
export const languages = { en: "English", de: "Deutsch", ar: "العربية" };
const fromTheRight = ["ar"];

export function language() {
  const wanted = [memory.language, ...(navigator.languages ?? [])].map((tag) => tag.slice(0, 2));
  return wanted.find((tag) => tag in catalogues) ?? "en";
}

/** For dates, numbers and lists. Digits are those that stand in the catalogues' texts and in addresses. */
export const locale = () => `${language()}-u-nu-latn`;

let rules = null;

/** The text of a key, with values put in. */
export function t(key, values = {}) {
  const tag = language();
  let text = catalogues[tag][key] ?? en[key] ?? key;
  if (typeof text === "object") {
    if (rules?.tag !== tag) rules = { tag, of: new Intl.PluralRules(tag) };
    text = text[rules.of.select(values.n)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Names in a row: "Ada, Ben and Eve". */
export function listed(names) {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);
}

export function applyLanguage() {
  document.documentElement.lang = language();
  document.documentElement.dir = fromTheRight.includes(language()) ? "rtl" : "ltr";
}
