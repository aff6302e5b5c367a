// How the connection is: bars to click at, a warning, an overlay of figures, and why media can't flow.
import { h, icon, set } from "./dom.js";
import { notify, openDialog } from "./menu.js";
import { bars, describe, diagnosis, explain, table } from "./quality.js";
import { t } from "./text.js";

export class Health {
  #room;
  #dialog = null;
  #diagnosis = null;
  #warnedUntil = 0;
  /** What figures.js has read last. */
  figures = null;

  constructor(room) {
    this.#room = room;
    this.button = h("button", { type: "button", class: "plain round bars", onclick: () => this.show() }, h("i"), h("i"), h("i"), h("i"));
    this.overlay = h("section", { class: "overlay", hidden: true, "aria-label": t("stats") });
  }

  /** The same in another language. */
  goOnFrom(other) {
    this.figures = other.figures;
    this.#diagnosis = other.#diagnosis;
    this.toggleStats(!other.overlay.hidden);
  }

  draw(phase) {
    const count = phase === "connected" ? bars(this.figures?.mos ?? null) : 1;
    const words = t("quality.label", { grade: t(`quality.${count}`) });
    set(this.button, "data-bars", count);
    set(this.button, "aria-label", words);
    set(this.button, "title", words);
    if (phase !== "connected") return;
    this.#diagnosis?.close();
    this.#diagnosis = null;
  }

  take(figures) {
    this.figures = figures;
    if (!this.overlay.hidden) this.#fillOverlay();
    if (this.#dialog?.open) this.#dialog.querySelector(".dialog-body").replaceChildren(describe(figures));
    const [worst] = explain(figures);
    if (figures.mos >= 3.5 || !worst || Date.now() < this.#warnedUntil) return;
    this.#warnedUntil = Date.now() + 20_000;
    notify(worst, { kind: "bad", word: t("why"), act: () => this.show() });
  }

  show() {
    this.#dialog = openDialog(t("quality"), describe(this.figures), [{ text: t("stats"), act: () => this.toggleStats(true) }, { text: t("done"), main: true }]);
  }

  toggleStats(isShown = this.overlay.hidden) {
    this.overlay.hidden = !isShown;
    if (isShown) this.#fillOverlay();
  }

  #fillOverlay() {
    const nameOf = (session) => this.#room.name(this.#room.call.roster.get(session)?.user ?? "");
    const [head] = this.overlay.children;
    // The head stays, and with it the focus on its button.
    this.overlay.replaceChildren(
      head ?? h("header", { class: "row" }, h("h2", { class: "grow" }, t("stats")), h("button", { type: "button", class: "plain round", "aria-label": t("close"), onclick: () => this.toggleStats(false) }, icon("close"))),
      table(this.figures, nameOf));
  }

  /** report: what CallClient tells as "unreachable". */
  diagnose(report) {
    if (this.#diagnosis?.open) return this.#diagnosis.querySelector(".dialog-body").replaceChildren(diagnosis(report));
    this.#diagnosis = openDialog(t("diagnosis"), diagnosis(report), [{ text: t("leave"), act: () => this.#room.leave() }, { text: t("diagnosis.wait"), main: true }]);
  }
}
