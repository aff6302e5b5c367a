// The front page: which channels there are, and who is in a call right now.
import { Line, Roster, Unreachable } from "./protocol.js";
import { avatar, h, icon, say } from "./dom.js";
import { notify } from "./menu.js";
import { memory, remember } from "./memory.js";
import { play } from "./sounds.js";
import { listed, t } from "./text.js";
import { openSettings } from "./settings.js";

const prefix = "custom_com.mattermost.calls_";

/** A name as it may stand in a link. Others are given their id by the node. */
export function linkName(text) {
  return text.trim().toLowerCase().replace(/\s+/g, "-");
}

// Scrapers look for figures at /metrics, so that is nobody's link (PageRoutes.swift).
export const isLinkName = (name) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) && name !== 'metrics';

export function showHome(root, stage, { trouble } = {}) {
  const rooms = new Map(); // channel id → {id, name, roster}
  const list = h("ul", { class: "channels", "aria-label": t("home.channels") });
  const hint = h("p", { class: "soft", role: "status" });
  const nameField = h("input", { id: "name", name: "name", autocomplete: "name", maxlength: 64, required: true, dir: "auto", value: memory.name });
  const channelField = h("input", { id: "channel", name: "channel", maxlength: 64, required: true, autocomplete: "off", dir: "auto", placeholder: t("home.example"), autocapitalize: "none", spellcheck: "false" });
  const problem = h("p", { class: "problem", role: "alert" }, trouble);

  const form = h(
    "form", { class: "card start", onsubmit: (event) => {
      event.preventDefault();
      start();
    } },
    !stage.me && field("name", t("name"), nameField),
    field("channel", t("home.channel"), channelField),
    h("button", { class: "main big" }, t("home.go")),
    problem,
  );
  root.append(
    h("header", { class: "top" },
      h("span", { class: "brand" }, h("img", { src: "/roost.svg", alt: "", width: 32, height: 32 }), "Roost"),
      h("span", { class: "row" },
        stage.me && h("span", { class: "row me" }, avatar(stage.me.nickname, stage.me.id), h("span", { dir: "auto" }, stage.me.nickname)),
        stage.me && h("button", { type: "button", class: "plain", onclick: logOut }, t("logOut")),
        h("button", { type: "button", class: "plain round", "aria-label": t("settings"), onclick: () => openSettings() }, icon("gear")))),
    h("main", { class: "page home" },
      h("h1", { tabindex: "-1" }, t("home.title")),
      h("p", { class: "lead" }, t("home.lead")),
      form,
      stage.me && h("section", { "aria-labelledby": "channels-title" }, h("h2", { id: "channels-title" }, t("home.channels")), hint, list)),
  );

  async function start() {
    say(problem, "");
    try {
      if (!stage.me) {
        stage.me = await stage.door.logIn(nameField.value);
        remember({ name: stage.me.nickname });
      }
      const name = linkName(channelField.value);
      if (isLinkName(name)) return stage.goTo(name);
      const channel = await stage.door.channel(channelField.value.trim());
      stage.goTo(channel.id);
    } catch (error) {
      say(problem, error instanceof Unreachable ? t("unreachable") : error.message);
    }
  }

  async function logOut() {
    await stage.door.logOut().catch(() => {});
    stage.me = null;
    stage.goHome();
  }

  if (!stage.me) return () => {};

  // The list, kept up to date by what the node tells.
  const room = (id) => {
    if (!rooms.has(id)) rooms.set(id, { id, name: id, roster: new Roster(), card: null });
    return rooms.get(id);
  };

  async function load() {
    try {
      const [channels, calls] = await Promise.all([stage.door.channels(), stage.door.calls()]);
      for (const channel of channels) room(channel.id).name = channel.display_name;
      for (const { roster } of rooms.values()) roster.take({ sessions: [] });
      for (const { channel_id, call } of calls) if (call) room(channel_id).roster.take(call);
      for (const recent of memory.recent) if (isLinkName(recent) && ![...rooms.values()].some((one) => one.name === recent)) rooms.set(recent, { id: recent, name: recent, roster: new Roster() });
      // A call in a channel that nobody has named since the node was started is still a call.
      say(problem, "");
      draw();
    } catch (error) {
      say(problem, error instanceof Unreachable ? t("unreachable") : error.message);
    }
  }

  function draw() {
    const all = [...rooms.values()].sort((a, b) => (b.roster.size > 0) - (a.roster.size > 0) || a.name.localeCompare(b.name)).slice(0, 60);
    say(hint, all.length === 0 ? t("home.none") : "");
    hint.hidden = all.length > 0;
    // Each card is drawn anew, but for the one that has the focus nothing is lost: it is found again.
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
    list.replaceChildren(...all.map(card));
    if (focused) list.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  }

  function card({ id, name, roster }) {
    const place = isLinkName(name) ? name : id;
    const users = [...new Set(roster.all.map((person) => person.user))];
    const names = users.map((user) => stage.names.of(user));
    const who = names.length > 3 ? listed([...names.slice(0, 2), t("home.others", { n: names.length - 2 })]) : listed(names);
    return h("li", {}, h(
      "a", { class: `card channel${users.length ? " live" : ""}`, href: `/${place}`, "data-channel": id, onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        stage.goTo(place);
      } },
      h("strong", { dir: "auto" }, name),
      users.length
        ? [h("span", { class: "faces" }, users.slice(0, 5).map((user, index) => avatar(names[index], user))), h("span", { class: "soft", dir: "auto" }, t("home.inCall", { who }))]
        : h("span", { class: "soft" }, t("home.quiet")),
      users.length > 0 && h("span", { class: "live-dot" }, t("home.live")),
    ));
  }

  const line = new Line(stage.door.base, {
    hello: (id, isResumed) => isResumed || load(),
    refused: () => {
      stage.me = null;
      stage.goHome(t("login.ended"));
    },
    event: (event, data, broadcast) => {
      if (!event.startsWith(prefix)) return;
      const channel = data.channelID || broadcast.channel_id;
      if (!channel) return;
      const { roster } = room(channel);
      const name = event.slice(prefix.length);
      if (name === "call_start") roster.take({ id: data.id, host_id: data.host_id, start_at: data.start_at, sessions: [] });
      else if (name === "user_joined") {
        if (roster.size === 0 && data.user_id !== stage.me?.id) announce(room(channel), data.user_id);
        roster.add(data.session_id, data.user_id);
      } else if (name === "user_left") roster.remove(data.session_id);
      else if (name === "call_end") roster.take({ sessions: [] });
      else return;
      draw();
    },
  });
  line.open();

  /** Somebody begins a call where this person has been before. */
  function announce({ name, id }, user) {
    if (!memory.recent.includes(name) && !memory.recent.includes(id)) return;
    const place = isLinkName(name) ? name : id;
    const words = t("home.began", { who: stage.names.of(user), channel: name });
    notify(words, { word: t("join"), act: () => stage.goTo(place), lasts: 30_000 });
    play("ring");
    if (globalThis.Notification?.permission === "granted" && document.hidden) {
      const notification = new Notification("Roost", { body: words, tag: id });
      notification.onclick = () => {
        window.focus();
        stage.goTo(place);
      };
    }
  }

  const forget = stage.names.onNews(draw);
  stage.names.meet(stage.me);
  return () => {
    forget();
    line.close();
  };
}

export function field(id, label, input) {
  return h("div", { class: "field" }, h("label", { for: id }, label), input);
}
