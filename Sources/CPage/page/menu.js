// Menus, dialogs and notices: what lies above the page for a while.
import { h, icon } from "./dom.js";
import { t } from "./text.js";

let open = null;
let page = document;

/** The document in which the person looks at the page: this one, or that of a window of the call's own. */
export const surface = () => page;

/** From now on, dialogs and notices are shown there. */
export function showIn(other) {
  const notices = page.getElementById("notices");
  page = other;
  if (notices) page.body.append(page.adoptNode(notices));
}

export function closeMenu() {
  open?.close();
}

/**
 * Opens a menu at a button. entries: {text, icon?, act, checked?, isSwitch?, danger?, hint?}, {heading}, {element}, or null for none.
 * What an entry's act opens keeps the focus; else it goes back to the button.
 */
export function openMenu(anchor, entries, { label } = {}) {
  const wasOpen = open?.anchor === anchor;
  closeMenu();
  if (wasOpen) return;
  const home = anchor.ownerDocument;
  const menu = home.adoptNode(h("div", { class: "menu", role: "menu", "aria-label": label ?? anchor.getAttribute("aria-label"), tabindex: "-1" }));
  for (const entry of entries.filter(Boolean)) menu.append(row(entry));
  const host = home.querySelector("dialog[open]") ?? home.body;
  host.append(menu);
  place(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  const close = () => {
    if (open?.menu !== menu) return;
    open = null;
    const hadFocus = menu.contains(home.activeElement);
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    home.defaultView?.removeEventListener("resize", again);
    home.removeEventListener("pointerdown", outside, true);
    home.removeEventListener("keydown", keys, true);
    if (hadFocus) anchor.focus();
  };
  const again = () => place(menu, anchor);
  const outside = (event) => {
    if (!menu.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const keys = (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const items = [...menu.querySelectorAll("button, input")];
      const at = items.indexOf(home.activeElement);
      items.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % items.length)?.focus();
    }
  };
  home.defaultView.addEventListener("resize", again);
  home.addEventListener("pointerdown", outside, true);
  home.addEventListener("keydown", keys, true);
  open = { anchor, menu, close };
  (menu.querySelector("button, input") ?? menu).focus({ focusVisible: false });
}

function row(entry) {
  if (entry.heading) return h("p", { class: "menu-heading", role: "presentation" }, entry.heading);
  if (entry.element) return entry.element;
  const isChoice = entry.checked !== undefined;
  return h(
    "button",
    {
      type: "button", class: `menu-row${entry.danger ? " danger" : ""}`, role: !isChoice ? "menuitem" : entry.isSwitch ? "menuitemcheckbox" : "menuitemradio",
      "aria-checked": isChoice ? String(entry.checked) : null,
      onclick: () => {
        closeMenu();
        entry.act();
      },
    },
    h("span", { class: "menu-mark" }, isChoice ? entry.checked && icon("check") : entry.icon && icon(entry.icon)),
    h("span", { class: "menu-text", dir: "auto" }, entry.text),
    entry.hint && h("kbd", {}, entry.hint),
  );
}

/** Above or below the button, wherever there is room, and within the window. */
function place(menu, anchor) {
  const view = anchor.ownerDocument.defaultView;
  const at = anchor.getBoundingClientRect();
  menu.style.setProperty("left", "0"); // or the place where it was would make it narrow
  const [width, height] = [menu.offsetWidth, menu.offsetHeight];
  const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), view.innerWidth - width - 8);
  const fitsBelow = at.bottom + 8 + height <= view.innerHeight;
  const top = fitsBelow ? at.bottom + 8 : Math.max(8, at.top - height - 8);
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${top}px`);
}

/** Opens a dialog; answers it. buttons: {text, act?, main?, danger?}. */
export function openDialog(title, content, buttons = [], { wide } = {}) {
  closeMenu();
  const heading = h("h2", {}, title);
  const dialog = h(
    "dialog",
    { class: wide ? "wide" : null, "aria-label": title },
    h("header", {}, heading, h("button", { type: "button", class: "plain round", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    h("div", { class: "dialog-body" }, content),
    buttons.length > 0 && h("footer", {}, buttons.map((button) => h(
      "button",
      {
        type: "button", class: button.danger ? "danger" : button.main ? "main" : "quiet",
        onclick: () => {
          dialog.close();
          button.act?.();
        },
      },
      button.text,
    ))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  page.body.append(page.adoptNode(dialog));
  dialog.showModal();
  // What one will most likely want: a field, or the button that does what the dialog is for; what destroys is never the first.
  (dialog.querySelector(".dialog-body :is(input, select)") ?? dialog.querySelector("footer .main") ?? dialog.querySelector("footer button"))?.focus({ focusVisible: false });
  return dialog;
}

/**
 * A notice that goes by itself, and is read out. Answers what takes it away. dismiss(): it may be closed, and that was done.
 * key: what another of the same takes the place of.
 */
export function notify(text, { act, word, dismiss, lasts = 5000, kind = "", key = null } = {}) {
  const region = page.getElementById("notices");
  const notice = h(
    "div",
    { class: `notice ${kind}`, "data-notice": key },
    kind === "bad" ? icon("warn") : kind === "ring" && icon("bell"),
    h("span", { dir: "auto" }, text),
    act && h("button", { type: "button", class: kind === "ring" ? "main small" : "quiet small", onclick: () => {
      notice.remove();
      act();
    } }, word),
    dismiss && h("button", { type: "button", class: "plain round small", "aria-label": t("close"), onclick: () => {
      notice.remove();
      dismiss();
    } }, icon("close")),
  );
  // The same words twice are one notice.
  for (const other of [...region.children]) if (other.textContent === notice.textContent || (key && other.dataset.notice === key)) other.remove();
  region.append(notice);
  while (region.children.length > 4) region.firstChild.remove();
  if (lasts) setTimeout(() => notice.remove(), lasts);
  return () => notice.remove();
}
