// Before a call: how one will look and sound, and under which name one comes.
import { Refusal, Unreachable } from "./protocol.js";
import { Devices, DeviceTrouble, meter } from "./devices.js";
import { avatar, h, icon, paintAvatar, redraw, say, set } from "./dom.js";
import { field } from "./home.js";
import { memory, remember } from "./memory.js";
import { listed, t } from "./text.js";
import { openSettings } from "./settings.js";
import { Watch } from "./watch.js";

/** place: {channel: name or id} or {guest: a link's token}. */
export function showLobby(root, stage, { channel, guest, trouble: said }) {
  const state = { isMuted: memory.isMuted, camera: memory.camera, isBusy: false };
  let stopMeter = () => {};
  let isGone = false;
  let known = null; // the channel, once the node has told of it

  const devices = new Devices({
    changed: drawDevices,
    track: (kind, track) => (kind === "mic" ? useMic(track) : useCamera(track)),
  });

  const video = h("video", { autoplay: true, playsinline: true, class: "preview-video" });
  video.muted = true;
  const face = avatar(memory.name || "?", stage.me?.id ?? memory.name);
  const level = h("span", { class: "level", hidden: true, "aria-hidden": "true" }, h("i"));
  const micIcon = icon("mic");
  const cameraIcon = icon("camera");
  const micButton = h("button", { type: "button", class: "tool", onclick: () => setMuted(!state.isMuted) }, micIcon);
  const cameraButton = h("button", { type: "button", class: "tool", onclick: () => setCamera(!state.camera) }, cameraIcon);
  const trouble = h("div", { class: "troubles", role: "status" });
  const selects = Object.fromEntries(["mic", "camera", "speaker"].map((kind) => [kind, h("select", {
    id: `device-${kind}`, onchange: (event) => choose(kind, event.target.value),
  })]));
  const selectRows = h("div", { class: "devices" }, Object.entries(selects).map(([kind, select]) => h("div", { class: "field" }, h("label", { for: select.id }, t(`device.${kind}`)), select)));
  const nameField = h("input", { id: "name", name: "name", autocomplete: "name", maxlength: 64, required: true, dir: "auto", value: guest ? memory.name : stage.me?.nickname ?? memory.name, oninput: drawFace });
  const joinButton = h("button", { class: "main big" }, t("join"));
  const problem = h("p", { class: "problem", role: "alert" }, said);
  const faces = h("span", { class: "faces", hidden: true });
  const there = h("p", { class: "soft", dir: "auto", role: "status" });
  const title = h("h1", { tabindex: "-1", dir: "auto" }, guest ? t("lobby.guest") : channel);
  const isKnown = stage.me && !guest;

  root.append(
    h("header", { class: "top" },
      h("a", { class: "brand", href: "/", onclick: (event) => {
        event.preventDefault();
        stage.goHome();
      } }, h("img", { src: "/roost.svg", alt: "", width: 32, height: 32 }), "Roost"),
      h("button", { type: "button", class: "plain round", "aria-label": t("settings"), title: t("settings"), onclick: () => openSettings() }, icon("gear"))),
    h("main", { class: "page lobby" },
      h("section", { class: "preview", "aria-label": t("lobby.preview") },
        h("div", { class: "preview-box" }, video, face, h("div", { class: "preview-tools" }, level, micButton, cameraButton)),
        trouble),
      h("form", { class: "card", onsubmit: (event) => {
        event.preventDefault();
        join();
      } },
        h("div", { class: "lobby-head" }, title, faces, there),
        isKnown
          ? h("p", { class: "row as" }, avatar(stage.me.nickname, stage.me.id), h("span", { class: "grow", dir: "auto" }, t("lobby.as", { name: stage.me.nickname })),
            h("button", { type: "button", class: "plain small", onclick: changeName }, t("lobby.other")))
          : field("name", t("name"), nameField),
        joinButton, problem),
      selectRows),
  );
  document.title = `${guest ? "Roost" : channel} · Roost`;

  // Devices

  let opening = null;

  function openMic() {
    opening = tryMic();
    return opening;
  }

  async function tryMic() {
    try {
      useMic(await devices.open("mic"));
    } catch (error) {
      useMic(null);
      complain(error);
    }
  }

  function useMic(track) {
    if (isGone) return devices.closeAll();
    stopMeter();
    stopMeter = () => {};
    if (track) stopMeter = meter(track, (loud) => level.style.setProperty("--level", state.isMuted ? 0 : loud));
    level.hidden = !track;
    if (track) clear("mic");
    draw();
  }

  function useCamera(track) {
    if (isGone) return devices.closeAll();
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) clear("camera");
    draw();
  }

  function setMuted(isMuted) {
    state.isMuted = isMuted;
    remember({ isMuted });
    if (!isMuted && !devices.get("mic")) openMic();
    draw();
  }

  async function setCamera(isOn) {
    state.camera = isOn;
    remember({ camera: isOn });
    draw();
    if (!isOn) {
      devices.close("camera");
      return useCamera(null);
    }
    try {
      const track = await devices.open("camera");
      if (state.camera) useCamera(track);
      else devices.close("camera");
    } catch (error) {
      state.camera = false;
      complain(error);
      useCamera(null);
    }
  }

  async function choose(kind, id) {
    devices.prefer(kind, id);
    if (kind === "mic") await openMic();
    if (kind === "camera" && state.camera) await setCamera(true);
  }

  function complain(error) {
    if (!(error instanceof DeviceTrouble)) throw error;
    clear(error.kind);
    trouble.append(h("p", { class: "trouble", "data-kind": error.kind }, icon("warn"), h("span", {}, t(`trouble.${error.cause}.${error.kind}`)),
      error.cause !== "insecure" && h("button", { type: "button", class: "quiet small", onclick: () => (error.kind === "mic" ? openMic() : setCamera(true)) }, t("again"))));
  }

  function clear(kind) {
    trouble.querySelector(`[data-kind="${kind}"]`)?.remove();
  }

  function drawDevices() {
    for (const [kind, select] of Object.entries(selects)) {
      const list = devices.of(kind);
      select.closest(".field").hidden = list.length < (kind === "camera" && !state.camera ? 99 : 1) || (kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype));
      select.replaceChildren(...list.map((device, index) => h("option", { value: device.deviceId }, device.label || t("device.unnamed", { n: index + 1 }))));
      select.value = devices.current(kind);
      if (select.selectedIndex < 0) select.selectedIndex = 0;
    }
  }

  function draw() {
    const isSilent = state.isMuted || !devices.get("mic");
    redraw(micIcon, isSilent ? "mic-off" : "mic");
    set(micButton, "aria-label", t(isSilent ? "unmute" : "mute"));
    micButton.classList.toggle("off", isSilent);
    redraw(cameraIcon, state.camera ? "camera" : "camera-off");
    set(cameraButton, "aria-label", t(state.camera ? "camera.stop" : "camera.start"));
    cameraButton.classList.toggle("off", !state.camera);
    const hasPicture = Boolean(devices.get("camera"));
    video.hidden = !hasPicture;
    video.classList.toggle("mirrored", memory.mirror);
    face.hidden = hasPicture;
    drawDevices();
  }

  function drawFace() {
    const name = nameField.value.trim();
    paintAvatar(face, name || "?", name);
  }

  // Coming in

  async function changeName() {
    await stage.door.logOut().catch(() => {});
    stage.me = null;
    stage.goTo(channel);
  }

  async function join() {
    if (state.isBusy) return;
    state.isBusy = joinButton.disabled = true;
    say(problem, "");
    say(joinButton, t("lobby.joining"));
    try {
      let id = null;
      if (guest) {
        const pass = await stage.door.redeem(guest, nameField.value);
        stage.me = pass.user;
        id = pass.channel_id;
        history.replaceState(null, "", `/${id}`);
      } else if (!stage.me) stage.me = await stage.door.logIn(nameField.value);
      remember({ name: stage.me.nickname });
      const [found, config] = await Promise.all([known ?? stage.door.channel(id ?? channel), stage.door.config()]);
      const place = id ?? channel;
      remember({ recent: [place, ...memory.recent.filter((one) => one !== place)].slice(0, 12) });
      // Whoever was quick shall not come in muted, unless the browser still asks about the microphone.
      await Promise.race([opening, new Promise((done) => setTimeout(done, 1500))]);
      isGone = true;
      stopMeter();
      stage.names.meet(stage.me);
      stage.enter({ channel: found, place, config, devices, isMuted: state.isMuted || !devices.get("mic"), isOn: state.camera });
    } catch (error) {
      complainOf(error);
      state.isBusy = joinButton.disabled = false;
      say(joinButton, t("join"));
    }
  }

  function complainOf(error) {
    // Whoever has lost their login is asked for a name again, on this very page.
    if (error.status === 401 && isKnown) return stage.loginEnded();
    say(problem, words(error));
  }

  function words(error) {
    if (error instanceof Unreachable) return t("unreachable");
    if (!(error instanceof Refusal)) return t("lobby.failed", { why: error.message });
    if (guest && error.status === 404) return t("lobby.expired");
    if (error.status === 401) return t("lobby.token");
    if (error.status === 403) return t("lobby.forbidden");
    return error.message;
  }

  async function lookWhoIsThere() {
    if (!isKnown) return say(there, t(guest ? "lobby.guest.lead" : "lobby.lead"));
    try {
      known = await stage.door.channel(channel);
    } catch (error) {
      return complainOf(error);
    }
    if (isGone) return;
    say(title, known.display_name);
    const watch = new Watch(stage.door, {
      changed: tell,
      loaded: () => say(problem, ""),
      failed: complainOf,
      lost: () => say(problem, t("unreachable")),
      refused: () => stage.loginEnded(),
    });
    const forget = stage.names.onNews(tell);
    stopWatching = () => {
      forget();
      watch.end();
    };

    function tell() {
      const users = watch.users(known.id);
      const names = users.map((user) => stage.names.of(user));
      const who = listed(names.length > 3 ? [...names.slice(0, 3), t("home.others", { n: names.length - 3 })] : names);
      faces.hidden = users.length === 0;
      faces.replaceChildren(...users.slice(0, 5).map((user, index) => avatar(names[index], user)));
      say(there, users.length === 0 ? t("lobby.empty") : t("lobby.there", { n: users.length, who }));
    }
  }

  let stopWatching = () => {};
  draw();
  openMic();
  if (state.camera) setCamera(true);
  lookWhoIsThere();
  (isKnown ? joinButton : nameField).focus();
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || !event.altKey || event.code !== "KeyS") return;
    event.preventDefault();
    joinButton.form.requestSubmit();
  };
  document.addEventListener("keydown", keys);
  return () => {
    document.removeEventListener("keydown", keys);
    stopWatching();
    stopMeter();
    if (!isGone) devices.closeAll();
    isGone = true;
  };
}
