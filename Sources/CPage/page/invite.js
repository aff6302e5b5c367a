// Links to a call.
import { h } from "./dom.js";
import { notify, openDialog, surface } from "./menu.js";
import { t } from "./text.js";

/** place: a channel's name, or its id where the name can't stand in a path. */
export const linkTo = (place) => new URL(`/${place}`, location.href).href;

export async function copyLink(link) {
  try {
    // The window that has the focus is the one that may write.
    await surface().defaultView.navigator.clipboard.writeText(link);
    notify(t("copied"));
  } catch {
    // Without a secure origin there is no clipboard; the person can still copy it by hand.
    openDialog(t("copyLink"), h("input", { readonly: true, value: link, "aria-label": t("copyLink"), dir: "ltr", onfocus: (event) => event.target.select() }), [{ text: t("done"), main: true }]);
  }
}

/** Makes and copies a link for people without an account. */
export async function inviteGuest(door, channel) {
  try {
    const { token } = await door.guestLink(channel);
    await copyLink(new URL(`/#guest=${token}`, location.href).href);
  } catch (error) {
    notify(error.message, { kind: "bad" });
  }
}
