// Microphone, camera and speaker: which one is used, and what happens when it is gone.
import { memory, remember } from "./memory.js";
import { audio } from "./sounds.js";

const kinds = { mic: "audioinput", camera: "videoinput", speaker: "audiooutput" };
const wishes = {
  mic: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
};

/**
 * Opens devices, the preferred one if it is there and else any, and replaces one that goes away.
 * changed(): the list of devices is another. track(kind, track or null): what is used has changed by itself.
 */
export class Devices {
  #handlers;
  #tracks = {};
  #listener = () => this.#notice();
  list = [];

  constructor(handlers) {
    this.#handlers = handlers;
    navigator.mediaDevices?.addEventListener("devicechange", this.#listener);
  }

  get(kind) {
    return this.#tracks[kind] ?? null;
  }

  of(kind) {
    return this.list.filter((device) => device.kind === kinds[kind] && device.deviceId);
  }

  /** The id of the device that is used, or would be. */
  current(kind) {
    return this.#tracks[kind]?.getSettings().deviceId ?? this.#preferred(kind)?.deviceId ?? this.of(kind)[0]?.deviceId ?? "";
  }

  #preferred(kind) {
    const wanted = memory.devices[kind];
    const devices = this.of(kind);
    return devices.find((device) => device.deviceId === wanted?.id) ?? devices.find((device) => wanted && device.label === wanted.label);
  }

  async refresh() {
    this.list = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    this.#handlers.changed?.();
  }

  /** A track of the microphone or camera. Throws one of the words of trouble below. */
  async open(kind) {
    if (!navigator.mediaDevices?.getUserMedia) throw new DeviceTrouble("insecure", kind);
    if (this.list.length === 0) await this.refresh();
    const id = this.#preferred(kind)?.deviceId;
    let stream;
    try {
      stream = await this.#ask(kind, id);
    } catch (error) {
      if (!id || error.name === "NotAllowedError") throw DeviceTrouble.from(error, kind);
      stream = await this.#ask(kind, null).catch((other) => {
        throw DeviceTrouble.from(other, kind);
      });
    }
    const [track] = stream.getTracks();
    this.#tracks[kind]?.stop();
    this.#tracks[kind] = track;
    track.addEventListener("ended", () => this.#replace(kind, track));
    await this.refresh(); // labels are told only now
    return track;
  }

  #ask(kind, id) {
    const wish = { ...wishes[kind], ...(id ? { deviceId: { exact: id } } : {}) };
    if (kind === "camera" && memory.blur) wish.backgroundBlur = { ideal: true };
    return navigator.mediaDevices.getUserMedia(kind === "mic" ? { audio: wish } : { video: wish });
  }

  close(kind) {
    const track = this.#tracks[kind];
    delete this.#tracks[kind];
    track?.stop();
  }

  /** Takes over what another had opened, who then has nothing more. */
  adopt(other) {
    for (const kind of ["mic", "camera"]) {
      const track = other.#tracks[kind];
      if (!track) continue;
      this.#tracks[kind] = track;
      track.addEventListener("ended", () => this.#replace(kind, track));
    }
    this.list = other.list;
    other.#tracks = {};
    other.closeAll();
  }

  closeAll() {
    this.close("mic");
    this.close("camera");
    navigator.mediaDevices?.removeEventListener("devicechange", this.#listener);
  }

  prefer(kind, id) {
    const device = this.of(kind).find((one) => one.deviceId === id);
    remember({ devices: { ...memory.devices, [kind]: { id, label: device?.label ?? "" } } });
  }

  async #replace(kind, track) {
    if (this.#tracks[kind] !== track) return;
    delete this.#tracks[kind];
    const other = await this.open(kind).catch(() => null);
    this.#handlers.track?.(kind, other);
  }

  /** A device has come or gone: goes back to the preferred one as soon as it is there again. */
  async #notice() {
    await this.refresh();
    for (const kind of ["mic", "camera"]) {
      const wanted = this.#preferred(kind);
      const track = this.#tracks[kind];
      if (!wanted || !track || track.getSettings().deviceId === wanted.deviceId) continue;
      const other = await this.open(kind).catch(() => null);
      if (other) this.#handlers.track?.(kind, other);
    }
  }
}

/** Why there is no device. cause: insecure, denied, missing, busy, other. */
export class DeviceTrouble extends Error {
  constructor(cause, kind) {
    super(cause);
    this.cause = cause;
    this.kind = kind;
  }

  static from(error, kind) {
    const causes = {
      NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing",
      NotReadableError: "busy", AbortError: "busy",
    };
    return new DeviceTrouble(causes[error.name] ?? "other", kind);
  }
}

/** Tells a microphone's loudness, 0 to 1, some twenty times a second until it is stopped. */
export function meter(track, tell) {
  const from = audio();
  const source = from.createMediaStreamSource(new MediaStream([track]));
  const analyser = from.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let power = 0;
    for (const sample of samples) power += sample * sample;
    const decibels = 10 * Math.log10(power / samples.length + 1e-10);
    tell(Math.min(1, Math.max(0, (decibels + 60) / 50)));
  }, 50);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}
