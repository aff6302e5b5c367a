// The call in a window of its own, above all others where the browser can do that.
import { h } from "./dom.js";
import { closeMenu, notify, showIn } from "./menu.js";
import { listenForKeys } from "./shortcuts.js";
import { t } from "./text.js";

const size = { width: 420, height: 560 };

/** A narrow screen shows one window at a time. */
export const canPop = () => "documentPictureInPicture" in window || window.matchMedia("(min-width: 700px) and (hover: hover)").matches;

async function openWindow() {
  // One that stays above all others, if there are such; else a plain one.
  const above = await window.documentPictureInPicture?.requestWindow(size).catch(() => null);
  return above ?? window.open("", "", `popup,width=${size.width},height=${size.height}`);
}

/** Moves the room there until that window closes. wake(): pictures stand still after a move. Answers the window, or null. */
export async function popOut(room, root, wake, closed) {
  const pop = await openWindow();
  if (!pop) {
    notify(t("pop.cannot"), { kind: "bad" });
    return null;
  }
  const page = pop.document;
  const { lang, dir, dataset } = document.documentElement;
  page.title = document.title;
  Object.assign(page.documentElement, { lang, dir });
  Object.assign(page.documentElement.dataset, dataset);
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) page.head.append(page.adoptNode(h("link", { rel: "stylesheet", href: sheet.href })));
  page.head.append(page.adoptNode(h("meta", { name: "color-scheme", content: "light dark" })));
  closeMenu();
  page.body.append(page.adoptNode(room.element));
  root.replaceChildren(h("main", { class: "page parting" }, h("h1", {}, t("pop.here")), h("button", { type: "button", class: "main", onclick: () => pop.close() }, t("pop.back"))));
  showIn(page);
  wake();
  const forget = listenForKeys(page, room);
  pop.addEventListener("pagehide", () => {
    forget();
    closeMenu();
    showIn(document);
    closed();
    if (room.isOver) return;
    root.replaceChildren(document.adoptNode(room.element));
    wake();
  });
  return pop;
}
