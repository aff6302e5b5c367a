// The client of calls: everything but the face. It needs a browser's WebSocket, fetch and WebRTC, and no document.
//
//   const door = new Door(location.href, { csrf });
//   const call = new CallClient(door, channelID, { config: await door.config(), me: (await door.me()).id });
//   call.on("tracks", (tracks) => …);
//   await call.join();
//   await call.setVoice(microphoneTrack); call.setMuted(false);
//
// docs/PROTOCOL.md says what goes over the wire.
import { pack } from "./messagepack.js";
import { Line } from "./line.js";
import { MediaLink } from "./media.js";
import { Fade } from "./fade.js";
import { Figures } from "./figures.js";
import { Roster } from "./roster.js";

export { Door, Refusal, Unreachable } from "./door.js";
export { Line, Roster };

const prefix = "custom_com.mattermost.calls_";
const camera = { maxBitrate: 1_000_000, maxFramerate: 30 };
const screen = { maxBitrate: 2_500_000, maxFramerate: 20 };
/** What the node says to those whom trying again won't help. */
const finalWords = [/removed from this call/, /because of limits/, /no longer in this channel/, /login has ended/, /may not/, /not allowed/, /enabled/];

/**
 * One participation in a channel's call, through whatever happens to websockets, networks and nodes. What the person has
 * set (muted, hand, camera, screen) is kept, and told anew to whoever may have forgotten.
 *
 * Events, and what listeners get:
 *   phase      "joining", "connected", "reconnecting", "over"
 *   changed    the roster or the call has changed in any way
 *   tracks     [{session, type: "voice" | "video" | "screen" | "screen-audio", track}], all that is to be played now
 *   upcoming   tracks that will take over from some of those when the call moves: begin to play them, but let nobody hear
 *   figures    what Figures reads, every two seconds
 *   began      you are in, the first time
 *   came, went {session, user}
 *   reacted    {session, user, emoji: {name, unified, literal}}
 *   caption    {session, user, text}
 *   host       {user}: somebody else has become the host
 *   ordered    {order: "mute" | "screen-off" | "lower-hand", by?}: the host has done this to you; it is done already
 *   removed    {session, user}: the host has removed somebody else
 *   refused    text: something was not done, and you are still in the call
 *   job        {type, start_at, end_at, err?}: recording, transcribing or captioning
 *   unreachable  {times, tried, hasTURN}: media does not flow, though the node answers; see MediaLink.ways
 *   over       {why: "left" | "ended" | "removed" | "login" | "refused", text?}
 */
export class CallClient {
  #door;
  #config;
  #listeners = new Map();
  #line = null;
  #link = null;
  #figures = new Figures();
  #received = [];
  #fade = null;
  #move = ""; // by which the call came to the node that #link goes to
  #timers = new Set();
  #voice = null;
  #voiceStream = new MediaStream();
  #camera = null;
  #cameraStream = new MediaStream();
  #screen = null;
  #senders = {};
  #rejoins = 0;
  #rejoinTimer = 0;
  #restartTimer = 0;
  #restarts = 0;
  #connection = "";
  #hasBegun = false;
  #isOver = false;
  #title;
  #token;

  /** This participation's id, for as long as the node knows it. */
  session = "";
  phase = "joining";
  roster = new Roster();
  /** What the person wants, whatever the node knows. */
  wish = { isMuted: true, hand: false };
  failures = { sockets: 0, media: 0 };

  constructor(door, channel, { config, me, title, token } = {}) {
    this.#door = door;
    this.channel = channel;
    this.me = me;
    this.#config = config ?? {};
    this.#title = title;
    this.#token = token;
  }

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.#listeners.get(event).delete(listener);
  }

  #tell(event, detail) {
    for (const listener of this.#listeners.get(event) ?? []) listener(detail);
  }

  /** Yourself among the participants, once the node has said who is there. */
  get mine() {
    return this.roster.get(this.session);
  }

  get isHost() {
    return this.roster.host === this.me;
  }

  get isSharing() {
    return this.#screen !== null;
  }

  get hasCamera() {
    return this.#camera !== null;
  }

  /** The picture that is sent of oneself, and of one's screen. */
  get ownPictures() {
    return { video: this.#camera, screen: this.#screen?.getVideoTracks()[0] ?? null };
  }

  // Coming and going

  async join() {
    this.#setPhase("joining");
    try {
      this.iceServers = await this.#door.iceServers(this.#config);
    } catch {
      this.iceServers = []; // most networks need none, and the next try asks again
    }
    this.#openLine();
    this.#every(2000, () => this.#readFigures());
    const kick = () => this.networkChanged();
    globalThis.addEventListener?.("online", kick);
    globalThis.navigator?.connection?.addEventListener?.("change", kick);
    this.#forget = () => {
      globalThis.removeEventListener?.("online", kick);
      globalThis.navigator?.connection?.removeEventListener?.("change", kick);
    };
  }

  #forget = () => {};

  leave() {
    this.#say("leave");
    this.#end({ why: "left" });
  }

  /** Somebody knows that the network may be another one, or that the page has slept. */
  networkChanged() {
    if (this.#isOver) return;
    this.#line?.hurry();
    if (this.#link && this.#link.state !== "connected") this.#restartMedia();
  }

  #openLine() {
    const line = new Line(
      this.#door.base,
      {
        opened: (isFirst) => {
          // Those who were in a call say so before hello has come, under the connection that they had.
          if (isFirst || !this.session || line !== this.#line) return;
          this.#say("reconnect", { channelID: this.channel, originalConnID: this.session, prevConnID: this.#connection });
        },
        hello: (id) => {
          if (line !== this.#line) return;
          this.#connection = id;
          if (this.session) return;
          this.#say("join", { channelID: this.channel, title: this.#title, dcSignaling: true, av1Support: false, followsHost: true });
        },
        event: (name, data, broadcast) => line === this.#line && this.#hear(name, data, broadcast),
        lost: () => {
          if (line !== this.#line) return;
          this.failures.sockets += 1;
          this.#setPhase(this.#hasBegun ? "reconnecting" : "joining");
        },
        refused: () => line === this.#line && this.#end({ why: "login" }),
      },
      this.#token,
    );
    this.#line = line;
    line.open();
  }

  /** The node knows this participation no more: begins another, with all that was set. */
  #rejoin(text) {
    if (this.#isOver) return;
    if (finalWords.some((words) => words.test(text))) {
      this.#end({ why: /removed/.test(text) ? "removed" : "refused", text });
      return;
    }
    clearTimeout(this.#rejoinTimer);
    clearTimeout(this.#restartTimer);
    this.#setPhase(this.#hasBegun ? "reconnecting" : "joining");
    this.#line?.close();
    this.#link?.close();
    this.#line = this.#link = null;
    this.#fade?.end();
    this.#fade = null;
    this.#received = [];
    this.#senders = {};
    this.session = "";
    this.#tell("upcoming", []);
    this.#tell("tracks", []);
    const pause = this.#rejoins === 0 ? 100 : Math.min(1000 * this.#rejoins, 5000);
    this.#rejoins += 1;
    if (!this.#hasBegun && this.#rejoins > 5) {
      this.#end({ why: "refused", text });
      return;
    }
    this.#rejoinTimer = setTimeout(() => this.#openLine(), pause);
  }

  #end(detail) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#rejoinTimer);
    clearTimeout(this.#restartTimer);
    this.#screen?.getTracks().forEach((track) => track.stop());
    this.#screen = null;
    this.#link?.close();
    this.#fade?.end();
    this.#line?.close();
    this.#setPhase("over");
    this.#tell("over", detail);
  }

  #setPhase(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.#tell("phase", phase);
  }

  #every(milliseconds, act) {
    this.#timers.add(setInterval(act, milliseconds));
  }

  #say(name, data) {
    return this.#line?.send(prefix + name, data) ?? false;
  }

  // What the person does

  /** The microphone's track, or null. It is kept silent until one is unmuted. */
  async setVoice(track) {
    this.#voice = track;
    await this.#sendVoice();
  }

  setMuted(isMuted) {
    this.wish.isMuted = isMuted;
    const mine = this.mine;
    if (mine) mine.isUnmuted = !isMuted;
    this.#tell("changed");
    if (isMuted) this.#say("mute");
    return this.#sendVoice();
  }

  async #sendVoice() {
    const track = this.wish.isMuted ? null : this.#voice;
    const link = this.#link;
    if (!link?.isOpen) return;
    if (this.#senders.voice) await (await this.#senders.voice).replaceTrack(track);
    else if (track) {
      this.#senders.voice = link.publish(track, this.#voiceStream);
      await this.#senders.voice;
      // It may have changed while the offer was under way.
      if (link === this.#link) await (await this.#senders.voice).replaceTrack(this.wish.isMuted ? null : this.#voice);
    }
    if (track && !this.wish.isMuted && link === this.#link) this.#say("unmute");
  }

  setHand(isRaised) {
    this.wish.hand = isRaised;
    this.#say(isRaised ? "raise_hand" : "unraise_hand");
  }

  react(emoji) {
    this.#say("react", { data: JSON.stringify(emoji) });
  }

  /** The camera's track from now on, or null. */
  async setCamera(track) {
    const had = this.#camera !== null;
    this.#camera = track;
    this.#tell("changed");
    if (!track && had) this.#say("video_off");
    await this.#sendCamera();
  }

  async #sendCamera() {
    const link = this.#link;
    if (!link?.isOpen) return;
    const track = this.#camera;
    if (track) this.#say("video_on", { data: JSON.stringify({ videoStreamID: this.#cameraStream.id }) });
    if (this.#senders.camera) await (await this.#senders.camera).replaceTrack(track);
    else if (track) {
      this.#senders.camera = link.publish(track, this.#cameraStream, camera);
      const sender = await this.#senders.camera;
      if (link === this.#link && this.#camera !== track) await sender.replaceTrack(this.#camera);
    }
  }

  /** Shares a stream of getDisplayMedia, with its sound if it has any; null ends it. */
  async setScreen(stream) {
    if (!stream) return this.#endScreen();
    this.#screen = stream;
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => this.#screen === stream && this.#endScreen());
    this.#tell("changed");
    await this.#sendScreen();
  }

  async #sendScreen() {
    const [link, stream] = [this.#link, this.#screen];
    if (!link?.isOpen || !stream) return;
    this.#say("screen_on", { data: JSON.stringify({ screenStreamID: stream.id }) });
    const senders = [];
    this.#senders.screen = senders;
    for (const track of stream.getTracks()) {
      senders.push(await link.publish(track, stream, track.kind === "video" ? screen : undefined));
      if (this.#screen !== stream) return this.#dropScreen(link, senders);
    }
  }

  async #endScreen() {
    const stream = this.#screen;
    if (!stream) return;
    this.#screen = null;
    stream.getTracks().forEach((track) => track.stop());
    this.#say("screen_off");
    this.#tell("changed");
    const senders = this.#senders.screen;
    delete this.#senders.screen;
    if (senders?.length) await this.#dropScreen(this.#link, senders);
  }

  async #dropScreen(link, senders) {
    if (link?.isOpen && link === this.#link) await link.unpublish(senders);
  }

  /** A host's order; see Door.order. */
  order(order, body) {
    return this.#door.order(this.channel, order, body);
  }

  record(isOn) {
    return this.#door.recording(this.channel, isOn ? "start" : "stop");
  }

  // What the node says

  #hear(name, data, broadcast) {
    const known = [this.#connection, this.session];
    const addressee = broadcast.connection_id || data.connID;
    if (addressee && !known.includes(addressee)) return;
    if (name === "user_removed") {
      if (data.channel_id === this.channel) this.#end({ why: "removed", text: "" });
      return;
    }
    if (!name.startsWith(prefix)) return;
    const channel = data.channelID || data.channel_id || broadcast.channel_id;
    if (channel && channel !== this.channel) return;
    this.#hearOf(name.slice(prefix.length), data);
  }

  #hearOf(name, data) {
    const { roster } = this;
    switch (name) {
      case "join":
        this.session = data.connID;
        this.#move = "";
        this.#beginMedia();
        return;
      case "error":
        if (data.connID) this.#rejoin(data.data);
        else if (/offer again/.test(data.data)) this.#link?.offerWasRefused();
        else this.#hearRefusal(data.data);
        return;
      case "call_rehost":
        // Another node has the call, and knows this participation, but has no media of it yet.
        if (data.session_id !== this.session) return;
        if (this.#link && data.move && data.move === this.#move) this.#link.repeatOffer();
        else this.#follow(data.move);
        return;
      case "signal":
        this.#link?.receive(JSON.parse(data.data), "socket");
        return;
      case "call_end":
        this.#end({ why: "ended" });
        return;
      case "call_state":
        roster.take(JSON.parse(data.call));
        this.#agree();
        break;
      case "user_joined":
        if (roster.add(data.session_id, data.user_id)) this.#tell("came", { session: data.session_id, user: data.user_id });
        break;
      case "user_left":
        if (roster.remove(data.session_id) && data.session_id !== this.session) {
          this.#tell("went", { session: data.session_id, user: data.user_id });
        }
        break;
      case "user_reacted":
        this.#tell("reacted", { session: data.session_id, user: data.user_id, emoji: data.emoji ?? {} });
        return;
      case "caption":
        this.#tell("caption", { session: data.session_id, user: data.user_id, text: data.text });
        return;
      case "call_host_changed":
        if (roster.host !== data.hostID && this.#hasBegun) this.#tell("host", { user: data.hostID });
        roster.host = data.hostID;
        break;
      case "call_job_state":
        if (data.callID !== this.channel) return;
        roster.setJob(data.jobState);
        this.#tell("job", data.jobState);
        break;
      case "host_mute":
        if (data.session_id !== this.session) return;
        this.setMuted(true);
        this.#tell("ordered", { order: "mute" });
        return;
      case "host_screen_off":
        if (data.session_id !== this.session) return;
        this.#endScreen().catch(() => {});
        this.#tell("ordered", { order: "screen-off" });
        return;
      case "host_lower_hand":
        if (data.session_id !== this.session) return;
        this.wish.hand = false;
        this.#tell("ordered", { order: "lower-hand", by: data.host_id });
        return;
      case "host_removed":
        if (data.session_id === this.session) this.#end({ why: "removed" });
        else this.#tell("removed", { session: data.session_id, user: data.user_id });
        return;
      default:
        if (!roster.hear(name, data)) return;
    }
    this.#tell("changed");
  }

  #hearRefusal(text) {
    // Whoever else shares a screen was faster.
    if (/screen/.test(text) && this.#screen) this.#endScreen().catch(() => {});
    this.#tell("refused", text);
  }

  /** Tells the node what it does not know, or knows otherwise, of what the person has set. */
  #agree() {
    const mine = this.mine;
    if (!mine) return;
    this.#rejoins = 0;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#tell("began");
    }
    if (this.#link?.isOpen) this.#setPhase("connected");
    if (mine.isUnmuted && this.wish.isMuted) this.#say("mute");
    if (!mine.isUnmuted && !this.wish.isMuted && this.#link?.isOpen) this.#sendVoice().catch(() => {});
    if (mine.hand > 0 !== this.wish.hand) this.setHand(this.wish.hand);
    if (mine.hasVideo && !this.#camera) this.#say("video_off");
    if (this.#screen && this.roster.sharer !== this.session && this.#senders.screen) {
      this.#say("screen_on", { data: JSON.stringify({ screenStreamID: this.#screen.id }) });
    }
  }

  // Media

  /** Goes on at the node that has the call now. What comes from the one before is played until the same comes from here. */
  #follow(move) {
    this.#move = move;
    if (this.#link?.state === "connected") {
      this.#fade?.end();
      this.#fade = new Fade(this.#link, this.#received, () => this.#tellTracks());
      this.#link = null;
    } else if (!this.#fade || this.#fade.isOver) {
      this.#setPhase("reconnecting");
    }
    this.#received = [];
    this.#beginMedia();
  }

  #tellTracks() {
    const { tracks, upcoming } = this.#fade?.merge(this.#received) ?? { tracks: this.#received, upcoming: [] };
    this.#tell("upcoming", upcoming);
    this.#tell("tracks", tracks);
  }

  #beginMedia() {
    clearTimeout(this.#rejoinTimer);
    clearTimeout(this.#restartTimer);
    this.#link?.close();
    this.#senders = {};
    this.#figures = new Figures();
    this.#restarts = 0;
    const link = new MediaLink(this.iceServers, {
      signal: (bytes) => this.#line?.sendPacked(`${prefix}sdp`, { data: bytes }, pack),
      open: () => link === this.#link && this.#publishAll(),
      tracks: (list) => {
        if (link !== this.#link) return;
        this.#received = list;
        this.#tellTracks();
      },
      state: (state) => link === this.#link && this.#noticeMedia(state),
    });
    this.#link = link;
    link.begin().catch(() => link === this.#link && this.#noticeMedia("failed"));
    // Media that never comes to be fails late in browsers, or never.
    this.#rejoinTimer = setTimeout(() => link === this.#link && !link.isOpen && this.#mediaFailed(), 15_000);
  }

  async #publishAll() {
    clearTimeout(this.#rejoinTimer);
    this.#setPhase("connected");
    this.failures.media = 0;
    const tasks = [this.#sendVoice(), this.#sendCamera(), this.#sendScreen()];
    if (this.wish.hand && !this.mine?.hand) this.setHand(true);
    await Promise.allSettled(tasks);
  }

  #noticeMedia(state) {
    clearTimeout(this.#restartTimer);
    if (state === "connected") {
      this.#restarts = 0;
      if (this.#line?.isOpen) this.#setPhase("connected");
    } else if (state === "disconnected") {
      this.#setPhase("reconnecting");
      this.#restartTimer = setTimeout(() => this.#restartMedia(), 1500);
    } else if (state === "failed") {
      this.#setPhase(this.#hasBegun ? "reconnecting" : "joining");
      this.#restartMedia();
    }
  }

  #restartMedia() {
    clearTimeout(this.#restartTimer);
    const link = this.#link;
    if (!link || this.#isOver || link.state === "connected") return;
    // Without a websocket there is nobody to offer to; it tries itself.
    if (this.#line?.isOpen) {
      this.#restarts += 1;
      if (this.#restarts > 4) return this.#mediaFailed();
      link.restart().catch(() => {});
    }
    this.#restartTimer = setTimeout(() => link === this.#link && this.#restartMedia(), 3000);
  }

  /** The node can be talked to, but media does not flow: begins anew, and lets the person know what may be wrong. */
  async #mediaFailed() {
    const link = this.#link;
    this.failures.media += 1;
    const tried = await link.ways().catch(() => []);
    if (link !== this.#link || this.#isOver) return;
    const hasTURN = this.iceServers.some((server) => [server.urls].flat().some((url) => url.startsWith("turn")));
    this.#tell("unreachable", { times: this.failures.media, tried, hasTURN });
    this.#say("leave");
    this.#rejoin("media did not connect");
  }

  #reports = 0;

  async #readFigures() {
    const link = this.#link;
    if (!link?.isOpen) return;
    const figures = await this.#figures.read(link).catch(() => null);
    if (!figures || link !== this.#link) return;
    this.#tell("figures", figures);
    if (++this.#reports % 5 === 0) {
      link.report({ lossRate: Math.max(figures.up, figures.down), roundTrip: figures.roundTrip ?? 0, jitter: figures.jitter });
    }
  }
}
