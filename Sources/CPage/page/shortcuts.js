// Keys by which a call is worked, those of Calls' own clients and a few more.
import { h } from "./dom.js";
import { openDialog } from "./menu.js";
import { t } from "./text.js";

/** What is pressed with Ctrl (or Cmd) and Shift, by the key's place on the board. */
const withShift = {
  Space: (room) => room.own.toggleMuted(),
  KeyY: (room) => room.toggleHand(),
  KeyX: (room) => room.openReactions(),
  KeyE: (room) => room.own.toggleScreen(),
  KeyV: (room) => room.own.toggleCamera(),
  KeyP: (room) => room.togglePeople(),
  KeyL: (room) => room.leave(),
};

const list = [
  ["Ctrl+Alt+S", "key.join"], ["Ctrl+Shift+Space", "key.mute"], ["Space", "key.talk"], ["Ctrl+Shift+V", "key.camera"], ["Ctrl+Shift+E", "key.screen"], ["Ctrl+Shift+Y", "key.hand"],
  ["Ctrl+Shift+X", "key.react"], ["Alt+P", "key.people"], ["Ctrl+Alt+R", "key.record"], ["Ctrl+Shift+L", "key.leave"], ["?", "key.help"],
];

const isTyping = (target) => target?.closest?.("input:not([type=checkbox], [type=range]), select, textarea") != null;
const isControl = (target) => target?.closest?.("button, a, input, select, [role=menu]") != null;

/** Answers what ends the listening. */
export function listenForKeys(page, room) {
  const down = (event) => {
    const command = event.ctrlKey || event.metaKey;
    let act = null;
    if (command && event.shiftKey && !event.altKey) act = withShift[event.code];
    else if (command && event.altKey && event.code === "KeyR") act = () => room.call.isHost && room.config.EnableRecordings && room.record();
    else if (event.altKey && !command && event.code === "KeyP") act = () => room.togglePeople();
    else if (!command && !event.altKey && !isTyping(event.target)) {
      if (event.key === "?") act = () => room.keys();
      else if (event.code === "Space" && !event.shiftKey && !isControl(event.target)) act = () => event.repeat || room.own.holdOpen(true);
    }
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || event.code === "Space") act(room);
  };
  const up = (event) => event.code === "Space" && room.own.holdOpen(false);
  const lost = () => room.own.holdOpen(false);
  page.addEventListener("keydown", down);
  page.addEventListener("keyup", up);
  page.defaultView.addEventListener("blur", lost);
  return () => {
    page.removeEventListener("keydown", down);
    page.removeEventListener("keyup", up);
    page.defaultView?.removeEventListener("blur", lost);
  };
}

export function openKeys() {
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const names = { Ctrl: isMac ? "⌘" : t("key.ctrl"), Shift: t("key.shift"), Space: t("key.space") };
  const keys = (text) => text.split("+").map((key) => h("kbd", {}, names[key] ?? key));
  openDialog(t("keys"), h("dl", { class: "keys" }, list.flatMap(([combination, words]) => [h("dt", { dir: "ltr" }, keys(combination)), h("dd", {}, t(words))])), [{ text: t("done"), main: true }]);
}
