// What can be done with one participant: their loudness here, and a host's orders.
import { h, icon } from "./dom.js";
import { openDialog, openMenu } from "./menu.js";
import { t } from "./text.js";

/** key: the tile that pinning is about, which may be the participant's screen. */
export function openPersonMenu(room, session, button, key) {
  const { roster, session: own } = room.call;
  const person = roster.get(session);
  if (!person) return;
  const name = room.name(person.user);
  const isMine = session === own;
  const volume = h("label", { class: "menu-slider" }, icon("sound"), h("input", {
    type: "range", min: 0, max: 1, step: 0.05, value: room.ears.volume(person.user), "aria-label": t("volume", { name }),
    oninput: (event) => room.ears.setVolume(person.user, Number(event.target.value)),
  }));
  const order = (word, picture, name, body) => ({ text: t(word), icon: picture, act: () => room.order(name, body) });
  const mayOrder = room.mayOrder && !isMine;
  openMenu(button, [
    { heading: name },
    !isMine && { element: volume },
    { text: t(room.pinned === key ? "unpin" : "pin"), icon: "pin", act: () => room.pin(key) },
    isMine && { text: t(person.hand > 0 ? "hand.lower" : "hand.raise"), icon: "hand", act: () => room.toggleHand() },
    mayOrder && person.isUnmuted && order("host.mute", "mic-off", "mute", { session_id: session }),
    mayOrder && roster.sharer === session && order("host.stopScreen", "screen", "screen-off", { session_id: session }),
    mayOrder && person.hand > 0 && order("hand.lower", "hand", "lower-hand", { session_id: session }),
    room.mayOrder && person.user !== roster.host && order("host.make", "host", "make", { new_host_id: person.user }),
    mayOrder && { text: t("host.remove"), icon: "leave", danger: true, act: () => confirmRemoval(room, session, name) },
  ], { label: t("tile.menu", { name }) });
}

function confirmRemoval(room, session, name) {
  openDialog(t("host.remove.ask", { name }), h("p", {}, t("host.remove.then")), [
    { text: t("cancel") }, { text: t("host.remove"), danger: true, act: () => room.order("remove", { session_id: session }) },
  ]);
}
