// What a node answers over HTTP, as far as clients of calls ask.

/** The node has said no. The message says what to do. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The node could not be reached at all. */
export class Unreachable extends Error {}

const plugin = "/plugins/com.mattermost.calls";

/**
 * base: the node's address. csrf: a function that gives the MMCSRF cookie's value, for clients that are known by cookie.
 * token: a session's token or a signed one, for clients that have no cookies.
 */
export class Door {
  #csrf;
  #token;

  constructor(base, { csrf, token } = {}) {
    this.base = base;
    this.#csrf = csrf;
    this.#token = token;
  }

  /** Asks, and asks again as long as the node says "too often". */
  async ask(method, path, body) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    else if (method !== "GET") headers["X-CSRF-Token"] = this.#csrf?.() ?? "";
    for (let tries = 0; ; tries++) {
      let response;
      try {
        response = await fetch(new URL(path, this.base), { method, headers, body: body && JSON.stringify(body) });
      } catch (error) {
        throw new Unreachable(error.message);
      }
      if (response.status === 429 && tries < 4) {
        await new Promise((done) => setTimeout(done, 1000 * (Number(response.headers.get("retry-after")) || 1)));
        continue;
      }
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) throw new Refusal(answer.message ?? response.statusText, response.status);
      return answer;
    }
  }

  /** The user that one is from now on. */
  logIn(name) {
    return this.ask("POST", "/api/v4/users/login", { login_id: name });
  }

  /** The same by a signed token. */
  logInWith(token) {
    return this.ask("POST", "/api/v4/users/login", { token });
  }

  logOut() {
    return this.ask("POST", "/api/v4/users/logout");
  }

  /** Comes in by a guest link: {user, channel_id}. */
  redeem(token, name) {
    return this.ask("POST", "/api/roost/v1/guest-links/redeem", { token, name });
  }

  me() {
    return this.ask("GET", "/api/v4/users/me");
  }

  users(ids) {
    return this.ask("POST", "/api/v4/users/ids", ids);
  }

  /** A channel by its id or any name: {id, display_name}. Every name is some channel's. */
  channel(name) {
    return this.ask("GET", `/api/v4/channels/name/${encodeURIComponent(name)}`);
  }

  /** Channels that were asked for by name lately. */
  channels() {
    return this.ask("GET", "/api/v4/channels?per_page=200");
  }

  /** Channels with a call, or of which something was decided: [{channel_id, enabled?, call?}]. */
  calls() {
    return this.ask("GET", `${plugin}/channels`);
  }

  config() {
    return this.ask("GET", `${plugin}/config`);
  }

  /** What a peer connection is to be made with. */
  async iceServers(config) {
    const servers = [...(config.ICEServersConfigs ?? [])];
    if (config.NeedsTURNCredentials) servers.push(...(await this.ask("GET", `${plugin}/turn-credentials`)));
    return servers;
  }

  /** A host's order: mute, screen-off, lower-hand, remove, make, mute-others, end. */
  order(channel, order, body = {}) {
    return this.ask("POST", `${plugin}/calls/${channel}/host/${order}`, body);
  }

  /** start or stop. */
  recording(channel, action) {
    return this.ask("POST", `${plugin}/calls/${channel}/recording/${action}`);
  }

  /** A link by which people without an account come into the channel; administrators may make some. */
  guestLink(channel) {
    return this.ask("POST", `/api/roost/v1/channels/${channel}/guest-links`, {});
  }
}
