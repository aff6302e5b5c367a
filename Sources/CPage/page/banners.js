// Lines above a call: how it is, and what somebody has to answer.
import { h, say } from "./dom.js";

export class Banners {
  #status = h("p", { class: "banner quiet", role: "status", hidden: true });
  element = h("div", { class: "banners" }, this.#status);

  /** How the call is; nothing if it is as it should be. */
  say(words) {
    say(this.#status, words);
    this.#status.hidden = !words;
  }

  #find(key) {
    return this.element.querySelector(`[data-banner="${key}"]`);
  }

  has(key) {
    return this.#find(key) !== null;
  }

  drop(key) {
    this.#find(key)?.remove();
  }

  /** A line that stays until somebody has answered it. One of each key. */
  show(key, text, buttons) {
    this.drop(key);
    const banner = h("div", { class: "banner", role: "alert", "data-banner": key }, h("span", { class: "grow" }, text),
      buttons.filter(Boolean).map((button) => h("button", { type: "button", class: `${button.main ? "main" : "quiet"} small`, onclick: () => {
        banner.remove();
        button.act?.();
      } }, button.text)));
    this.element.append(banner);
  }
}
