// What people are called: asked for in bunches, and kept.

export class Names {
  #door;
  #known = new Map();
  #wanted = new Set();
  #timer = 0;
  #listeners = new Set();

  constructor(door) {
    this.#door = door;
  }

  /** The name, or "…" as long as nobody has said it. */
  of(id) {
    const user = this.#known.get(id);
    if (user) return user.nickname || user.username;
    if (id && user !== null) this.#want(id);
    return "…";
  }

  isGuest(id) {
    return this.#known.get(id)?.roles?.includes("guest") ?? false;
  }

  meet(user) {
    this.#known.set(user.id, user);
  }

  /** Calls back when names have become known, until what it answers is called. */
  onNews(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back with a name as soon as it is known: at once, or when the node has told it. */
  whenKnown(id, act) {
    const name = this.of(id);
    if (name !== "…") return act(name);
    const forget = this.onNews(() => {
      forget();
      act(this.of(id));
    });
  }

  #want(id) {
    this.#wanted.add(id);
    this.#timer ||= setTimeout(() => this.#ask(), 120);
  }

  async #ask() {
    const ids = [...this.#wanted].slice(0, 500);
    for (const id of ids) this.#wanted.delete(id);
    try {
      for (const user of await this.#door.users(ids)) this.meet(user);
      // Whoever is not known now is not asked for again and again.
      for (const id of ids) if (!this.#known.has(id)) this.#known.set(id, null);
    } catch {
      ids.forEach((id) => this.#wanted.add(id));
    }
    this.#timer = this.#wanted.size > 0 ? setTimeout(() => this.#ask(), 2000) : 0;
    for (const listener of this.#listeners) listener();
  }
}
