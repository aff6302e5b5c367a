// The link to the node that had the call before, while the one to the next begins.

/** How long a track must have come from the next node before it takes over: until then its decoder has found its pace. */
const settled = 150;
/** How long the link to the node before is kept. That node forwards for three seconds. */
const kept = 2500;

/**
 * When a call moves, what was received goes on for a moment. Each track is played from there until the same one comes from
 * the next node, and has for long enough to go on without a gap, so that nobody is missed and nobody is heard twice. What is
 * sent goes on too until the end: others may still be hearing it from there.
 */
export class Fade {
  #link;
  #list;
  #changed;
  #timer;
  #began = new Map();

  /** changed: a track is about to come from the next node, or does, or all of the old is over. */
  constructor(link, list, changed) {
    this.#link = link;
    this.#list = list;
    this.#changed = changed;
    this.#timer = setTimeout(() => {
      this.end();
      changed();
    }, kept);
  }

  /** Of what the next node has announced and what still comes from the one before: what to play, and what will take over. */
  merge(list) {
    if (!this.#link) return { tracks: list, upcoming: [] };
    for (const { track } of list) this.#watch(track);
    const isSame = (one) => (other) => one.session === other.session && one.type === other.type;
    const old = this.#list.filter((one) => one.track.readyState === "live" && !list.some((next) => isSame(one)(next) && this.#isSettled(next.track)));
    const isKept = (next) => old.some(isSame(next));
    return { tracks: [...list.filter((next) => !isKept(next)), ...old], upcoming: list.filter(isKept) };
  }

  #watch(track) {
    if (track.muted) {
      track.addEventListener("unmute", this.#changed, { once: true });
    } else if (!this.#began.has(track)) {
      this.#began.set(track, performance.now());
      setTimeout(this.#changed, settled + 5);
    }
  }

  #isSettled(track) {
    return !track.muted && performance.now() - this.#began.get(track) >= settled;
  }

  get isOver() {
    return !this.#link;
  }

  end() {
    clearTimeout(this.#timer);
    this.#link?.close();
    this.#link = null;
    this.#list = [];
    this.#began.clear();
  }
}
