// A call as one is in it: joins the client of calls to what is seen and heard.
import { Banners } from "./banners.js";
import { Captions } from "./captions.js";
import { CallClient, Refusal } from "./protocol.js";
import { Controls } from "./controls.js";
import { h, icon, say, set } from "./dom.js";
import { Ears } from "./ears.js";
import { shown, wire } from "./emoji.js";
import { Health } from "./health.js";
import { Herald } from "./herald.js";
import { copyLink, inviteGuest, linkTo } from "./invite.js";
import { Looks } from "./looks.js";
import { memory, remember } from "./memory.js";
import { notify, openDialog, openMenu, surface } from "./menu.js";
import { Own } from "./own.js";
import { Panel } from "./panel.js";
import { openPersonMenu } from "./person-menu.js";
import { popOut } from "./pop.js";
import { Reactions } from "./reactions.js";
import { Recording } from "./recording.js";
import { openSettings } from "./settings.js";
import { listenForKeys, openKeys } from "./shortcuts.js";
import { t } from "./text.js";
import { Tiles } from "./tiles.js";

export function showRoom(root, stage, choice) {
  return new Room(root, stage, choice).begin();
}

class Room {
  #root;
  #stage;
  #place;
  #channel;
  #looks;
  #herald;
  #tracks = [];
  #upcoming = [];
  #pinned = null;
  #cleanups = [];
  #pop = null;
  #isDrawn = false;
  #startsWithCamera;
  // What is seen; made anew for another language.
  #tiles; #panel; #controls; #timer; #layoutButton; #banners; #recording; #captions; #reactions; #alone; #health;
  isOver = false;

  constructor(root, stage, { channel, place, config, devices, isMuted, isOn }) {
    this.#root = root;
    this.#stage = stage;
    this.#channel = channel;
    this.#place = place;
    this.#startsWithCamera = isOn;
    this.config = config;
    this.call = new CallClient(stage.door, channel.id, { config, me: stage.me.id, title: channel.display_name });
    this.call.wish.isMuted = isMuted;
    this.#looks = new Looks(stage.names, stage.me);
    this.own = new Own(this.call, config, devices, {
      changed: () => this.draw(),
      level: (loud) => this.#controls?.level(loud),
      speaker: (id) => this.ears?.setSpeaker(id),
    });
  }

  begin() {
    this.#build();
    this.#root.append(this.element);
    document.title = `${this.#channel.display_name} · Roost`;
    this.ears = new Ears(() => this.#banners.show("sound", t("sound.blocked"), [{ text: t("sound.on"), main: true, act: () => this.ears.resume() }]));
    this.ears.setSpeaker(memory.devices.speaker?.id ?? "");
    this.#listen();
    this.#herald = new Herald(this.call, this.#stage.names, this.#stage.me);
    const timer = setInterval(() => this.#tick(), 1000);
    this.#cleanups.push(() => clearInterval(timer), listenForKeys(document, this), this.#stage.names.onNews(() => this.draw()));
    this.#on(document, "visibilitychange", () => document.hidden || this.call.networkChanged());
    this.#on(document, "resume", () => this.call.networkChanged());
    this.#on(window, "beforeunload", (event) => event.preventDefault());
    this.#on(window, "pagehide", () => this.call.leave());
    this.own.begin({ withCamera: this.#startsWithCamera });
    this.call.join();
    this.draw();
    // A call, for tests and for those who look into it from the console.
    globalThis.roost = { call: this.call, devices: this.own.devices };
    return () => this.#end();
  }

  #on(target, event, act) {
    target.addEventListener(event, act);
    this.#cleanups.push(() => target.removeEventListener(event, act));
  }

  #end() {
    this.isOver = true;
    for (const cleanup of this.#cleanups) cleanup();
    if (this.call.phase !== "over") this.call.leave();
    this.own.end();
    this.ears.end();
    this.#tiles.end();
    this.#herald.end();
    this.#pop?.close();
    delete globalThis.roost;
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }

  // What is there

  #build() {
    this.#tiles = new Tiles({
      menu: (tile) => openPersonMenu(this, tile.look.session, tile.button, tile.key),
      pin: (key) => this.pin(key),
    });
    this.#panel = new Panel({
      close: () => this.togglePeople(false),
      invite: () => this.copyLink(),
      muteOthers: () => this.order("mute-others"),
      menu: (session, button) => openPersonMenu(this, session, button, session),
    });
    this.#controls = new Controls(this);
    this.#banners = new Banners();
    this.#alone = h("div", { class: "alone", hidden: true },
      h("p", {}, h("strong", {}, t("alone")), " ", t("alone.then")),
      h("button", { type: "button", class: "main small", onclick: () => this.copyLink() }, icon("link"), t("copyLink")));
    this.#banners.element.append(this.#alone);
    this.#recording = new Recording(this, this.#banners);
    this.#health = new Health(this);
    this.#captions = new Captions();
    this.#reactions = new Reactions();
    this.#timer = h("span", { class: "timer", role: "timer", dir: "ltr", "aria-label": t("timer") }, "0:00");
    this.#layoutButton = h("button", { type: "button", class: "plain round wide-only", onclick: () => this.toggleLayout() }, icon("grid"));
    const tool = (key, picture, act) => h("button", { type: "button", class: "plain round wide-only", "aria-label": t(key), title: t(key), onclick: act }, icon(picture));
    this.element = h("div", { class: "room" },
      h("header", { class: "bar" },
        h("span", { class: "row grow" },
          h("img", { src: "/roost.svg", alt: "", width: 26, height: 26 }),
          h("h1", { tabindex: "-1", dir: "auto" }, this.#channel.display_name), this.#timer, this.#recording.badge),
        h("span", { class: "row" }, this.#health.button, this.#layoutButton,
          tool("copyLink", "link", () => this.copyLink()), tool("fullScreen", "full", () => this.toggleFullScreen()))),
      this.#banners.element,
      h("main", { class: "stage" }, this.#tiles.element, this.#reactions.element, this.#captions.element, this.#health.overlay),
      this.#panel.element,
      this.#controls.element);
  }

  settings() {
    openSettings(() => this.#buildAgain());
  }

  /** Another language: what is drawn once is drawn again, around the same call. */
  #buildAgain() {
    const [before, tiles, health, recording, wasOpen] = [this.element, this.#tiles, this.#health, this.#recording, this.isPanelOpen];
    tiles.end();
    this.#build();
    this.#health.goOnFrom(health);
    this.#recording.goOnFrom(recording);
    before.replaceWith(this.element);
    this.ears.resume();
    if (wasOpen) this.togglePeople(true);
    this.draw();
  }

  /** Draws once for all that changes in one turn. */
  draw() {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    queueMicrotask(() => {
      this.#isDrawn = false;
      if (!this.isOver) this.#draw();
    });
  }

  #draw() {
    const { roster, session, phase } = this.call;
    const now = { call: this.call, tracks: this.#tracks, figures: this.#health.figures };
    const people = this.#looks.people(now);
    const tiles = this.#looks.tiles(people, now);
    this.#tiles.show(tiles, this.#looks.main(tiles, { pinned: this.#pinned, layout: memory.layout }));
    this.#panel.show(people, { mayOrder: this.mayOrder });
    this.#controls.draw({ people: people.length, sharer: people.find((look) => look.isSharing) });
    this.#alone.hidden = phase !== "connected" || roster.size !== 1 || this.call.isSharing;
    const isSound = (one) => (one.type === "voice" || one.type === "screen-audio") && one.session !== session;
    const voices = (tracks, isUpcoming) => tracks.filter(isSound).map(({ session: owner, type, track }) => (
      { key: `${owner} ${type}`, user: roster.get(owner)?.user ?? owner, track, isUpcoming }
    ));
    this.ears.hear([...voices(this.#tracks, false), ...voices(this.#upcoming, true)]);
    this.#banners.say({ joining: t("phase.joining"), reconnecting: t("phase.reconnecting") }[phase] ?? "");
    this.#recording.draw();
    this.#health.draw(phase);
    const isPresenting = memory.layout === "speaker";
    for (const name of ["aria-label", "title"]) set(this.#layoutButton, name, t(isPresenting ? "layout.grid" : "layout.speaker"));
  }

  #tick() {
    const { startedAt } = this.call.roster;
    if (!startedAt) return;
    const seconds = Math.max(0, Math.floor((Date.now() - startedAt) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    say(this.#timer, hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`);
    this.#recording.warnOfEnd();
  }

  #listen() {
    const { call } = this;
    call.on("changed", () => {
      this.#looks.hear(call.roster);
      this.draw();
    });
    for (const event of ["phase", "began", "ordered"]) call.on(event, () => this.draw());
    call.on("upcoming", (tracks) => {
      this.#upcoming = tracks;
    });
    call.on("tracks", (tracks) => {
      this.#tracks = tracks;
      this.draw();
    });
    call.on("reacted", ({ session, user, emoji }) => {
      const text = shown(emoji);
      this.#tiles.react(session, text);
      this.#reactions.show(session === call.session ? t("you") : this.name(user), text);
    });
    call.on("caption", ({ user, text }) => this.#captions.show(this.name(user), text));
    call.on("job", (job) => {
      this.#recording.hear(job);
      this.draw();
    });
    call.on("figures", (figures) => {
      this.#health.take(figures);
      this.draw();
    });
    call.on("unreachable", (report) => this.#health.diagnose(report));
    call.on("over", ({ why, text }) => this.#stage.leaveTo({ why: /limits/.test(text ?? "") ? "full" : why, text, channel: this.#place }));
  }

  // What others ask

  get pinned() {
    return this.#pinned;
  }

  get isAdmin() {
    return this.#stage.me?.roles?.includes("system_admin") ?? false;
  }

  get mayOrder() {
    return (this.call.isHost || this.isAdmin) && this.config.HostControlsAllowed !== false;
  }

  get isPanelOpen() {
    return !this.#panel.element.hidden;
  }

  name(user) {
    return this.#stage.names.of(user);
  }

  // What one does

  toggleHand() {
    this.call.setHand(!this.call.wish.hand);
    this.draw();
  }

  openReactions() {
    this.#controls.openReactions();
  }

  react(emoji) {
    this.call.react(wire(emoji));
  }

  togglePeople(isShown = this.#panel.element.hidden) {
    this.#panel.element.hidden = !isShown;
    this.draw();
    if (isShown) this.#panel.element.querySelector("button").focus({ focusVisible: false });
  }

  toggleLayout() {
    remember({ layout: memory.layout === "speaker" ? "grid" : memory.layout === "grid" ? "auto" : "speaker" });
    this.#pinned = null;
    notify(t(`layout.is.${memory.layout}`), { lasts: 2500, key: "layout" });
    this.draw();
  }

  pin(key) {
    this.#pinned = this.#pinned === key ? null : key;
    this.draw();
  }

  toggleStats() {
    this.#health.toggleStats();
  }

  async toggleFullScreen() {
    const page = surface();
    try {
      if (page.fullscreenElement) await page.exitFullscreen();
      else await page.documentElement.requestFullscreen();
    } catch {
      notify(t("fullScreen.cannot"), { kind: "bad" });
    }
  }

  copyLink() {
    return copyLink(linkTo(this.#place));
  }

  inviteGuest() {
    return inviteGuest(this.#stage.door, this.#channel.id);
  }

  keys() {
    openKeys();
  }

  record() {
    this.#recording.toggle();
  }

  async order(order, body) {
    try {
      await this.call.order(order, body);
    } catch (error) {
      notify(error instanceof Refusal ? t("order.refused", { why: error.message }) : t("unreachable"), { kind: "bad" });
    }
  }

  askToLeave(button) {
    const others = this.call.roster.all.some((person) => person.session !== this.call.session);
    if (!this.mayOrder || !others) return this.leave();
    const endAll = { text: t("leave.all"), danger: true, act: () => this.order("end") };
    openMenu(button, [
      { text: t("leave"), icon: "leave", act: () => this.leave() },
      { text: t("leave.all"), icon: "close", danger: true, act: () => openDialog(t("leave.all"), h("p", {}, t("leave.all.then")), [{ text: t("cancel") }, endAll]) },
    ]);
  }

  leave() {
    this.call.leave();
  }

  async popOut() {
    if (this.#pop) return this.#pop.close();
    this.#pop = await popOut(this, this.#root, () => this.#tiles.wake(), () => (this.#pop = null));
  }
}
