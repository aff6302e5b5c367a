// Reactions as they come, beside whoever sent them.
import { h } from "./dom.js";

const [most, shownFor] = [50, 10_000];

export class Reactions {
  element = h("div", { class: "reactions", "aria-hidden": "true" });

  show(name, text) {
    const bubble = h("p", { class: "reaction" }, h("span", {}, text), h("span", { class: "reaction-name", dir: "auto" }, name));
    this.element.append(bubble);
    while (this.element.children.length > most) this.element.firstChild.remove();
    setTimeout(() => bubble.remove(), shownFor);
  }
}
