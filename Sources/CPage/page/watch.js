// Who is in which call right now, for those who are in none.
import { Line, Roster } from "./protocol.js";

const prefix = "custom_com.mattermost.calls_";

/**
 * Asks for all calls, and keeps up with what the node tells of them.
 * handlers, each of them optional:
 *   loaded()              all is known; again after a connection that could not be resumed
 *   failed(error)         it could not be asked for
 *   changed()             somebody has come or gone
 *   began(channel, user)  somebody has begun a call
 *   ended(channel)        nobody is in that call any more
 *   lost()                the node can't be reached; it is tried again
 *   refused()             the login has ended
 */
export class Watch {
  #door;
  #handlers;
  #rosters = new Map();
  #line;

  constructor(door, handlers) {
    this.#door = door;
    this.#handlers = handlers;
    this.#line = new Line(door.base, {
      hello: (id, isResumed) => (isResumed ? this.#handlers.loaded?.() : this.#load()),
      lost: () => this.#handlers.lost?.(),
      refused: () => this.#handlers.refused?.(),
      event: (event, data, broadcast) => this.#hear(event, data, broadcast),
    });
    this.#line.open();
  }

  end() {
    this.#line.close();
  }

  /** The ids of all channels that were ever heard of. */
  get channels() {
    return [...this.#rosters.keys()];
  }

  /** Who is in the channel's call; nobody, if there is none. */
  roster(channel) {
    if (!this.#rosters.has(channel)) this.#rosters.set(channel, new Roster());
    return this.#rosters.get(channel);
  }

  /** Their users, each once. */
  users(channel) {
    return [...new Set(this.roster(channel).all.map((person) => person.user))];
  }

  async #load() {
    try {
      const calls = await this.#door.calls();
      for (const roster of this.#rosters.values()) roster.take({ sessions: [] });
      for (const { channel_id: channel, call } of calls) if (call) this.roster(channel).take(call);
      this.#handlers.loaded?.();
      this.#handlers.changed?.();
    } catch (error) {
      this.#handlers.failed?.(error);
    }
  }

  #hear(event, data, broadcast) {
    const channel = data.channelID || broadcast.channel_id;
    if (!event.startsWith(prefix) || !channel) return;
    const roster = this.roster(channel);
    const before = roster.size;
    switch (event.slice(prefix.length)) {
      case "call_start": roster.take({ id: data.id, host_id: data.host_id, start_at: data.start_at, sessions: [] }); break;
      case "user_joined": roster.add(data.session_id, data.user_id); break;
      case "user_left": roster.remove(data.session_id); break;
      case "call_end": roster.take({ sessions: [] }); break;
      default: return;
    }
    if (before === 0 && roster.size > 0) this.#handlers.began?.(channel, data.user_id);
    if (before > 0 && roster.size === 0) this.#handlers.ended?.(channel);
    this.#handlers.changed?.();
  }
}
