// Sound and pictures of one's own: microphone, camera and screen, in a call.
import { Devices, DeviceTrouble, meter } from "./devices.js";
import { memory, remember } from "./memory.js";
import { notify } from "./menu.js";
import { play } from "./sounds.js";
import { t } from "./text.js";

/** Loudness, 0 to 1, above which somebody talks for sure, and below which somebody is silent for sure. */
const [talks, isQuiet] = [0.62, 0.4];

/**
 * Joins the devices to the client of the call, and says in words what goes wrong with them.
 * handlers: changed(), level(loudness of 0 to 1), speaker(id) when sound shall come from elsewhere.
 */
export class Own {
  #call;
  #config;
  #handlers;
  #stopMeter = () => {};
  #talkedSince = 0;
  #warnedUntil = 0;
  #isHeldOpen = false;
  #speakerIsGone = false;

  /** before: the devices that the lobby has opened. */
  constructor(call, config, before, handlers) {
    this.#call = call;
    this.#config = config;
    this.#handlers = handlers;
    this.devices = new Devices({ changed: () => this.#followSpeaker(), track: (kind, track) => this.#replaced(kind, track) });
    this.devices.adopt(before);
  }

  begin({ withCamera }) {
    const [mic, camera] = [this.devices.get("mic"), this.devices.get("camera")];
    if (mic) this.#useMic(mic);
    if (withCamera && camera) this.#call.setCamera(camera);
  }

  end() {
    this.#stopMeter();
    this.devices.closeAll();
  }

  // The microphone

  get isMuted() {
    return this.#call.wish.isMuted;
  }

  async setMuted(isMuted) {
    if (!isMuted && !this.devices.get("mic")) {
      try {
        this.#useMic(await this.devices.open("mic"));
      } catch (error) {
        return this.#complain(error);
      }
    }
    // It is done as soon as media flows again, if it does not now.
    const done = this.#call.setMuted(isMuted).catch(() => {});
    this.#handlers.changed();
    await done;
    this.#handlers.changed();
  }

  toggleMuted() {
    this.#isHeldOpen = false;
    play(this.isMuted ? "unmuted" : "muted");
    remember({ isMuted: !this.isMuted });
    return this.setMuted(!this.isMuted);
  }

  /** Push to talk: unmuted as long as the key is down. */
  holdOpen(isDown) {
    if (isDown && this.isMuted && !this.#isHeldOpen) {
      this.#isHeldOpen = true;
      this.setMuted(false);
    } else if (!isDown && this.#isHeldOpen) {
      this.#isHeldOpen = false;
      this.setMuted(true);
    }
  }

  #useMic(track) {
    this.#stopMeter();
    this.#stopMeter = track ? meter(track, (loud) => this.#hearMyself(loud)) : () => {};
    if (!track) this.#handlers.level(0);
    this.#call.setVoice(track).catch(() => {}); // sent anew with the next connection
    this.#handlers.changed();
  }

  #hearMyself(loud) {
    this.#handlers.level(this.isMuted ? 0 : loud);
    if (!this.isMuted || loud < isQuiet) this.#talkedSince = 0;
    if (!this.isMuted || loud < talks) return;
    const now = Date.now();
    this.#talkedSince ||= now;
    if (now - this.#talkedSince < 900 || now < this.#warnedUntil) return;
    this.#warnedUntil = now + 60_000;
    notify(t("muted.talking"), { word: t("unmute"), act: () => this.toggleMuted() });
  }

  // The camera

  async toggleCamera() {
    try {
      if (this.#call.hasCamera) {
        this.devices.close("camera");
        await this.#call.setCamera(null);
      } else await this.#call.setCamera(await this.devices.open("camera"));
      remember({ camera: this.#call.hasCamera });
    } catch (error) {
      this.#complain(error);
    }
    this.#handlers.changed();
  }

  /** Whether the camera itself can blur what is behind a person, and does; null if it can't. */
  get blur() {
    const track = this.devices.get("camera");
    if (!track?.getCapabilities?.().backgroundBlur?.includes(true)) return null;
    return track.getSettings().backgroundBlur === true;
  }

  async toggleBlur() {
    const isOn = !this.blur;
    await this.devices.get("camera").applyConstraints({ backgroundBlur: isOn }).catch(() => notify(t("camera.blur.failed"), { kind: "bad" }));
    remember({ blur: this.blur === true });
  }

  // The screen

  get mayShare() {
    return this.#config.AllowScreenSharing !== false && Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  async toggleScreen() {
    if (this.#call.isSharing) return this.#call.setScreen(null).catch(() => {});
    if (!this.mayShare) return notify(t(navigator.mediaDevices ? "screen.cannot" : "trouble.insecure.screen"), { kind: "bad" });
    if (this.#call.roster.sharer) return notify(t("screen.taken"), { kind: "bad" });
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 20 } }, audio: true, systemAudio: "include", selfBrowserSurface: "exclude" });
      for (const track of stream.getVideoTracks()) track.contentHint = "detail";
      await this.#call.setScreen(stream);
    } catch (error) {
      // Whoever has closed the browser's own question knows it.
      if (error.name !== "NotAllowedError") notify(t("screen.failed"), { kind: "bad" });
    }
  }

  // Which device

  async choose(kind, id) {
    this.devices.prefer(kind, id);
    try {
      if (kind === "speaker") this.#handlers.speaker(id);
      else if (kind === "mic") this.#useMic(await this.devices.open("mic"));
      else if (this.#call.hasCamera) await this.#call.setCamera(await this.devices.open("camera"));
    } catch (error) {
      this.#complain(error);
    }
  }

  #replaced(kind, track) {
    if (kind === "mic") this.#useMic(track);
    else this.#call.setCamera(track).catch(() => {});
    notify(track ? t(`device.now.${kind}`, { label: track.label }) : t(`device.gone.${kind}`), { kind: track ? "" : "bad" });
    this.#handlers.changed();
  }

  /** The speaker that was chosen, or the system's own while that one is away. */
  #followSpeaker() {
    const wanted = memory.devices.speaker;
    if (!wanted?.id) return;
    const device = this.devices.of("speaker").find((one) => one.deviceId === wanted.id || (wanted.label && one.label === wanted.label));
    const isGone = !device;
    if (isGone !== this.#speakerIsGone) notify(isGone ? t("device.gone.speaker") : t("device.now.speaker", { label: device.label }), { kind: isGone ? "bad" : "" });
    this.#speakerIsGone = isGone;
    this.#handlers.speaker(device?.deviceId ?? "");
  }

  #complain(error) {
    if (error instanceof DeviceTrouble) notify(t(`trouble.${error.cause}.${error.kind}`), { kind: "bad", lasts: 12_000 });
    else notify(error.message, { kind: "bad" });
  }
}
