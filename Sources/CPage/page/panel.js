// The list of participants, in the order in which they matter now.
import { avatar, h, icon, paintAvatar, say, set } from "./dom.js";
import { t } from "./text.js";

/** Who shares, then hands in their order, then the unmuted, then all others by name; oneself before one's equals. */
export function inOrder(looks) {
  const rank = (look) => (look.isSharing ? 0 : look.hand > 0 ? 1 : look.isMuted ? 3 : 2);
  return [...looks].sort((a, b) => rank(a) - rank(b) || a.hand - b.hand || b.isMine - a.isMine || a.name.localeCompare(b.name));
}

export class Panel {
  #rows = new Map();
  #list = h("ul", { class: "people", "aria-label": t("people") });
  #title = h("h2", {});
  #mute;
  #menu;

  /** handlers: close(), invite(), muteOthers(), menu(session, button) */
  constructor(handlers) {
    this.#menu = handlers.menu;
    this.#mute = h("button", { type: "button", class: "quiet small", onclick: handlers.muteOthers }, icon("mic-off"), t("host.muteAll"));
    this.element = h("aside", { class: "panel", hidden: true, "aria-label": t("people") },
      h("header", { class: "row" }, this.#title, h("button", { type: "button", class: "plain round", "aria-label": t("close"), onclick: handlers.close }, icon("close"))),
      h("div", { class: "panel-tools" }, h("button", { type: "button", class: "quiet small", onclick: handlers.invite }, icon("link"), t("copyLink")), this.#mute), this.#list);
  }

  show(looks, { mayOrder }) {
    say(this.#title, t("people.count", { n: looks.length }));
    this.#mute.hidden = !mayOrder || looks.filter((look) => !look.isMuted && !look.isMine).length === 0;
    const ordered = inOrder(looks);
    const keys = new Set(ordered.map((look) => look.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    ordered.forEach((look, index) => {
      if (!this.#rows.has(look.key)) this.#rows.set(look.key, this.#row(look.key));
      const row = this.#rows.get(look.key);
      this.#fill(row, look);
      // Moving an element takes its focus, so only those move that must.
      if (this.#list.children[index] !== row.element) this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    });
  }

  #row(key) {
    const row = {
      face: avatar("?", ""), name: h("span", { class: "grow person-name", dir: "auto" }), host: h("span", { class: "badge" }), hand: h("span", { class: "badge hand" }, icon("hand"), h("span")),
      sharing: icon("screen"), poor: icon("warn"), mic: icon("mic"), off: icon("mic-off"),
    };
    row.menu = h("button", { type: "button", class: "plain round", "aria-haspopup": "menu", onclick: () => this.#menu(key, row.menu) }, icon("more"));
    row.mic.classList.add("on");
    row.poor.classList.add("poor");
    row.element = h("li", { class: "person", "data-session": key }, row.face, row.name, row.host, row.hand, row.poor, row.sharing, row.mic, row.off, row.menu);
    return row;
  }

  #fill(row, look) {
    paintAvatar(row.face, look.name, look.user);
    say(row.name, look.isMine ? t("tile.you", { name: look.name }) : look.name);
    row.host.hidden = !look.isHost && !look.isGuest;
    say(row.host, t(look.isHost ? "host" : "guest"));
    row.hand.hidden = look.hand === 0;
    say(row.hand.lastChild, String(look.hand));
    row.element.classList.toggle("speaking", look.isSpeaking);
    for (const [part, isShown] of [["sharing", look.isSharing], ["poor", look.isPoor], ["mic", !look.isMuted], ["off", look.isMuted]]) {
      row[part].style.display = isShown ? "" : "none";
    }
    const words = [
      look.isHost && t("host"), look.hand > 0 && t("hand.place", { n: look.hand }), t(look.isMuted ? "muted" : "unmuted"),
      look.isSharing && t("sharing"), look.isPoor && t("tile.poor"),
    ];
    set(row.element, "aria-label", [look.name, ...words.filter(Boolean)].join(", "));
    set(row.menu, "aria-label", t("tile.menu", { name: look.name }));
  }
}
