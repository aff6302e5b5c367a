// How good a connection is, from RTCPeerConnection's statistics.

/**
 * Reads statistics again and again, and says how the last seconds were:
 * {up, down, loss rates of 0 to 1; jitter and roundTrip in seconds; upRate, downRate in bits a second; mos; path; streams}.
 */
export class Figures {
  #last = new Map();
  #at = 0;

  async read(link) {
    const report = await link.getStats();
    const now = performance.now();
    const seconds = this.#at ? (now - this.#at) / 1000 : 0;
    const next = new Map();
    const delta = (entry, name) => {
      const value = entry[name] ?? 0;
      next.set(entry.id + name, value);
      return Math.max(0, value - (this.#last.get(entry.id + name) ?? value));
    };
    const sum = { upRate: 0, downRate: 0, lost: 0, received: 0 };
    let [up, jitter, roundTrip, path] = [0, 0, link.roundTrip, null];
    const streams = [];
    for (const entry of report.values()) {
      if (entry.type === "inbound-rtp") {
        const [lost, received, bytes] = [delta(entry, "packetsLost"), delta(entry, "packetsReceived"), delta(entry, "bytesReceived")];
        sum.lost += lost;
        sum.received += received;
        sum.downRate += bytes * 8;
        if (entry.kind === "audio" && received > 0) jitter = Math.max(jitter, entry.jitter ?? 0);
        streams.push(this.#stream(entry, report, link, seconds, { lost, received, bytes }, "in"));
      } else if (entry.type === "outbound-rtp") {
        const bytes = delta(entry, "bytesSent");
        sum.upRate += bytes * 8;
        streams.push(this.#stream(entry, report, link, seconds, { bytes }, "out"));
      } else if (entry.type === "remote-inbound-rtp") {
        // It stays what it was when nothing is sent any more, and then says nothing.
        const sender = report.get(entry.localId);
        const sent = sender ? delta({ ...sender, id: `${sender.id}sent` }, "packetsSent") : 0;
        if (sent > 0) up = Math.max(up, entry.fractionLost ?? 0);
      } else if (entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
        path = this.#path(entry, report);
        roundTrip ??= entry.currentRoundTripTime;
      }
    }
    this.#last = next;
    this.#at = now;
    const all = sum.lost + sum.received;
    const down = all > 0 ? sum.lost / all : 0;
    const rate = (bits) => (seconds > 0 ? bits / seconds : 0);
    const mos = opinion({ loss: Math.max(up, down), jitter, latency: (roundTrip ?? 0) / 2 });
    return { up, down, jitter, roundTrip, upRate: rate(sum.upRate), downRate: rate(sum.downRate), mos, path, streams };
  }

  #stream(entry, report, link, seconds, { lost = 0, received = 0, bytes }, way) {
    const codec = report.get(entry.codecId)?.mimeType?.split("/")[1] ?? "";
    const all = lost + received;
    return {
      way, kind: entry.kind, codec, owner: way === "in" ? link.owner(entry.mid) : null,
      rate: seconds > 0 ? (bytes * 8) / seconds : 0, loss: all > 0 ? lost / all : 0,
      width: entry.frameWidth, height: entry.frameHeight, fps: entry.framesPerSecond,
      limit: entry.qualityLimitationReason, level: entry.audioLevel,
    };
  }

  #path(pair, report) {
    const local = report.get(pair.localCandidateId) ?? {};
    const remote = report.get(pair.remoteCandidateId) ?? {};
    return {
      protocol: local.relayProtocol ?? local.protocol, local: local.candidateType, remote: remote.candidateType,
      address: remote.address ?? "", port: remote.port ?? 0,
    };
  }
}

/** The mean opinion that people would have of a voice, 1 to 4.5, by the E-model as Calls clients reckon it. */
export function opinion({ loss, jitter, latency }) {
  const effective = (latency + 2 * jitter) * 1000 + 10;
  const base = effective < 160 ? 93.2 - effective / 40 : 93.2 - (effective - 120) / 10;
  const factor = Math.min(100, Math.max(0, base - 2.5 * loss * 100));
  return Math.min(4.5, 1 + 0.035 * factor + 7e-6 * factor * (factor - 60) * (100 - factor));
}
