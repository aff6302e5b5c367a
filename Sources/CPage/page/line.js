// One connection to a node, through however many websockets it takes.

/**
 * Keeps a websocket to the node: numbers what is said, counts what is heard, asks every five seconds whether the other end
 * is still there, and opens another socket when it isn't. The node then repeats what was missed, if it still can.
 *
 * handlers:
 *   opened(isFirst)          a socket is open (before hello)
 *   hello(id, isResumed)     the connection has an id; it is a new one unless resumed
 *   event(name, data, broadcast)
 *   lost(code)               a socket is gone, another will be tried
 *   refused(code, reason)    the node wants no more of this login; no other is tried
 */
export class Line {
  #url;
  #token;
  #handlers;
  #socket = null;
  #seq = 0;
  #next = 0;
  #tries = 0;
  #timer = 0;
  #pinger = 0;
  #unanswered = 0;
  #wasOpen = false;
  #isClosed = false;
  /** The connection's id, once the node has said hello. */
  id = "";
  /** Milliseconds that the last ping took. */
  roundTrip = 0;

  static pingEvery = 5000;

  /** base: the node's address. token: a session's or a signed one, where no cookie says who it is. */
  constructor(base, handlers, token) {
    this.#url = new URL("/api/v4/websocket", base);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#handlers = handlers;
    this.#token = token;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#drop();
    this.#url.search = new URLSearchParams({ connection_id: this.id, sequence_number: this.#next });
    const socket = (this.#socket = new WebSocket(this.#url));
    const isMine = () => socket === this.#socket;
    socket.onopen = () => {
      if (!isMine()) return;
      if (this.#token) this.send("authentication_challenge", { token: this.#token });
      this.#unanswered = 0;
      this.#pinger = setInterval(() => this.#ping(), Line.pingEvery);
      this.#ping();
      this.#handlers.opened?.(!this.#wasOpen);
      this.#wasOpen = true;
    };
    socket.onmessage = (message) => isMine() && this.#hear(JSON.parse(message.data));
    socket.onclose = (close) => isMine() && this.#lose(close);
  }

  /** Says something, if there is a socket; answers whether. Bytes go as they are. */
  send(action, data = {}) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify({ action, seq: ++this.#seq, data }));
    return true;
  }

  /** As send, in MessagePack. pack: what makes bytes of a value. */
  sendPacked(action, data, pack) {
    if (!this.isOpen) return false;
    this.#socket.send(pack({ action, seq: ++this.#seq, data }));
    return true;
  }

  /** Tries at once, if it is waiting for the next try; asks at once, if it thinks that all is well. */
  hurry() {
    if (this.#isClosed) return;
    if (this.isOpen) this.#ping();
    else if (this.#socket?.readyState !== WebSocket.CONNECTING) this.open();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #drop() {
    clearInterval(this.#pinger);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }

  #ping() {
    if (this.#unanswered > 0 && performance.now() - this.#unanswered > Line.pingEvery - 500) {
      // A socket that is dead without knowing takes long to close; nobody waits for it.
      this.#drop();
      this.#lose({ code: 4000, reason: "no answer to a ping" });
      return;
    }
    if (this.#unanswered === 0 && this.send("ping")) this.#unanswered = performance.now();
  }

  #hear(message) {
    if (message.event === undefined) {
      if (this.#unanswered > 0) this.roundTrip = performance.now() - this.#unanswered;
      this.#unanswered = 0;
      return;
    }
    if (message.event !== "hello") {
      this.#next = message.seq + 1;
      this.#handlers.event?.(message.event, message.data ?? {}, message.broadcast ?? {});
      return;
    }
    const isResumed = message.data.connection_id === this.id;
    this.id = message.data.connection_id;
    this.#next = message.seq + 1;
    this.#tries = 0;
    this.#handlers.hello?.(this.id, isResumed);
  }

  #lose({ code, reason }) {
    this.#drop();
    if (this.#isClosed) return;
    if (code === 1008) {
      this.#handlers.refused?.(code, reason);
      return;
    }
    this.#handlers.lost?.(code);
    // The first try is at once; then they come slower and slower, but go on: whoever is in a call wants to stay.
    const wait = this.#tries === 0 ? 50 : Math.min(500 + 500 * this.#tries, 5000) * (0.75 + Math.random() / 2);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.open(), wait);
  }
}
