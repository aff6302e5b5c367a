// What happens in a call, in words and short sounds: notices for all, and what only those hear who have the page read out.
import { h } from "./dom.js";
import { notify } from "./menu.js";
import { play } from "./sounds.js";
import { t } from "./text.js";

/** Sounds of coming and going are for small rounds. */
const soundsUpTo = 8;

export class Herald {
  #region = document.getElementById("herald");
  #wasAway = false;

  constructor(call, names, me) {
    const isSmall = () => call.roster.size <= soundsUpTo;
    call.on("began", () => {
      play("joined");
      this.announce(t("began"));
    });
    call.on("came", ({ session, user }) => {
      if (session === call.session || call.phase === "joining") return;
      if (isSmall()) play("came");
      names.whenKnown(user, (name) => this.announce(t("came", { name })));
    });
    call.on("went", ({ user }) => {
      if (isSmall()) play("went");
      this.announce(t("went", { name: names.of(user) }));
    });
    call.on("host", ({ user }) => user && notify(user === me.id ? t("host.you") : t("host.is", { name: names.of(user) })));
    call.on("ordered", ({ order }) => {
      notify(t(`ordered.${order}`));
      if (order === "mute") play("muted");
    });
    call.on("removed", ({ user }) => notify(t("removed", { name: names.of(user) })));
    call.on("refused", (text) => notify(/screen/.test(text) ? t("screen.taken") : text, { kind: "bad" }));
    call.on("phase", (phase) => {
      if (phase === "reconnecting") this.#wasAway = true;
      else if (phase === "connected" && this.#wasAway) {
        this.#wasAway = false;
        this.announce(t("phase.back"));
      }
    });
    call.on("over", () => play("left"));
  }

  announce(text) {
    this.#region.append(h("p", {}, text));
    while (this.#region.children.length > 10) this.#region.firstChild.remove();
  }

  end() {
    this.#region.replaceChildren();
  }
}
