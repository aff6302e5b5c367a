// Who is in a call, and how, as the node tells.

/** A participant: {session, user, isUnmuted, hand: time or 0, hasVideo, isSpeaking, mos or null, came: order of coming}. */
export class Roster {
  #people = new Map();
  #count = 0;
  id = "";
  host = "";
  owner = "";
  startedAt = 0;
  /** The session that shares its screen, or "". */
  sharer = "";
  /** States of jobs by their type: recording, transcribing, captioning. */
  jobs = {};

  get all() {
    return [...this.#people.values()];
  }

  get size() {
    return this.#people.size;
  }

  get(session) {
    return this.#people.get(session);
  }

  /** Hands in the order in which they went up. */
  get hands() {
    return this.all.filter((person) => person.hand > 0).sort((a, b) => a.hand - b.hand);
  }

  /** Takes a call's state as a whole. Who speaks is not in it, and is kept. */
  take(state) {
    this.id = state.id;
    this.host = state.host_id;
    this.owner = state.owner_id;
    this.startedAt = state.start_at;
    this.sharer = state.screen_sharing_session_id;
    this.jobs = {};
    for (const [name, type] of [["recording", "recording"], ["transcription", "transcribing"], ["live_captions", "captioning"]]) {
      if (state[name]) this.jobs[type] = state[name];
    }
    const before = this.#people;
    this.#people = new Map();
    for (const one of state.sessions ?? []) {
      const known = before.get(one.session_id) ?? this.#person(one.session_id, one.user_id);
      known.isUnmuted = one.unmuted;
      known.hand = one.raised_hand;
      known.hasVideo = one.video;
      if (!one.unmuted) known.isSpeaking = false;
      this.#people.set(one.session_id, known);
    }
  }

  /** Answers whether this is news. */
  add(session, user) {
    if (this.#people.has(session)) return false;
    this.#people.set(session, this.#person(session, user));
    return true;
  }

  remove(session) {
    if (this.sharer === session) this.sharer = "";
    return this.#people.delete(session);
  }

  setJob(job) {
    if (job.end_at > 0) delete this.jobs[job.type];
    else this.jobs[job.type] = job;
  }

  #person(session, user) {
    return { session, user, isUnmuted: false, hand: 0, hasVideo: false, isSpeaking: false, mos: null, came: ++this.#count };
  }

  /** What an event says of one participant; answers whether anything has changed. */
  hear(name, data) {
    if (name === "user_screen_off" && (!data.session_id || data.session_id === this.sharer)) {
      this.sharer = "";
      return true;
    }
    const person = this.#people.get(data.session_id);
    if (!person) return false;
    switch (name) {
      case "user_unmuted": person.isUnmuted = true; break;
      case "user_muted": person.isUnmuted = person.isSpeaking = false; break;
      case "user_voice_on": person.isSpeaking = true; break;
      case "user_voice_off": person.isSpeaking = false; break;
      case "user_screen_on": this.sharer = person.session; break;
      case "user_video_on": person.hasVideo = true; break;
      case "user_video_off": person.hasVideo = false; break;
      case "user_raise_hand": person.hand = data.raised_hand; break;
      case "user_unraise_hand": person.hand = 0; break;
      case "user_quality": person.mos = data.mos; break;
      default: return false;
    }
    return true;
  }
}
