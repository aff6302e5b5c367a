// What the transcriber has heard people say, a line each, for a while.
import { h } from "./dom.js";
import { memory } from "./memory.js";
import { t } from "./text.js";

const [linesAtOnce, shownFor] = [4, 5000];

export class Captions {
  element = h("div", { class: "captions", role: "log", "aria-live": "polite", "aria-label": t("captions") });

  show(name, text) {
    if (!memory.captions) return;
    const line = h("p", { dir: "auto" }, h("strong", {}, `${name}: `), text);
    this.element.append(line);
    while (this.element.children.length > linesAtOnce) this.element.firstChild.remove();
    // Who reads a long line needs more time for it.
    setTimeout(() => line.remove(), shownFor + 40 * text.length);
  }
}
