// The link to the node that had the call before, while the one to the next begins.

/**
 * When a call moves, what was received goes on for a moment. Each track is played from there until the same one comes from
 * the next node, so that nobody is missed and nobody is heard twice.
 */
export class Fade {
  #link;
  #list;
  #changed;
  #timer;

  /** changed: a track has begun to come from the next node, or all of the old is over. */
  constructor(link, list, changed) {
    this.#link = link;
    this.#list = list;
    this.#changed = changed;
    this.#timer = setTimeout(() => {
      this.end();
      changed();
    }, 2500);
  }

  /** What to play, of what the next node has announced and what still comes from the one before. */
  merge(list) {
    if (!this.#link) return list;
    for (const { track } of list) if (track.muted) track.addEventListener("unmute", this.#changed, { once: true });
    const isSame = (one) => (other) => one.session === other.session && one.type === other.type;
    const kept = this.#list.filter((old) => old.track.readyState === "live" && !list.some((next) => isSame(old)(next) && !next.track.muted));
    if (list.length > 0 && kept.length === 0) this.end();
    return [...list.filter((next) => !kept.some(isSame(next))), ...kept];
  }

  end() {
    clearTimeout(this.#timer);
    this.#link?.close();
    this.#link = null;
    this.#list = [];
  }
}
