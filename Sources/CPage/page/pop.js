// The call in a window of its own, above all others.
import { h } from "./dom.js";
import { closeMenu, notify } from "./menu.js";
import { memory } from "./memory.js";
import { listenForKeys } from "./shortcuts.js";
import { t } from "./text.js";

export const canPop = () => "documentPictureInPicture" in window;

/** Moves the room there until that window closes. wake(): pictures stand still after a move. Answers the window, or null. */
export async function popOut(room, root, wake, closed) {
  let pop;
  try {
    pop = await window.documentPictureInPicture.requestWindow({ width: 420, height: 560 });
  } catch {
    notify(t("pop.cannot"), { kind: "bad" });
    return null;
  }
  const page = pop.document;
  page.title = document.title;
  page.documentElement.lang = document.documentElement.lang;
  page.documentElement.dataset.theme = memory.theme;
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) page.head.append(h("link", { rel: "stylesheet", href: sheet.href }));
  closeMenu();
  root.replaceChildren(h("main", { class: "page parting" }, h("h1", {}, t("pop.here")), h("button", { type: "button", class: "main", onclick: () => pop.close() }, t("pop.back"))));
  page.body.append(page.adoptNode(room.element));
  wake();
  const forget = listenForKeys(page, room);
  pop.addEventListener("pagehide", () => {
    forget();
    closed();
    if (room.isOver) return;
    root.replaceChildren(document.adoptNode(room.element));
    wake();
  });
  return pop;
}
