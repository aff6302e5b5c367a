// The front page: which channels there are, and who is in a call right now.
import { Unreachable } from "./protocol.js";
import { avatar, h, icon, say } from "./dom.js";
import { memory, remember } from "./memory.js";
import { Ring } from "./ring.js";
import { listed, t } from "./text.js";
import { openSettings } from "./settings.js";
import { Watch } from "./watch.js";

/** A name as it may stand in a link. Others are given their id by the node. */
export function linkName(text) {
  return text.trim().toLowerCase().replace(/\s+/g, "-");
}

// Scrapers look for figures at /metrics, so that is nobody's link (PageRoutes.swift).
export const isLinkName = (name) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) && name !== "metrics";

export function showHome(root, stage, { trouble } = {}) {
  const named = new Map(); // channel id → name
  const list = h("ul", { class: "channels", "aria-label": t("home.channels") });
  const hint = h("p", { class: "soft", role: "status" }, t("home.loading"));
  const nameField = h("input", { id: "name", name: "name", autocomplete: "name", maxlength: 64, required: true, dir: "auto", value: memory.name });
  const channelField = h("input", { id: "channel", name: "channel", maxlength: 64, required: true, autocomplete: "off", dir: "auto", placeholder: t("home.example"), autocapitalize: "none", spellcheck: "false" });
  const problem = h("p", { class: "problem", role: "alert" }, trouble);
  const asksToNotify = h("button", { type: "button", class: "plain small", hidden: globalThis.Notification?.permission !== "default", onclick: async () => {
    await Notification.requestPermission();
    asksToNotify.hidden = Notification.permission !== "default";
  } }, icon("bell"), t("settings.notify"));

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
        stage.me && h("span", { class: "row me", title: stage.me.nickname }, avatar(stage.me.nickname, stage.me.id), h("span", { dir: "auto" }, stage.me.nickname)),
        stage.me && h("button", { type: "button", class: "plain", onclick: logOut }, t("logOut")),
        h("button", { type: "button", class: "plain round", "aria-label": t("settings"), title: t("settings"), onclick: () => openSettings() }, icon("gear")))),
    h("main", { class: `page home${stage.me ? "" : " first"}` },
      h("div", { class: "hero" }, !stage.me && h("img", { src: "/roost.svg", alt: "", width: 88, height: 88 }),
        h("h1", { tabindex: "-1" }, t("home.title")), h("p", { class: "lead" }, t("home.lead"))),
      form,
      stage.me && h("section", { "aria-labelledby": "channels-title" },
        h("div", { class: "row" }, h("h2", { id: "channels-title" }, t("home.channels")), asksToNotify), hint, list)),
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
      complain(error);
    }
  }

  function complain(error) {
    say(problem, error instanceof Unreachable ? t("unreachable") : error.message);
  }

  async function logOut() {
    await stage.door.logOut().catch(() => {}); // a node that is away forgets the session in time
    stage.me = null;
    stage.goHome();
  }

  if (!stage.me) return () => {};

  // The list, kept up to date by what the node tells.

  async function nameChannels() {
    try {
      for (const channel of await stage.door.channels()) named.set(channel.id, channel.display_name);
      say(problem, "");
      draw();
    } catch (error) {
      complain(error);
    }
  }

  function draw() {
    const rooms = [...new Set([...named.keys(), ...watch.channels])].map((id) => ({ id, name: named.get(id) ?? id, users: watch.users(id) }));
    for (const recent of memory.recent) {
      if (isLinkName(recent) && !rooms.some((one) => one.name === recent || one.id === recent)) rooms.push({ id: recent, name: recent, users: [] });
    }
    rooms.sort((a, b) => (b.users.length > 0) - (a.users.length > 0) || a.name.localeCompare(b.name));
    say(hint, rooms.length === 0 ? t("home.none") : "");
    hint.hidden = rooms.length > 0;
    // Each card is drawn anew, but for the one that has the focus nothing is lost: it is found again.
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
    list.replaceChildren(...rooms.slice(0, 60).map(card));
    if (focused) list.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  }

  const placeOf = (id, name) => (isLinkName(name) ? name : id);

  function card({ id, name, users }) {
    const place = placeOf(id, name);
    const names = users.map((user) => stage.names.of(user));
    const who = names.length > 3 ? listed([...names.slice(0, 2), t("home.others", { n: names.length - 2 })]) : listed(names);
    const isLive = users.length > 0;
    return h("li", {}, h(
      "a", { class: `card channel${isLive ? " live" : ""}`, href: `/${place}`, "data-channel": id, onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        stage.goTo(place);
      } },
      h("span", { class: "row" }, h("strong", { class: "grow", dir: "auto" }, name), isLive && h("span", { class: "live-dot" }, t("home.live"))),
      isLive && h("span", { class: "faces" }, users.slice(0, 5).map((user, index) => avatar(names[index], user))),
      h("span", { class: "soft", dir: "auto" }, isLive ? t("home.inCall", { who }) : t("home.quiet")),
    ));
  }

  const ring = new Ring();
  const watch = new Watch(stage.door, {
    loaded: nameChannels,
    failed: complain,
    changed: draw,
    lost: () => say(problem, t("unreachable")),
    refused: () => stage.loginEnded(),
    ended: (channel) => ring.end(channel),
    began: (channel, user) => {
      const name = named.get(channel) ?? channel;
      const wasThere = memory.recent.includes(name) || memory.recent.includes(channel);
      if (!wasThere || user === stage.me?.id) return;
      stage.names.whenKnown(user, (who) => watch.users(channel).length > 0 && ring.begin(channel, t("home.began", { who, channel: name }), () => stage.goTo(placeOf(channel, name))));
    },
  });
  const forget = stage.names.onNews(draw);
  stage.names.meet(stage.me);
  return () => {
    forget();
    ring.endAll();
    watch.end();
  };
}

export function field(id, label, input) {
  return h("div", { class: "field" }, h("label", { for: id }, label), input);
}
