// A call that begins where one has been before: a notice, a sound, and a notification if the page lies behind others.
import { notify } from "./menu.js";
import { play } from "./sounds.js";
import { t } from "./text.js";

const [lasts, soundsEvery] = [30_000, 3000];

export class Ring {
  #ringing = new Map(); // key → what ends it

  /** key: one of each. words: who calls where. join(): what answering does. */
  begin(key, words, join) {
    this.end(key);
    const answer = () => {
      this.end(key);
      window.focus();
      join();
    };
    const hide = notify(words, { word: t("join"), act: answer, lasts: 0, kind: "ring", dismiss: () => this.end(key) });
    const sound = setInterval(() => play("ring"), soundsEvery);
    play("ring");
    const timer = setTimeout(() => this.end(key), lasts);
    let notification = null;
    if (globalThis.Notification?.permission === "granted" && document.hidden) {
      notification = new Notification("Roost", { body: words, tag: key });
      notification.onclick = answer;
    }
    this.#ringing.set(key, () => {
      clearTimeout(timer);
      clearInterval(sound);
      hide();
      notification?.close();
    });
  }

  end(key) {
    this.#ringing.get(key)?.();
    this.#ringing.delete(key);
  }

  endAll() {
    for (const key of [...this.#ringing.keys()]) this.end(key);
  }
}
