// The peer connection of one participation in a call, and its data channel.
import { pack, unpackAll } from "./messagepack.js";

const [PING, PONG, SDP, LOSS_RATE, ROUND_TRIP_TIME, JITTER, LOCK, UNLOCK, MEDIA_MAP] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function through(stream, bytes) {
  const blob = new Blob([bytes]);
  return new Uint8Array(await new Response(blob.stream().pipeThrough(stream)).arrayBuffer());
}

/** A description as it goes over the wire: zlib of its JSON. */
export async function deflate({ type, sdp }) {
  return through(new CompressionStream("deflate"), new TextEncoder().encode(JSON.stringify({ type, sdp })));
}

async function inflate(bytes) {
  return JSON.parse(new TextDecoder().decode(await through(new DecompressionStream("deflate"), bytes)));
}

/** The TURN servers among what a peer connection is made with. */
function relaysOf(iceServers) {
  return iceServers.flatMap(({ urls }) => [urls].flat()).flatMap((url) => {
    const [, scheme, address, port, transport] = /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/i.exec(url) ?? [];
    if (!address) return [];
    const relay = { scheme, address, port: Number(port ?? (scheme === "turns" ? 5349 : 3478)), protocol: transport ?? (scheme === "turns" ? "tcp" : "udp"), state: "silent" };
    relay.isAt = (other) => {
      const [found] = relaysOf([{ urls: other }]);
      return found && ["scheme", "address", "port", "protocol"].every((key) => found[key] === relay[key]);
    };
    return [relay];
  });
}

/**
 * handlers:
 *   signal(bytes)    a description for the websocket, made by deflate
 *   open()           the data channel is open
 *   tracks(list)     what comes in has changed: [{session, type, track}], with type voice, video, screen or screen-audio
 *   state(state)     RTCPeerConnection.connectionState
 */
export class MediaLink {
  #pc;
  #channel;
  #handlers;
  #map = {};
  #changes = Promise.resolve();
  #incoming = Promise.resolve();
  #answered = null;
  #offered = null;
  #granted = null;
  #pingSent = 0;
  #pinger = 0;
  #relays;
  /** Seconds that the last ping over the data channel took. */
  roundTrip = null;

  constructor(iceServers, handlers) {
    this.#handlers = handlers;
    this.#pc = new RTCPeerConnection({ iceServers });
    this.#relays = relaysOf(iceServers);
    this.#pc.onicecandidateerror = ({ url, errorCode }) => {
      // 701 is the browser's own number for a server that it could not reach; others are the server's.
      for (const relay of this.#relays) if (relay.isAt(url) && errorCode !== 701) relay.state = "refused";
    };
    this.#pc.onconnectionstatechange = () => handlers.state(this.#pc.connectionState);
    this.#channel = this.#pc.createDataChannel("calls-dc");
    this.#channel.binaryType = "arraybuffer";
    this.#channel.onopen = () => {
      this.#pinger = setInterval(() => this.#ping(), 1000);
      this.#ping();
      handlers.open();
    };
    this.#channel.onmessage = (message) => this.#hear(message.data);
  }

  get state() {
    return this.#pc.connectionState;
  }

  get isOpen() {
    return this.#channel.readyState === "open";
  }

  /** The first offer, with the data channel alone in it. */
  begin() {
    return this.#change(() => this.#offer("socket"));
  }

  /** Looks for another way to the node, with the call as it is. The offer goes over the websocket: the channel may be dead. */
  restart() {
    return this.#change(() => this.#offer("socket", { iceRestart: true }));
  }

  /** A description that came by "socket" or "channel"; its answer goes back the same way. */
  receive(description, way) {
    if (description.type === "answer") {
      this.#answered?.(description);
      return;
    }
    if (description.type !== "offer") return;
    this.#incoming = this.#incoming.then(() => this.#answer(description, way)).catch(() => {});
  }

  /** Sends a track from now on, in a section of its own. encoding: what RTCRtpEncodingParameters has. */
  async publish(track, stream, encoding) {
    let transceiver;
    await this.#underLock(() => {
      const init = { direction: "sendonly", streams: [stream] };
      if (encoding) init.sendEncodings = [encoding];
      transceiver = this.#pc.addTransceiver(track, init);
    });
    return transceiver.sender;
  }

  /** Ends what some senders send, and their sections. */
  unpublish(senders) {
    return this.#underLock(() => {
      for (const transceiver of this.#pc.getTransceivers()) {
        if (senders.includes(transceiver.sender)) transceiver.stop();
      }
    });
  }

  /** The offer that was refused because it crossed one of the node's will be made again. */
  offerWasRefused() {
    this.#answered?.(null);
  }

  /** Says an offer that waits for its answer again: the websocket that it went by may have gone with it. */
  repeatOffer() {
    if (this.#answered && this.#offered) this.#handlers.signal(this.#offered);
  }

  report({ lossRate, roundTrip, jitter }) {
    if (!this.isOpen) return;
    this.#say(LOSS_RATE, lossRate);
    this.#say(ROUND_TRIP_TIME, roundTrip);
    this.#say(JITTER, jitter);
  }

  getStats() {
    return this.#pc.getStats();
  }

  /**
   * The ways to the node that were tried: [{protocol, address, port, state: "open" | "silent" | "refused" | "untried"}]. A TURN
   * server is one of them, with its URL's scheme beside the protocol: {scheme: "turn", protocol: "udp", …}.
   */
  async ways() {
    const report = await this.#pc.getStats();
    const ways = new Map();
    for (const line of (this.#pc.remoteDescription?.sdp ?? "").split(/\r?\n/)) {
      const [, , protocol, , address, port] = line.startsWith("a=candidate:") ? line.split(" ") : [];
      if (address) ways.set(`${protocol.toLowerCase()} ${address} ${port}`, { protocol: protocol.toLowerCase(), address, port, state: "untried" });
    }
    for (const pair of report.values()) {
      if (pair.type !== "candidate-pair") continue;
      const { protocol, address, port } = report.get(pair.remoteCandidateId) ?? {};
      const way = ways.get(`${protocol} ${address} ${port}`);
      if (!way || way.state === "open") continue;
      if (pair.responsesReceived > 0) way.state = "open";
      else if (pair.requestsSent > 0 || pair.state === "failed" || pair.state === "in-progress") way.state = "silent";
    }
    for (const one of report.values()) {
      if (one.type !== "local-candidate" || one.candidateType !== "relay") continue;
      for (const relay of this.#relays) if (!one.url || relay.isAt(one.url)) relay.state = "open";
    }
    return [...ways.values(), ...this.#relays.map(({ scheme, protocol, address, port, state }) => ({ scheme, protocol, address, port, state }))];
  }

  /** Which session and type belong to a section that is received. */
  owner(mid) {
    return this.#map[mid];
  }

  close() {
    clearInterval(this.#pinger);
    this.#pc.onconnectionstatechange = null;
    this.#pc.onicecandidateerror = null;
    this.#channel.onmessage = null;
    this.#channel.onopen = null;
    this.#pc.close();
  }

  // Offers and answers

  #change(act) {
    const turn = this.#changes.then(act);
    this.#changes = turn.catch(() => {});
    return turn;
  }

  #underLock(act) {
    return this.#change(async () => {
      await this.#lock();
      try {
        act();
        await this.#offer("channel");
      } finally {
        if (this.isOpen) this.#say(UNLOCK);
      }
    });
  }

  /** The lock keeps two offers from crossing. It is a lease of five seconds. */
  async #lock() {
    const end = performance.now() + 10_000;
    while (performance.now() < end) {
      if (!this.isOpen) throw new Error("the data channel is not open");
      const granted = new Promise((done) => (this.#granted = done));
      this.#say(LOCK);
      if (await Promise.race([granted, wait(2000)])) return;
      await wait(100);
    }
    throw new Error("the node did not grant the lock");
  }

  async #offer(way, options) {
    for (let tries = 0; tries < 4; tries++) {
      await this.#incoming;
      if (this.#pc.signalingState !== "stable") {
        await wait(50);
        continue;
      }
      const offer = await this.#pc.createOffer(options);
      if (this.#pc.signalingState !== "stable") continue;
      const answered = new Promise((done) => (this.#answered = done));
      await this.#pc.setLocalDescription(offer);
      await this.#send(this.#pc.localDescription, way);
      const answer = await Promise.race([answered, wait(8000)]);
      this.#answered = this.#offered = null;
      if (answer) {
        await this.#pc.setRemoteDescription(answer);
        this.#tellTracks();
        return;
      }
      if (this.#pc.signalingState === "have-local-offer") await this.#pc.setLocalDescription({ type: "rollback" });
      await wait(100);
    }
    throw new Error("the node did not answer an offer");
  }

  async #answer(offer, way) {
    // An offer of ours that has crossed this one gives way, and is made again.
    this.#answered?.(null);
    await this.#pc.setRemoteDescription(offer);
    await this.#pc.setLocalDescription();
    await this.#send(this.#pc.localDescription, way);
    this.#tellTracks();
  }

  async #send(description, way) {
    const bytes = await deflate(description);
    if (way === "channel") this.#say(SDP, bytes);
    else {
      if (description.type === "offer") this.#offered = bytes;
      this.#handlers.signal(bytes);
    }
  }

  #tellTracks() {
    const list = [];
    for (const { mid, currentDirection, receiver } of this.#pc.getTransceivers()) {
      const owner = this.#map[mid];
      const isReceived = currentDirection === "recvonly" || currentDirection === "sendrecv";
      if (owner && isReceived) list.push({ session: owner.sender_id, type: owner.type, track: receiver.track });
    }
    this.#handlers.tracks(list);
  }

  // The data channel

  #say(type, payload) {
    const head = pack(type);
    const rest = payload === undefined ? new Uint8Array() : pack(payload);
    const bytes = new Uint8Array(head.length + rest.length);
    bytes.set(head);
    bytes.set(rest, head.length);
    this.#channel.send(bytes);
  }

  #ping() {
    if (!this.isOpen) return;
    if (this.#pingSent === 0) this.#pingSent = performance.now();
    this.#say(PING);
  }

  #hear(data) {
    if (typeof data === "string") return;
    const [type, payload] = unpackAll(new Uint8Array(data));
    switch (type) {
      case PONG:
        this.roundTrip = (performance.now() - this.#pingSent) / 1000;
        this.#pingSent = 0;
        break;
      case SDP:
        inflate(payload).then((description) => this.receive(description, "channel"));
        break;
      case LOCK:
        this.#granted?.(payload === true);
        break;
      case MEDIA_MAP:
        this.#map = payload ?? {};
        break;
    }
  }
}
