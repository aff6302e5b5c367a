// What is heard: one element for each voice, so that each has a loudness of its own.
import { memory, remember } from "./memory.js";

export class Ears {
  #root = document.getElementById("ears");
  #elements = new Map();
  #blocked;
  #speaker = "";

  /** blocked(): the browser plays nothing before the person has done something. */
  constructor(blocked) {
    this.#blocked = blocked;
  }

  /** voices: [{key, user, track}] */
  hear(voices) {
    const keys = new Set(voices.map((voice) => voice.key));
    for (const [key, element] of this.#elements) if (!keys.has(key)) this.#drop(key, element);
    for (const { key, user, track } of voices) {
      let element = this.#elements.get(key);
      if (!element) {
        element = document.createElement("audio");
        element.autoplay = true;
        element.dataset.user = user;
        element.dataset.key = key;
        this.#elements.set(key, element);
        this.#root.append(element);
        this.#lead(element);
      }
      element.volume = this.volume(user);
      if (element.srcObject?.getAudioTracks()[0] !== track) {
        element.srcObject = new MediaStream([track]);
        element.play().catch((error) => error.name === "NotAllowedError" && this.#blocked());
      }
    }
  }

  volume(user) {
    return memory.volumes[user] ?? 1;
  }

  setVolume(user, volume) {
    const volumes = { ...memory.volumes, [user]: volume };
    if (volume === 1) delete volumes[user];
    remember({ volumes });
    for (const element of this.#elements.values()) if (element.dataset.user === user) element.volume = volume;
  }

  /** Sends all sound to a speaker; the system's own where that one is gone. */
  setSpeaker(id) {
    this.#speaker = id;
    for (const element of this.#elements.values()) this.#lead(element);
  }

  #lead(element) {
    element.setSinkId?.(this.#speaker).catch(() => {}); // one that is gone leaves the sound where it was
  }

  /** The person has touched the page. */
  resume() {
    for (const element of this.#elements.values()) element.play().catch(() => {});
  }

  #drop(key, element) {
    element.srcObject = null;
    element.remove();
    this.#elements.delete(key);
  }

  end() {
    for (const [key, element] of this.#elements) this.#drop(key, element);
  }
}
