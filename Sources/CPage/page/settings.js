// What a person may set: language, colours, sounds, the mirror, notifications.
import { h } from "./dom.js";
import { memory, remember } from "./memory.js";
import { openDialog, surface } from "./menu.js";
import { applyLanguage, language, languages, t } from "./text.js";

/** Answers the dialog. changed(): something that is drawn depends on it. Without a call the page is drawn anew for another language. */
export function openSettings(changed) {
  const select = (id, label, value, options, act) => {
    const element = h("select", { id, onchange: (event) => act(event.target.value) }, Object.entries(options).map(([key, text]) => h("option", { value: key }, text)));
    element.value = value;
    return h("div", { class: "field" }, h("label", { for: id }, label), element);
  };
  const check = (id, label, key) => h(
    "label", { class: "check", for: id },
    h("input", { type: "checkbox", id, checked: memory[key], onchange: (event) => {
      remember({ [key]: event.target.checked });
      changed?.();
    } }),
    label,
  );
  const notifications = h("button", { type: "button", class: "quiet", onclick: async () => {
    await Notification.requestPermission();
    draw();
  } }, t("settings.notify"));
  const draw = () => {
    const permission = globalThis.Notification?.permission ?? "denied";
    notifications.disabled = permission !== "default";
    notifications.textContent = t(permission === "granted" ? "settings.notified" : permission === "denied" ? "settings.silent" : "settings.notify");
  };
  draw();
  const dialog = openDialog(t("settings"), h(
    "div", { class: "stack" },
    select("language", t("settings.language"), language(), languages, (tag) => {
      remember({ language: tag });
      applyLanguage();
      if (surface() !== document) Object.assign(surface().documentElement, { lang: document.documentElement.lang, dir: document.documentElement.dir });
      dialog.close();
      if (changed) changed();
      else window.dispatchEvent(new PopStateEvent("popstate"));
      // What one is looking at speaks the new language, too.
      openSettings(changed).querySelector("#language").focus();
    }),
    select("theme", t("settings.theme"), memory.theme, { auto: t("theme.auto"), light: t("theme.light"), dark: t("theme.dark") }, (theme) => {
      remember({ theme });
      for (const page of [document, surface()]) page.documentElement.dataset.theme = theme;
    }),
    check("sounds", t("settings.sounds"), "sounds"),
    check("mirror", t("settings.mirror"), "mirror"),
    check("captions", t("settings.captions"), "captions"),
    notifications,
  ), [{ text: t("done"), main: true }]);
  return dialog;
}
