// Injected into every page by browser.py as window.H. Keeps one RTCPeerConnection per name so that
// a page can publish and subscribe at once. All SDP is "vanilla" (gathering finished) unless the
// caller asks for trickle, in which case local candidates collect in H.take(name).
(() => {
  const pcs = {};
  const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

  function make(name, config = {}) {
    if (pcs[name]) return pcs[name].pc;
    const pc = new RTCPeerConnection(config);
    const entry = { pc, candidates: [], channels: {}, messages: [], streams: [], received: [], listening: {}, firsts: {} };
    pcs[name] = entry;
    pc.onicecandidate = (e) => { if (e.candidate) entry.candidates.push(e.candidate.toJSON()); };
    pc.ontrack = (e) => {
      entry.received.push({ track: e.track, mid: e.transceiver.mid });
      // Decoding only happens when the track is consumed, so always attach it to an element.
      const el = document.createElement(e.track.kind);
      el.autoplay = true; el.playsInline = true; // not muted: a muted audio element is never decoded, so its level stays 0
      el.width = 160; el.dataset.pc = name; el.dataset.mid = e.transceiver.mid;
      el.srcObject = new MediaStream([e.track]);
      if (e.track.kind === 'video') el.requestVideoFrameCallback(() => { entry.firsts[e.transceiver.mid] ??= Date.now(); });
      document.body.appendChild(el);
      el.play().catch(() => {});
    };
    pc.ondatachannel = (e) => adopt(entry, e.channel);
    return pc;
  }

  function adopt(entry, ch) {
    ch.binaryType = 'arraybuffer';
    entry.channels[ch.label] = ch;
    ch.onmessage = (e) => entry.messages.push([ch.label, typeof e.data === 'string' ? e.data : 'hex:' + [...new Uint8Array(e.data)].map((b) => b.toString(16).padStart(2, '0')).join('')]);
    return ch;
  }

  function gathered(pc, ms) {
    if (pc.iceGatheringState === 'complete') return Promise.resolve();
    return new Promise((res) => {
      const t = setTimeout(res, ms);
      pc.addEventListener('icegatheringstatechange', () => {
        if (pc.iceGatheringState === 'complete') { clearTimeout(t); res(); }
      });
    });
  }

  // media: {audio, video: constraints|false, display: true, simulcast: [{rid, scaleResolutionDownBy, maxBitrate}],
  //         tone: hertz, gain, pulse, canvas: {width, height, fps, color, noise}, codec: 'VP8', maxBitrate, scalabilityMode, direction: 'sendonly'}
  async function addMedia(name, media = {}) {
    const pc = make(name);
    const out = [];
    let stream;
    if (media.tone) stream = toneStream(media.tone, media.canvas, media.gain, media.pulse);
    else if (media.display) stream = await navigator.mediaDevices.getDisplayMedia({ video: media.video || true, audio: !!media.audio });
    else if (media.canvas) stream = canvasStream(media.canvas);
    else stream = await navigator.mediaDevices.getUserMedia({ audio: media.audio ?? true, video: media.video ?? { width: 320, height: 180, frameRate: 15 } });
    pcs[name].streams.push(stream);
    for (const track of stream.getTracks()) {
      const init = { direction: media.direction || 'sendonly', streams: [stream] };
      if (track.kind === 'video') {
        if (media.simulcast) init.sendEncodings = media.simulcast;
        else if (media.maxBitrate || media.scalabilityMode) {
          const enc = {};
          if (media.maxBitrate) enc.maxBitrate = media.maxBitrate;
          if (media.scalabilityMode) enc.scalabilityMode = media.scalabilityMode;
          init.sendEncodings = [enc];
        }
      }
      const tx = pc.addTransceiver(track, init);
      if (track.kind === 'video' && media.codec) prefer(tx, media.codec);
      out.push({ kind: track.kind, label: track.label, settings: track.getSettings() });
    }
    return out;
  }

  // A painted canvas is a camera whose frames carry a known picture and a running clock; it works in every
  // browser without any fake-device flag.
  // noise: so many spots in random places, which cost an encoder what it may spend.
  function canvasStream({ width = 320, height = 180, fps = 15, color = '#2060c0', noise = 0 }) {
    const c = document.createElement('canvas'); c.width = width; c.height = height;
    const g = c.getContext('2d');
    const paint = () => {
      g.fillStyle = color; g.fillRect(0, 0, width, height);
      g.fillStyle = '#fff'; g.font = '24px sans-serif';
      g.fillText(String(Date.now()), 10, 40);
      g.fillRect((Date.now() / 10) % width, height / 2, 20, 20);
      for (let i = 0; i < noise; i++) {
        g.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
        g.fillRect(Math.random() * width, Math.random() * height, width / 30, height / 30);
      }
    };
    paint(); setInterval(paint, 1000 / fps);
    return c.captureStream(fps);
  }

  // A pure tone is a voice by which the sender can be told at the other end.
  // pulse: milliseconds of sound and of silence in turn.
  function toneStream(hertz, canvas, loudness = 0.4, pulse = 0) {
    const context = new AudioContext({ sampleRate: 48000 });
    const from = context.createOscillator(), to = context.createMediaStreamDestination(), gain = context.createGain();
    from.frequency.value = hertz; gain.gain.value = loudness;
    from.connect(gain).connect(to); from.start(); context.resume();
    if (pulse) setInterval(() => { gain.gain.value = loudness - gain.gain.value; }, pulse);
    const stream = to.stream;
    tones.push(context); // or it would be collected, and fall silent
    if (canvas) canvasStream(canvas).getVideoTracks().forEach((t) => stream.addTrack(t));
    return stream;
  }
  const tones = [];

  // The loudest frequency of each received sound in hertz, 0 for silence, by media section.
  function heard(name) {
    const out = {};
    for (const { track, mid } of pcs[name].received) {
      if (track.kind !== 'audio' || track.readyState !== 'live') continue;
      let ear = pcs[name].listening[track.id];
      if (!ear) {
        const context = new AudioContext({ sampleRate: 48000 });
        const analyser = context.createAnalyser();
        analyser.fftSize = 8192; analyser.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        context.resume();
        ear = pcs[name].listening[track.id] = { context, analyser, bins: new Float32Array(analyser.frequencyBinCount) };
      }
      ear.analyser.getFloatFrequencyData(ear.bins);
      let best = 0;
      ear.bins.forEach((v, i) => { if (v > ear.bins[best]) best = i; });
      out[mid] = ear.bins[best] < -70 ? 0 : Math.round(best * 48000 / 8192);
    }
    return out;
  }

  async function rollback(name) { await pcs[name].pc.setLocalDescription({ type: 'rollback' }); }

  function prefer(tx, codec) {
    const caps = RTCRtpSender.getCapabilities('video').codecs;
    const re = new RegExp('/' + codec + '$', 'i');
    const first = caps.filter((c) => re.test(c.mimeType));
    if (!first.length) throw new Error('no codec ' + codec);
    tx.setCodecPreferences([...first, ...caps.filter((c) => /\/(rtx|red|ulpfec|flexfec-03)$/i.test(c.mimeType))]);
  }

  async function offer(name, { trickle = false, gatherMs = 3000, recv = [], iceRestart = false } = {}) {
    const pc = make(name);
    for (const kind of recv) pc.addTransceiver(kind, { direction: 'recvonly' });
    await pc.setLocalDescription(await pc.createOffer({ iceRestart }));
    if (!trickle) await gathered(pc, gatherMs);
    return pc.localDescription.sdp;
  }

  async function accept(name, sdp) { await pcs[name].pc.setRemoteDescription({ type: 'answer', sdp }); }

  async function answer(name, sdp, { trickle = false, gatherMs = 3000 } = {}) {
    const pc = make(name);
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    if (!trickle) await gathered(pc, gatherMs);
    return pc.localDescription.sdp;
  }

  const take = (name) => pcs[name].candidates.splice(0);
  const addCandidate = (name, c) => pcs[name].pc.addIceCandidate(c);

  async function stats(name) {
    const out = [];
    (await pcs[name].pc.getStats()).forEach((s) => out.push(s));
    return out;
  }

  // One flat object with what tests usually assert on.
  async function summary(name) {
    const all = await stats(name);
    const byId = Object.fromEntries(all.map((s) => [s.id, s]));
    const r = { connectionState: pcs[name].pc.connectionState, iceState: pcs[name].pc.iceConnectionState, inbound: [], outbound: [] };
    const codec = (s) => (byId[s.codecId] || {}).mimeType;
    for (const s of all) {
      if (s.type === 'inbound-rtp') r.inbound.push({ kind: s.kind, ssrc: s.ssrc, mid: s.mid, codec: codec(s), bytes: s.bytesReceived, packets: s.packetsReceived, lost: s.packetsLost,
        frames: s.framesDecoded, keyFrames: s.keyFramesDecoded, frozen: s.totalFreezesDuration, width: s.frameWidth, height: s.frameHeight, fps: s.framesPerSecond, freezes: s.freezeCount, pli: s.pliCount, nack: s.nackCount,
        jitter: s.jitter, decoder: s.decoderImplementation, audioLevel: s.audioLevel, energy: s.totalAudioEnergy });
      if (s.type === 'outbound-rtp') r.outbound.push({ kind: s.kind, ssrc: s.ssrc, rid: s.rid, codec: codec(s), bytes: s.bytesSent, packets: s.packetsSent, retransmitted: s.retransmittedPacketsSent,
        frames: s.framesEncoded, sent: s.framesSent ?? s.framesEncoded, keyFrames: s.keyFramesEncoded, width: s.frameWidth, height: s.frameHeight, fps: s.framesPerSecond, active: s.active, target: s.targetBitrate, limited: s.qualityLimitationReason,
        pli: s.pliCount, nack: s.nackCount, encoder: s.encoderImplementation, svc: s.scalabilityMode });
      if (s.type === 'transport') Object.assign(r, { dtls: s.dtlsState, srtp: s.srtpCipher, dtlsCipher: s.dtlsCipher, tls: s.tlsVersion, dtlsRole: s.dtlsRole, pairId: s.selectedCandidatePairId });
    }
    let pair = byId[r.pairId];
    if (!pair) pair = all.find((s) => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
    delete r.pairId;
    if (pair) {
      const l = byId[pair.localCandidateId] || {}, m = byId[pair.remoteCandidateId] || {};
      r.pair = { local: `${l.candidateType}/${l.protocol} ${l.address || l.ip}:${l.port}` + (l.relayProtocol ? ` relay-${l.relayProtocol}` : ''),
        remote: `${m.candidateType}/${m.protocol} ${m.address || m.ip}:${m.port}`, tcpType: l.tcpType,
        rtt: pair.currentRoundTripTime, available: pair.availableOutgoingBitrate };
    }
    return r;
  }

  function channel(name, label, init) { adopt(pcs[name] || (make(name), pcs[name]), make(name).createDataChannel(label, init)); return label; }
  async function send(name, label, text, ms = 5000) {
    const end = Date.now() + ms;
    while ((pcs[name].channels[label] || {}).readyState !== 'open') { if (Date.now() > end) throw new Error('channel not open'); await sleep(50); }
    pcs[name].channels[label].send(text);
  }
  // Bytes, written as pairs of hexadecimal digits.
  const sendBytes = (name, label, hex) => { pcs[name].channels[label].send(new Uint8Array((hex.match(/../g) || []).map((b) => parseInt(b, 16)))); return 1; };
  const messages = (name) => pcs[name].messages.splice(0);

  function codecs() {
    const list = (o, kind) => [...new Set(o.getCapabilities(kind).codecs.map((c) => c.mimeType + (c.sdpFmtpLine ? ' ' + c.sdpFmtpLine : '')))];
    return { send: list(RTCRtpSender, 'video'), recv: list(RTCRtpReceiver, 'video'), sendAudio: list(RTCRtpSender, 'audio') };
  }

  function close(name) { if (pcs[name]) { pcs[name].pc.close(); pcs[name].streams.forEach((s) => s.getTracks().forEach((t) => t.stop())); delete pcs[name]; document.querySelectorAll(`[data-pc="${name}"]`).forEach((e) => e.remove()); } }

  // Mean RGB of what each received video element shows, by media section: proves the right picture
  // arrived, not just bytes.
  function colours(name) {
    const out = {};
    for (const v of document.querySelectorAll(`video[data-pc="${name}"]`)) out[v.dataset.mid] = mean(v);
    return out;
  }

  // The names by which SDP knows the streams that are sent.
  const streams = (name) => pcs[name].streams.map((s) => s.id);

  // When each received picture was first shown, in milliseconds of the wall clock, by media section.
  const firsts = (name) => pcs[name].firsts;

  function colour(name) {
    return mean(document.querySelector(`video[data-pc="${name}"]`));
  }

  function mean(v) {
    if (!v || !v.videoWidth) return null;
    const c = document.createElement('canvas'); c.width = 16; c.height = 16;
    const g = c.getContext('2d'); g.drawImage(v, 0, 0, 16, 16);
    const d = g.getImageData(0, 0, 16, 16).data; let s = [0, 0, 0];
    for (let i = 0; i < d.length; i += 4) { s[0] += d[i]; s[1] += d[i + 1]; s[2] += d[i + 2]; }
    return s.map((x) => Math.round(x / 256));
  }

  window.H = { toneStream, canvasStream, mean, pcs, make, addMedia, offer, accept, answer, take, addCandidate, stats, summary, channel, send, sendBytes, messages, codecs, close, colour, colours, firsts, streams, heard, rollback, sleep };
})();
