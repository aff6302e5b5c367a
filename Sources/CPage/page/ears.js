// What is heard: one element for each track of a voice, so that each has a loudness of its own.
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

  /**
   * voices: [{key, user, track, isUpcoming}]. One that is upcoming is played without being heard, so that it can take over from
   * the one of the same key without a gap.
   */
  hear(voices) {
    for (const { key, user, track, isUpcoming } of voices) {
      let element = this.#elements.get(track);
      if (!element) {
        element = document.createElement("audio");
        element.autoplay = true;
        element.dataset.user = user;
        element.dataset.key = key;
        this.#elements.set(track, element);
        this.#root.append(element);
        this.#lead(element);
        element.srcObject = new MediaStream([track]);
        element.play().catch((error) => error.name === "NotAllowedError" && this.#blocked());
      }
      element.toggleAttribute("data-upcoming", Boolean(isUpcoming));
      element.volume = isUpcoming ? 0 : this.volume(user);
    }
    // Last, so that who takes over is heard before.
    const played = new Set(voices.map(({ track }) => track));
    for (const track of [...this.#elements.keys()]) if (!played.has(track)) this.#drop(track);
  }

  volume(user) {
    return memory.volumes[user] ?? 1;
  }

  setVolume(user, volume) {
    const volumes = { ...memory.volumes, [user]: volume };
    if (volume === 1) delete volumes[user];
    remember({ volumes });
    for (const element of this.#elements.values()) if (element.dataset.user === user && !element.hasAttribute("data-upcoming")) element.volume = volume;
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

  #drop(track) {
    const element = this.#elements.get(track);
    element.srcObject = null;
    element.remove();
    this.#elements.delete(track);
  }

  end() {
    for (const track of [...this.#elements.keys()]) this.#drop(track);
  }
}
