// A call as one is in it: joins the client of calls to what is seen and heard.
import { Banners } from "./banners.js";
import { CallClient, Refusal } from "./protocol.js";
import { Controls } from "./controls.js";
import { Devices, DeviceTrouble, meter } from "./devices.js";
import { h, icon, say, set } from "./dom.js";
import { Ears } from "./ears.js";
import { shown, wire } from "./emoji.js";
import { memory, remember } from "./memory.js";
import { notify, openDialog, openMenu } from "./menu.js";
import { openPersonMenu } from "./person-menu.js";
import { Panel } from "./panel.js";
import { popOut } from "./pop.js";
import { bars, describe, diagnosis, explain, table } from "./quality.js";
import { Recording } from "./recording.js";
import { openSettings } from "./settings.js";
import { listenForKeys, openKeys } from "./shortcuts.js";
import { play } from "./sounds.js";
import { t } from "./text.js";
import { Tiles } from "./tiles.js";

/** Sounds of coming and going are for small rounds. */
const soundsUpTo = 8;

export function showRoom(root, stage, choice) {
  return new Room(root, stage, choice).begin();
}

class Room {
  #root;
  #stage;
  #place;
  #channel;
  #config;
  #devices;
  #call;
  #ears;
  #tracks = [];
  #figures = null;
  #pinned = null;
  #speakers = []; // sessions, whoever spoke last first
  #cleanups = [];
  #stopMeter = () => {};
  #stats = null;
  #diagnosis = null;
  #warned = { quality: 0, muted: 0 };
  #heldOpen = false;
  #pop = null;
  #isDrawn = false;
  #isOver = false;

  constructor(root, stage, { channel, place, config, devices, isMuted, isOn }) {
    this.#root = root;
    this.#stage = stage;
    this.#channel = channel;
    this.#place = place;
    this.#config = config;
    this.#call = new CallClient(stage.door, channel.id, { config, me: stage.me.id, title: channel.display_name });
    this.#call.wish.isMuted = isMuted;
    this.#devices = new Devices({ changed: () => this.#followDevices(), track: (kind, track) => this.#deviceChanged(kind, track) });
    this.#devices.adopt(devices);
    this.#startsWithCamera = isOn;
  }

  #startsWithCamera;

  begin() {
    this.#build();
    this.#ears = new Ears(() => this.#askForSound());
    this.#ears.setSpeaker(memory.devices.speaker?.id ?? "");
    this.#listen();
    this.#every(1000, () => this.#tick());
    this.#cleanups.push(
      listenForKeys(document, this),
      this.#stage.names.onNews(() => this.draw()),
    );
    const wake = () => document.hidden || this.#call.networkChanged();
    document.addEventListener("visibilitychange", wake);
    const warn = (event) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    const bye = () => this.#call.leave();
    window.addEventListener("pagehide", bye);
    this.#cleanups.push(() => {
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("pagehide", bye);
    });
    const mic = this.#devices.get("mic");
    if (mic) this.#useMic(mic);
    if (this.#startsWithCamera && this.#devices.get("camera")) this.#call.setCamera(this.#devices.get("camera"));
    this.#call.join();
    this.draw();
    // A call, for tests and for those who look into it from the console.
    globalThis.roost = { call: this.#call, devices: this.#devices };
    return () => this.#end();
  }

  #every(milliseconds, act) {
    const timer = setInterval(act, milliseconds);
    this.#cleanups.push(() => clearInterval(timer));
  }

  // What is there

  #build() {
    this.#tiles = new Tiles({
      menu: (tile) => openPersonMenu(this, tile.look.session, tile.button, tile.key),
      pin: (key) => this.pin(key),
    });
    this.#panel = new Panel({
      close: () => this.togglePeople(false),
      muteOthers: () => this.order("mute-others"),
      menu: (session, button) => openPersonMenu(this, session, button, session),
    });
    this.#controls = new Controls(this);
    this.#timer = h("span", { class: "timer", role: "timer", "aria-label": t("timer") }, "0:00");
    this.#badge = h("span", { class: "badge recording", hidden: true }, icon("record"), t("recording"));
    this.#bars = h("button", { type: "button", class: "plain round bars", onclick: () => this.#showQuality() }, h("i"), h("i"), h("i"), h("i"));
    this.#layoutButton = h("button", { type: "button", class: "plain round wide-only", onclick: () => this.toggleLayout() }, icon("grid"));
    this.#banners = new Banners();
    this.#recording = new Recording(this, this.#banners);
    this.#captions = h("div", { class: "captions", "aria-live": "polite", "aria-label": t("captions") });
    this.#stream = h("div", { class: "reactions", "aria-hidden": "true" });
    this.#overlay = h("section", { class: "overlay", hidden: true, "aria-label": t("stats") });
    this.element = h("div", { class: "room" },
      h("header", { class: "bar" },
        h("span", { class: "row grow" },
          h("img", { src: "/roost.svg", alt: "", width: 26, height: 26 }),
          h("h1", { tabindex: "-1", dir: "auto" }, this.#channel.display_name), this.#timer, this.#badge),
        h("span", { class: "row" },
          this.#bars, this.#layoutButton,
          h("button", { type: "button", class: "plain round wide-only", "aria-label": t("copyLink"), title: t("copyLink"), onclick: () => this.copyLink() }, icon("link")),
          h("button", { type: "button", class: "plain round wide-only", "aria-label": t("fullScreen"), title: t("fullScreen"), onclick: () => this.toggleFullScreen() }, icon("full")))),
      this.#banners.element,
      h("main", { class: "stage" }, this.#tiles.element, this.#stream, this.#captions, this.#overlay),
      this.#panel.element,
      this.#controls.element);
    this.#root.append(this.element);
    document.title = `${this.#channel.display_name} · Roost`;
  }

  #tiles; #panel; #controls; #timer; #badge; #bars; #layoutButton; #banners; #recording; #captions; #stream; #overlay;

  get ears() {
    return this.#ears;
  }

  get pinned() {
    return this.#pinned;
  }

  get call() {
    return this.#call;
  }

  get devices() {
    return this.#devices;
  }

  get config() {
    return this.#config;
  }

  get isAdmin() {
    return this.#stage.me?.roles?.includes("system_admin") ?? false;
  }

  get mayOrder() {
    return (this.#call.isHost || this.isAdmin) && this.#config.HostControlsAllowed !== false;
  }

  get isMuted() {
    return this.#call.wish.isMuted;
  }

  name(user) {
    return this.#stage.names.of(user);
  }

  // Drawing

  /** Draws once for all that changes in one turn. */
  draw() {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    queueMicrotask(() => {
      this.#isDrawn = false;
      if (!this.#isOver) this.#draw();
    });
  }

  #draw() {
    const { roster, session } = this.#call;
    const own = this.#call.ownPictures;
    const picture = (id, type) => this.#tracks.find((one) => one.session === id && one.type === type)?.track ?? null;
    const hands = roster.hands.map((person) => person.session);
    const looks = roster.all.map((person) => {
      const isMine = person.session === session;
      const track = isMine ? own.video : person.hasVideo ? picture(person.session, "video") : null;
      return {
        key: person.session, session: person.session, user: person.user, name: this.name(person.user), isMine, isScreen: false,
        isMuted: isMine ? this.isMuted : !person.isUnmuted, isSpeaking: person.isSpeaking && !(isMine && this.isMuted),
        hand: hands.indexOf(person.session) + 1, isHost: person.user === roster.host, isGuest: this.#stage.names.isGuest(person.user),
        isPoor: (isMine ? this.#figures?.mos : person.mos) < 3.5 && (isMine ? this.#figures !== null : person.mos !== null), isSharing: person.session === roster.sharer, track, came: person.came,
      };
    });
    if (looks.length === 0) {
      // Before the node has said who is there, one sees oneself.
      const { me } = this.#stage;
      looks.push({ key: "me", session: "", user: me.id, name: me.nickname, isMine: true, isScreen: false, isMuted: this.isMuted, isSpeaking: false, hand: 0, isHost: false, isGuest: false, isPoor: false, isSharing: false, track: own.video, came: 0 });
    }
    const all = [...this.#ordered(looks)];
    const sharer = looks.find((look) => look.isSharing);
    let screen = null;
    if (sharer) {
      const track = sharer.isMine ? own.screen : picture(sharer.session, "screen");
      screen = `${sharer.session}:screen`;
      all.unshift({ ...sharer, key: screen, isScreen: true, track });
    }
    this.#tiles.show(all, this.#mainOf(all, screen));
    this.#panel.show(looks, { mayOrder: this.mayOrder });
    this.#controls.draw({ people: looks.length, sharer });
    this.#drawSounds();
    this.#drawBar();
  }

  /** Oneself last, and in a crowd whoever matters first. */
  #ordered(looks) {
    const weight = (look) => (look.isMine ? -1 : 0) + (looks.length > 9 ? (look.hand > 0 ? 4 : 0) + (look.track ? 2 : 0) + (this.#speakers.indexOf(look.session) >= 0 ? 3 - this.#speakers.indexOf(look.session) / 9 : 0) : 0);
    return looks.sort((a, b) => weight(b) - weight(a) || a.came - b.came);
  }

  #mainOf(all, screen) {
    if (this.#pinned && all.some((look) => look.key === this.#pinned)) return this.#pinned;
    if (memory.layout === "grid") return null;
    if (screen) return screen;
    if (memory.layout !== "speaker" || all.length < 2) return null;
    const speaking = this.#speakers.find((session) => all.some((look) => look.key === session && !look.isMine));
    return speaking ?? all.find((look) => !look.isMine)?.key ?? null;
  }

  #drawSounds() {
    const { roster, session } = this.#call;
    const voices = this.#tracks.filter((one) => (one.type === "voice" || one.type === "screen-audio") && one.session !== session);
    this.#ears.hear(voices.map(({ session: owner, type, track }) => ({ key: `${owner} ${type}`, user: roster.get(owner)?.user ?? owner, track })));
  }

  #drawBar() {
    const { phase, roster } = this.#call;
    this.#banners.say({ joining: t("phase.joining"), reconnecting: t("phase.reconnecting") }[phase] ?? "");
    this.#badge.hidden = !roster.jobs.recording?.start_at;
    const count = phase === "connected" ? bars(this.#figures?.mos ?? null) : 1;
    set(this.#bars, "data-bars", count);
    set(this.#bars, "aria-label", t("quality.label", { grade: t(`quality.${count}`) }));
    const isPresenting = memory.layout === "speaker";
    set(this.#layoutButton, "aria-label", t(isPresenting ? "layout.grid" : "layout.speaker"));
    set(this.#layoutButton, "title", t(isPresenting ? "layout.grid" : "layout.speaker"));
  }

  #tick() {
    const { startedAt } = this.#call.roster;
    if (!startedAt) return;
    const seconds = Math.max(0, Math.floor((Date.now() - startedAt) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    say(this.#timer, hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`);
    this.#recording.warnOfEnd();
  }

  // What happens in the call

  #listen() {
    const call = this.#call;
    const herald = document.getElementById("herald");
    const announce = (text) => {
      herald.append(h("p", {}, text));
      while (herald.children.length > 10) herald.firstChild.remove();
    };
    call.on("changed", () => {
      for (const person of call.roster.all) {
        if (!person.isSpeaking || this.#speakers[0] === person.session) continue;
        this.#speakers = [person.session, ...this.#speakers.filter((one) => one !== person.session)].slice(0, 9);
      }
      this.draw();
    });
    call.on("phase", (phase) => {
      if (phase === "connected") {
        this.#diagnosis?.close();
        this.#diagnosis = null;
      }
      this.draw();
    });
    call.on("tracks", (tracks) => {
      this.#tracks = tracks;
      this.draw();
    });
    call.on("began", () => {
      play("joined");
      announce(t("began"));
      this.draw();
    });
    call.on("came", ({ session, user }) => {
      if (session === call.session || call.phase === "joining") return;
      if (call.roster.size <= soundsUpTo) play("came");
      this.#afterName(user, (name) => announce(t("came", { name })));
    });
    call.on("went", ({ user }) => {
      if (call.roster.size <= soundsUpTo) play("went");
      announce(t("went", { name: this.name(user) }));
    });
    call.on("reacted", (reaction) => this.#showReaction(reaction));
    call.on("caption", (caption) => this.#showCaption(caption));
    call.on("host", ({ user }) => user && notify(user === this.#stage.me.id ? t("host.you") : t("host.is", { name: this.name(user) })));
    call.on("ordered", ({ order }) => {
      notify(t(`ordered.${order}`));
      if (order === "mute") play("muted");
      this.draw();
    });
    call.on("removed", ({ user }) => notify(t("removed", { name: this.name(user) })));
    call.on("refused", (text) => notify(/screen/.test(text) ? t("screen.taken") : text, { kind: "bad" }));
    call.on("job", (job) => {
      this.#recording.hear(job);
      this.draw();
    });
    call.on("figures", (figures) => this.#takeFigures(figures));
    call.on("unreachable", (report) => this.#showDiagnosis(report));
    call.on("over", ({ why, text }) => {
      play("left");
      const isFull = /limits/.test(text ?? "");
      this.#stage.leaveTo({ why: isFull ? "full" : why, text, channel: this.#place });
    });
  }

  #afterName(user, act) {
    const name = this.name(user);
    if (name !== "…") return act(name);
    const forget = this.#stage.names.onNews(() => {
      forget();
      act(this.name(user));
    });
  }

  #showReaction({ session, user, emoji }) {
    const text = shown(emoji);
    this.#tiles.react(session, text);
    const bubble = h("p", { class: "reaction" }, h("span", {}, text), h("span", { class: "reaction-name", dir: "auto" }, session === this.#call.session ? t("you") : this.name(user)));
    this.#stream.append(bubble);
    while (this.#stream.children.length > 50) this.#stream.firstChild.remove();
    setTimeout(() => bubble.remove(), 10_000);
  }

  #showCaption({ user, text }) {
    if (!memory.captions) return;
    const line = h("p", { dir: "auto" }, h("strong", {}, `${this.name(user)}: `), text);
    this.#captions.append(line);
    while (this.#captions.children.length > 4) this.#captions.firstChild.remove();
    setTimeout(() => line.remove(), 5000);
  }

  #askForSound() {
    this.#banners.show("sound", t("sound.blocked"), [{ text: t("sound.on"), main: true, act: () => this.#ears.resume() }]);
  }

  // Quality

  #takeFigures(figures) {
    this.#figures = figures;
    this.draw();
    if (!this.#overlay.hidden) this.#overlay.replaceChildren(this.#overlayHead(), table(figures, (session) => this.name(this.#call.roster.get(session)?.user ?? "")));
    if (this.#stats?.open) this.#stats.querySelector(".dialog-body").replaceChildren(describe(figures));
    const [worst] = explain(figures);
    if (figures.mos >= 3.5 || !worst || Date.now() < this.#warned.quality) return;
    this.#warned.quality = Date.now() + 20_000;
    notify(worst, { kind: "bad", word: t("why"), act: () => this.#showQuality() });
  }

  #showQuality() {
    this.#stats = openDialog(t("quality"), describe(this.#figures), [{ text: t("stats"), act: () => this.toggleStats(true) }, { text: t("done"), main: true }]);
  }

  #overlayHead() {
    return h("header", { class: "row" }, h("h2", { class: "grow" }, t("stats")), h("button", { type: "button", class: "plain round", "aria-label": t("close"), onclick: () => this.toggleStats(false) }, icon("close")));
  }

  toggleStats(isShown = this.#overlay.hidden) {
    this.#overlay.hidden = !isShown;
    if (isShown) this.#overlay.replaceChildren(this.#overlayHead(), table(this.#figures, (session) => this.name(this.#call.roster.get(session)?.user ?? "")));
  }

  #showDiagnosis(report) {
    if (this.#diagnosis?.open) return;
    this.#diagnosis = openDialog(t("diagnosis"), diagnosis(report), [{ text: t("leave"), act: () => this.leave() }, { text: t("diagnosis.wait"), main: true }]);
  }

  // Sound and pictures of one's own

  #useMic(track) {
    this.#stopMeter();
    this.#stopMeter = track ? meter(track, (loud) => this.#hearMyself(loud)) : () => {};
    this.#call.setVoice(track).catch(() => {});
    
    this.draw();
  }

  #loudSince = 0;

  #hearMyself(loud) {
    this.#controls.level(this.isMuted ? 0 : loud);
    if (!this.isMuted || loud < 0.62) {
      if (loud < 0.4) this.#loudSince = 0;
      return;
    }
    this.#loudSince ||= Date.now();
    if (Date.now() - this.#loudSince < 900 || Date.now() < this.#warned.muted) return;
    this.#warned.muted = Date.now() + 60_000;
    notify(t("muted.talking"), { word: t("unmute"), act: () => this.setMuted(false) });
  }

  async setMuted(isMuted) {
    if (!isMuted && !this.#devices.get("mic")) {
      try {
        this.#useMic(await this.#devices.open("mic"));
      } catch (error) {
        return this.#complain(error);
      }
    }
    remember({ isMuted });
    this.draw();
    await this.#call.setMuted(isMuted).catch(() => {});
    this.draw();
  }

  toggleMuted() {
    play(this.isMuted ? "unmuted" : "muted");
    return this.setMuted(!this.isMuted);
  }

  /** Push to talk: unmuted as long as the key is down. */
  holdOpen(isDown) {
    if (isDown && this.isMuted && !this.#heldOpen) {
      this.#heldOpen = true;
      this.setMuted(false);
    } else if (!isDown && this.#heldOpen) {
      this.#heldOpen = false;
      this.setMuted(true);
    }
  }

  async toggleCamera() {
    try {
      if (this.#call.hasCamera) {
        this.#devices.close("camera");
        await this.#call.setCamera(null);
      } else await this.#call.setCamera(await this.#devices.open("camera"));
      remember({ camera: this.#call.hasCamera });
    } catch (error) {
      this.#complain(error);
    }
    this.draw();
  }

  get mayShare() {
    return this.#config.AllowScreenSharing !== false && Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  async toggleScreen() {
    if (this.#call.isSharing) return this.#call.setScreen(null).catch(() => {});
    if (!this.mayShare) return notify(t("screen.cannot"), { kind: "bad" });
    const { sharer } = this.#call.roster;
    if (sharer) return notify(t("screen.taken"), { kind: "bad" });
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 20 } }, audio: true, systemAudio: "include", selfBrowserSurface: "exclude" });
      for (const track of stream.getVideoTracks()) track.contentHint = "detail";
      await this.#call.setScreen(stream);
    } catch (error) {
      if (error.name !== "NotAllowedError") notify(t("screen.failed"), { kind: "bad" });
    }
  }

  async choose(kind, id) {
    this.#devices.prefer(kind, id);
    try {
      if (kind === "speaker") this.#ears.setSpeaker(id);
      else if (kind === "mic") this.#useMic(await this.#devices.open("mic"));
      else if (this.#call.hasCamera) await this.#call.setCamera(await this.#devices.open("camera"));
    } catch (error) {
      this.#complain(error);
    }
  }

  #deviceChanged(kind, track) {
    if (kind === "mic") this.#useMic(track);
    else this.#call.setCamera(track).catch(() => {});
    notify(track ? t(`device.now.${kind}`, { label: track.label }) : t(`device.gone.${kind}`), { kind: track ? "" : "bad" });
    this.draw();
  }

  #followDevices() {
    const wanted = memory.devices.speaker?.id;
    if (wanted) this.#ears?.setSpeaker(this.#devices.of("speaker").some((device) => device.deviceId === wanted) ? wanted : "default");
  }

  #complain(error) {
    if (error instanceof DeviceTrouble) notify(t(`trouble.${error.cause}.${error.kind}`), { kind: "bad", lasts: 12_000 });
    else notify(error.message, { kind: "bad" });
  }

  // What one does

  toggleHand() {
    const isRaised = this.#call.wish.hand;
    this.#call.setHand(!isRaised);
    if (!isRaised) play("hand");
    this.draw();
  }

  openReactions() {
    this.#controls.openReactions();
  }

  react(emoji) {
    this.#call.react(wire(emoji));
  }

  togglePeople(isShown = this.#panel.element.hidden) {
    this.#panel.element.hidden = !isShown;
    this.element.classList.toggle("with-panel", isShown);
    this.draw();
    if (isShown) this.#panel.element.querySelector("button").focus({ focusVisible: false });
  }

  get isPanelOpen() {
    return !this.#panel.element.hidden;
  }

  toggleLayout() {
    remember({ layout: memory.layout === "speaker" ? "grid" : memory.layout === "grid" ? "auto" : "speaker" });
    this.#pinned = null;
    notify(t(`layout.is.${memory.layout}`), { lasts: 2500 });
    this.draw();
  }

  pin(key) {
    this.#pinned = this.#pinned === key ? null : key;
    this.draw();
  }

  async toggleFullScreen() {
    const page = this.element.ownerDocument;
    try {
      if (page.fullscreenElement) await page.exitFullscreen();
      else await page.documentElement.requestFullscreen();
    } catch {
      notify(t("fullScreen.cannot"), { kind: "bad" });
    }
  }

  get link() {
    return new URL(`/${this.#place}`, location.href).href;
  }

  async copyLink(link = this.link) {
    try {
      await navigator.clipboard.writeText(link);
      notify(t("copied"));
    } catch {
      // Without a secure origin there is no clipboard; the person can still copy it by hand.
      openDialog(t("copyLink"), h("input", { readonly: true, value: link, "aria-label": t("copyLink"), onfocus: (event) => event.target.select() }), [{ text: t("done"), main: true }]);
    }
  }

  async inviteGuest() {
    try {
      const { token } = await this.#stage.door.guestLink(this.#channel.id);
      await this.copyLink(new URL(`/#guest=${token}`, location.href).href);
    } catch (error) {
      notify(error.message, { kind: "bad" });
    }
  }

  settings() {
    openSettings(() => this.#redrawAll());
  }

  keys() {
    openKeys();
  }

  /** Another language: what is drawn once is drawn again, around the same call. */
  #redrawAll() {
    const wasOpen = this.isPanelOpen;
    this.#tiles.end();
    this.element.remove();
    this.#build();
    if (wasOpen) this.togglePeople(true);
    
    this.draw();
  }

  record() {
    this.#recording.toggle();
  }

  async order(order, body) {
    try {
      await this.#call.order(order, body);
    } catch (error) {
      notify(error instanceof Refusal ? t("order.refused", { why: error.message }) : t("unreachable"), { kind: "bad" });
    }
  }

  muteOthers() {
    return this.order("mute-others");
  }

  askToLeave(button) {
    const others = this.#call.roster.all.some((person) => person.session !== this.#call.session);
    if (!this.mayOrder || !others) return this.leave();
    openMenu(button, [
      { text: t("leave"), icon: "leave", act: () => this.leave() },
      { text: t("leave.all"), icon: "close", danger: true, act: () => openDialog(t("leave.all"), h("p", {}, t("leave.all.then")), [{ text: t("cancel") }, { text: t("leave.all"), danger: true, act: () => this.order("end") }]) },
    ]);
  }

  leave() {
    this.#call.leave();
  }

  async popOut() {
    if (this.#pop) return this.#pop.close();
    this.#pop = await popOut(this, this.#root, () => this.#tiles.wake(), () => (this.#pop = null));
  }

  get isOver() {
    return this.#isOver;
  }

  #end() {
    this.#isOver = true;
    for (const cleanup of this.#cleanups) cleanup();
    this.#stopMeter();
    if (this.#call.phase !== "over") this.#call.leave();
    this.#devices.closeAll();
    this.#ears.end();
    this.#tiles.end();
    this.#pop?.close();
    delete globalThis.roost;
    document.getElementById("herald").replaceChildren();
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }
}
