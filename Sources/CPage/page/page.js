// Which of the page's views is shown: the channels, a channel's lobby, its call, or how the call was left.
import { Door, Refusal, Unreachable } from "./protocol.js";
import { h } from "./dom.js";
import { showHome } from "./home.js";
import { showLobby } from "./lobby.js";
import { closeMenu } from "./menu.js";
import { memory, remember } from "./memory.js";
import { Names } from "./names.js";
import { showRoom } from "./room.js";
import { applyLanguage, t } from "./text.js";

const app = document.getElementById("app");
const cookie = (name) =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);

const door = new Door(location.href, { csrf: () => cookie("MMCSRF") });

/** What all views share, and how they call each other. */
const stage = {
  door,
  names: new Names(door),
  me: null,
  goHome: (trouble) => go("/", { trouble }),
  /** A link's place: its channel's name, or its id where the name can't stand in a path. */
  goTo: (name) => go(`/${name}`),
  enter,
  leaveTo: showParting,
  /** The node knows this login no more: whoever it was says their name again, where they are. */
  loginEnded: () => {
    stage.me = null;
    route(t("login.ended"));
  },
};

let endView = () => {};

function show(view, ...rest) {
  endView();
  closeMenu();
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  app.replaceChildren();
  endView = view(app, stage, ...rest) ?? (() => {});
  app.querySelector("h1")?.focus();
}

function go(path, { trouble } = {}) {
  if (location.pathname + location.hash !== path) history.pushState(null, "", path);
  route(trouble);
}

function route(trouble) {
  const channel = location.pathname.slice(1);
  const guest = new URLSearchParams(location.hash.slice(1)).get("guest");
  document.title = "Roost";
  if (guest) show(showLobby, { guest, trouble });
  else if (channel) show(showLobby, { channel, trouble });
  else show(showHome, { trouble });
}

function enter(choice) {
  show(showRoom, choice);
}

/** After a call: why it is over, and the ways on. */
function showParting({ why, text, channel }) {
  document.title = "Roost";
  if (why === "login") stage.me = null;
  show((root) => {
    const known = ["left", "ended", "removed", "login", "full", "refused"].includes(why) ? why : "refused";
    root.append(h(
      "main", { class: "page parting" },
      h("img", { src: "/roost.svg", alt: "", width: 72, height: 72 }),
      h("h1", { tabindex: "-1" }, t(`parting.${known}`)),
      h("p", { class: "soft", dir: "auto" }, known === "refused" && text ? text : t(`parting.${known}.then`)),
      h("div", { class: "row center" },
        known !== "removed" && h("button", { type: "button", class: "main", onclick: () => go(`/${channel}`) }, t(known === "login" ? "login.again" : "rejoin")),
        h("button", { type: "button", class: "quiet", onclick: () => stage.goHome() }, t("toChannels"))),
    ));
  });
}

/** What this browser lacks, if it lacks what no call can do without. */
function lack() {
  if (typeof RTCPeerConnection === "undefined") return "WebRTC";
  if (typeof CompressionStream === "undefined") return "CompressionStream";
  if (typeof HTMLDialogElement === "undefined") return "dialog";
  return null;
}

async function begin() {
  applyLanguage();
  document.documentElement.dataset.theme = memory.theme;
  const missing = lack();
  if (missing) {
    app.replaceChildren(h("main", { class: "page parting" },
      h("img", { src: "/roost.svg", alt: "", width: 72, height: 72 }), h("h1", {}, t("old")), h("p", { class: "soft" }, t("old.then", { what: missing }))));
    return;
  }
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  let trouble = null;
  try {
    if (token) {
      // It opens a session, and then must not stay where it could be read over a shoulder.
      history.replaceState(null, "", location.pathname);
      stage.me = await door.logInWith(token);
    } else if (cookie("MMUSERID")) stage.me = await door.me();
  } catch (error) {
    if (error instanceof Unreachable) trouble = t("unreachable");
    else if (token && error instanceof Refusal) trouble = error.message;
  }
  if (stage.me) remember({ name: stage.me.nickname });
  window.addEventListener("popstate", () => route());
  window.addEventListener("hashchange", () => location.hash.includes("guest=") && route());
  route(trouble);
}

begin();
