// The row of buttons under a call.
import { h, icon, redraw, say, set } from "./dom.js";
import { more, quick } from "./emoji.js";
import { memory } from "./memory.js";
import { openMenu, closeMenu } from "./menu.js";
import { canPop } from "./pop.js";
import { t } from "./text.js";

export class Controls {
  #room;
  #buttons = {};
  #count = h("span", { class: "count", "aria-hidden": "true" });

  constructor(room) {
    this.#room = room;
    const hasCamera = room.config.EnableVideo !== false;
    this.element = h("div", { class: "controls", role: "toolbar", "aria-label": t("controls") },
      h("span", { class: "split" }, this.#tool("mic", "mic", () => room.own.toggleMuted()), this.#caret("mic", () => this.#deviceMenu("mic"))),
      hasCamera && h("span", { class: "split" }, this.#tool("camera", "camera-off", () => room.own.toggleCamera()), this.#caret("camera", () => this.#deviceMenu("camera"))),
      this.#tool("screen", "screen", () => room.own.toggleScreen(), "wide-only"),
      this.#tool("hand", "hand", () => room.toggleHand()),
      this.#tool("react", "smile", () => this.openReactions()),
      this.#tool("people", "people", () => room.togglePeople(), "people-tool"),
      this.#tool("more", "more", () => this.#openMore()),
      this.#tool("leave", "leave", () => room.askToLeave(this.#buttons.leave), "leave"));
    this.#buttons.people.append(this.#count);
    for (const key of ["react", "more", "leave"]) set(this.#buttons[key], "aria-haspopup", "menu");
    set(this.#buttons.react, "aria-label", t("react"));
    set(this.#buttons.more, "aria-label", t("more"));
    set(this.#buttons.leave, "aria-label", t("leave"));
    for (const key of ["react", "more", "leave"]) set(this.#buttons[key], "title", t(key));
  }

  #tool(key, picture, act, extra = "") {
    this.#buttons[key] = h("button", { type: "button", class: `tool ${extra}`, "data-tool": key, onclick: (event) => {
      // Whoever uses a pointer wants the space bar for talking, not for this button again.
      if (event.detail > 0) event.currentTarget.blur();
      act();
    } }, icon(picture));
    return this.#buttons[key];
  }

  #caret(kind, act) {
    this.#buttons[`${kind}-menu`] = h("button", { type: "button", class: "caret", "aria-haspopup": "menu", "aria-label": t(`device.choose.${kind}`), onclick: act }, icon("down"));
    return this.#buttons[`${kind}-menu`];
  }

  /** How loud one is just now, 0 to 1. */
  level(loud) {
    this.#buttons.mic.style.setProperty("--level", loud.toFixed(2));
  }

  draw({ people, sharer }) {
    const { call, own: { isMuted } } = this.#room;
    const name = (key, text, isPressed) => {
      const button = this.#buttons[key];
      if (!button) return;
      set(button, "aria-label", text);
      set(button, "title", text);
      if (isPressed !== undefined) set(button, "aria-pressed", String(isPressed));
    };
    name("mic", t(isMuted ? "unmute" : "mute"));
    redraw(this.#buttons.mic.querySelector("svg"), isMuted ? "mic-off" : "mic");
    this.#buttons.mic.classList.toggle("off", isMuted);
    if (this.#buttons.camera) {
      name("camera", t(call.hasCamera ? "camera.stop" : "camera.start"));
      redraw(this.#buttons.camera.querySelector("svg"), call.hasCamera ? "camera" : "camera-off");
      this.#buttons.camera.classList.toggle("off", !call.hasCamera);
    }
    name("screen", t(call.isSharing ? "screen.stop" : "screen.start"), call.isSharing);
    this.#buttons.screen.disabled = !this.#room.own.mayShare || (sharer && !sharer.isMine);
    name("hand", t(call.wish.hand ? "hand.lower" : "hand.raise"), call.wish.hand);
    name("people", t("people.count", { n: people }), this.#room.isPanelOpen);
    say(this.#count, String(people));
  }

  #deviceMenu(kind, anchor = this.#buttons[`${kind}-menu`]) {
    const { devices } = this.#room.own;
    const choices = (one) => {
      const list = devices.of(one);
      if (list.length === 0) return [];
      return [{ heading: t(`device.${one}`) }, ...list.map((device, index) => ({
        text: device.label || t("device.unnamed", { n: index + 1 }), checked: device.deviceId === devices.current(one), act: () => this.#room.own.choose(one, device.deviceId),
      }))];
    };
    const hasSpeakers = "setSinkId" in HTMLMediaElement.prototype;
    const { blur } = this.#room.own;
    const entries = [
      ...choices(kind), ...(kind === "mic" && hasSpeakers ? choices("speaker") : []),
      kind === "camera" && blur !== null && { text: t("camera.blur"), checked: blur, isSwitch: true, act: () => this.#room.own.toggleBlur() },
    ];
    openMenu(anchor, entries.some(Boolean) ? entries : [{ heading: t(`device.none.${kind}`) }], { label: t(`device.choose.${kind}`) });
  }

  openReactions() {
    const emoji = ([name, text]) => h("button", { type: "button", class: "emoji", "aria-label": name.replaceAll("_", " "), onclick: () => {
      closeMenu();
      this.#room.react([name, text]);
    } }, text);
    const all = h("div", { class: "emojis all", hidden: true }, more.map(emoji));
    const open = h("button", { type: "button", class: "emoji", "aria-label": t("react.more"), "aria-expanded": "false", onclick: () => {
      all.hidden = !all.hidden;
      set(open, "aria-expanded", String(!all.hidden));
      all.ownerDocument.defaultView.dispatchEvent(new Event("resize")); // the menu finds its place anew
    } }, icon("add"));
    openMenu(this.#buttons.react, [{ element: h("div", {}, h("div", { class: "emojis" }, quick.map(emoji), open), all) }], { label: t("react") });
  }

  #openMore() {
    const room = this.#room;
    const { call } = room;
    const isNarrow = this.element.ownerDocument.defaultView.matchMedia("(max-width: 700px)").matches;
    const choose = (kind) => ({ text: t(`device.choose.${kind}`), icon: kind, act: () => this.#deviceMenu(kind, this.#buttons.more) });
    openMenu(this.#buttons.more, [
      isNarrow && choose("mic"),
      isNarrow && this.#buttons.camera && choose("camera"),
      room.own.mayShare && { text: t(call.isSharing ? "screen.stop" : "screen.start"), icon: "screen", hint: "Ctrl+Shift+E", act: () => room.own.toggleScreen() },
      { text: t(memory.layout === "speaker" ? "layout.grid" : memory.layout === "grid" ? "layout.auto" : "layout.speaker"), icon: memory.layout === "speaker" ? "grid" : "speaker", act: () => room.toggleLayout() },
      { text: t("fullScreen"), icon: "full", act: () => room.toggleFullScreen() },
      canPop() && { text: t("pop"), icon: "pop", act: () => room.popOut() },
      { text: t("copyLink"), icon: "link", act: () => room.copyLink() },
      room.isAdmin && { text: t("guest.invite"), icon: "add", act: () => room.inviteGuest() },
      room.mayOrder && { text: t("host.muteAll"), icon: "mic-off", act: () => room.order("mute-others") },
      call.isHost && room.config.EnableRecordings && { text: t(call.roster.jobs.recording ? "recording.stop" : "recording.start"), icon: "record", hint: "Ctrl+Alt+R", act: () => room.record() },
      { text: t("stats"), icon: "chart", act: () => room.toggleStats() },
      { text: t("keys"), icon: "keys", hint: "?", act: () => room.keys() },
      { text: t("settings"), icon: "gear", act: () => room.settings() },
    ]);
  }
}
