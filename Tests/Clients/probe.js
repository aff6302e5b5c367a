// Put into the web client's page by pages.py as window.P: gives it a tone for a microphone and a colour for a camera, and says
// what it shows and plays. Called with {tone, canvas}.
((media) => {
  const errors = [];
  addEventListener('error', (e) => { if (e.message && !/ResizeObserver loop/.test(e.message)) errors.push(e.message); });
  addEventListener('unhandledrejection', (e) => errors.push('unhandled: ' + (e.reason?.stack ?? e.reason)));
  addEventListener('securitypolicyviolation', (e) => errors.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));

  // Sound
  // A tone that is loud and soft in turn, as voices are: of one that stays the same the node does not say that somebody speaks.
  function voice(hertz) {
    const context = new AudioContext({ sampleRate: 48000 });
    const [tone, swing] = [context.createOscillator(), context.createOscillator()];
    const [gain, depth] = [context.createGain(), context.createGain()];
    const to = context.createMediaStreamDestination();
    tone.frequency.value = hertz; swing.type = 'square'; swing.frequency.value = 1.6;
    gain.gain.value = 0.201; depth.gain.value = media.steady ? 0 : 0.199;
    swing.connect(depth).connect(gain.gain);
    tone.connect(gain).connect(to);
    tone.start(); swing.start(); context.resume();
    voices.push(context); // or it would be collected, and fall silent
    return to.stream;
  }
  const voices = [];
  // Firefox does not tell a track's listeners of an event that a script has made, so they are told here.
  const endings = new WeakMap();
  const listenTo = MediaStreamTrack.prototype.addEventListener;
  MediaStreamTrack.prototype.addEventListener = function (name, act, ...rest) {
    if (name === 'ended') endings.set(this, [...(endings.get(this) ?? []), act]);
    return listenTo.call(this, name, act, ...rest);
  };
  // As when its device is pulled, or the browser's own button pressed.
  const end = (track) => { track.stop(); for (const act of endings.get(track) ?? []) act.call(track, new Event('ended')); return 1; };
  if (!navigator.mediaDevices) Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
  else navigator.mediaDevices.getUserMedia = async (wish) => (wish.video ? H.canvasStream({ width: 640, height: 360, ...media.canvas }) : voice(media.tone));
  const refuse = (name) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', name); }; return 1; };
  // These devices are there from now on, and no others: [{kind, deviceId, label, tone, color, blurs}]. One that goes ends its tracks.
  const given = [];
  const plug = (devices) => {
    const isThere = (id) => devices.some((one) => one.deviceId === id);
    navigator.mediaDevices.enumerateDevices = async () => devices;
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const kind = wish.video ? 'videoinput' : 'audioinput';
      const exact = (wish.video || wish.audio).deviceId?.exact;
      const device = devices.find((one) => one.kind === kind && (!exact || one.deviceId === exact));
      if (!device) throw new DOMException('no', exact ? 'OverconstrainedError' : 'NotFoundError');
      const stream = wish.video ? H.canvasStream({ width: 640, height: 360, color: device.color }) : voice(device.tone);
      const [track] = stream.getTracks();
      let blurred = false;
      Object.defineProperty(track, 'label', { value: device.label });
      track.getSettings = () => ({ deviceId: device.deviceId, ...(device.blurs ? { backgroundBlur: blurred } : {}) });
      track.getCapabilities = () => (device.blurs ? { backgroundBlur: [false, true] } : {});
      track.applyConstraints = async (wished) => { blurred = wished.backgroundBlur ?? blurred; };
      given.push({ id: device.deviceId, track });
      return stream;
    };
    HTMLMediaElement.prototype.setSinkId = async function (id) { this.dataset.sink = id; };
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    for (const { track } of given.filter(({ id, track }) => !isThere(id) && track.readyState === 'live')) end(track);
    return 1;
  };
  const screen = (tone, color) => {
    navigator.mediaDevices.getDisplayMedia = async () => {
      const canvas = { width: 960, height: 540, color };
      return tone ? H.toneStream(tone, canvas) : H.canvasStream(canvas);
    };
    return 1;
  };
  // Another device is what is found from now on.
  const tune = (tone) => { media.tone = tone; return 1; };
  // The one way to the node leads through here, for descriptions that come from now on.
  let way = null;
  const take = globalThis.RTCPeerConnection?.prototype.setRemoteDescription;
  const route = (host, port) => {
    way = `a=candidate:1 1 udp 2130706431 ${host} ${port} typ host`;
    RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
      let isDone = false;
      const lines = sdp.split('\r\n').map((line) => {
        if (line.startsWith('m=')) isDone = false;
        if (!line.startsWith('a=candidate:')) return line;
        if (isDone) return null;
        isDone = true;
        return way;
      });
      return take.call(this, { type, sdp: lines.filter((line) => line !== null).join('\r\n') });
    };
    return 1;
  };
  const listening = new Map();
  // The loudest frequency of each voice that is played, 0 for silence.
  const heard = () => [...document.querySelectorAll('#ears audio:not([data-upcoming])')].map((element) => {
    const track = element.srcObject?.getAudioTracks()[0];
    if (!track || element.paused) return 0;
    if (!listening.has(track)) {
      const context = new AudioContext({ sampleRate: 48000 });
      const analyser = context.createAnalyser();
      analyser.fftSize = 8192; analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      context.resume();
      listening.set(track, { analyser, context, bins: new Float32Array(4096) });
    }
    const { analyser, bins } = listening.get(track);
    analyser.getFloatFrequencyData(bins);
    let best = 0;
    bins.forEach((v, i) => { if (v > bins[best]) best = i; });
    return bins[best] < -70 ? 0 : Math.round(best * 48000 / 8192);
  });

  // Milliseconds from a click until the first voice is heard.
  const clickAndHear = async (selector) => {
    const began = performance.now();
    document.querySelector(selector).click();
    while (!heard().some((tone) => tone > 0)) {
      if (performance.now() - began > 15000) throw new Error('nothing was heard');
      await new Promise((done) => setTimeout(done, 10));
    }
    return performance.now() - began;
  };

  // Watches, until told to stop, how long this tone is not heard, and in which phases the page is meanwhile.
  let watch = null;
  const listen = (hertz) => {
    const ears = new Map();
    const found = { gap: 0, phases: [], asked: undefined, now: 0 };
    let last = performance.now();
    const hear = (track) => {
      if (!ears.has(track)) {
        const context = new AudioContext({ sampleRate: 48000 });
        const analyser = context.createAnalyser();
        analyser.fftSize = 2048; analyser.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        context.resume();
        ears.set(track, { analyser, bins: new Float32Array(1024) });
      }
      const { analyser, bins } = ears.get(track);
      analyser.getFloatFrequencyData(bins);
      const bin = Math.round(hertz * 2048 / 48000);
      return Math.max(...bins.slice(bin - 1, bin + 2)) > -60;
    };
    clearInterval(watch);
    watch = setInterval(() => {
      const now = performance.now();
      for (const element of document.querySelectorAll('#ears audio')) {
        const track = element.srcObject?.getAudioTracks()[0];
        // What is upcoming is listened to, so that this ear needs no time to begin, but not heard.
        if (track && hear(track) && element.volume > 0) last = now;
      }
      found.now = Math.round(now - last);
      if (found.now > found.gap && found.now > 400 && found.gap <= 400) note('has heard nothing for 0.4 s');
      found.gap = Math.max(found.gap, found.now);
      const phase = roost.call?.phase ?? 'none';
      if (!found.phases.includes(phase)) found.phases.push(phase);
      found.asked ??= document.querySelector('dialog[open]')?.innerText;
    }, 10);
    state.listening = found;
    note(`listens for ${hertz}`);
    return 1;
  };
  const listened = () => state.listening;

  // Pictures of others
  const seen = () => [...document.querySelectorAll('.tile')].filter((tile) => !tile.dataset.tile?.startsWith(roost.call.session))
    .map((tile) => tile.querySelector('video')).filter((video) => video && !video.hidden).map((video) => H.mean(video));

  // Doing
  const type = (selector, text) => {
    const input = document.querySelector(selector);
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return 1;
  };
  const button = (text) => {
    const within = document.querySelector('dialog[open]') ?? document.querySelector('.menu') ?? document;
    return [...within.querySelectorAll('button')].find((one) => (one.querySelector('.menu-text') ?? one).textContent.trim() === text);
  };
  const text = () => document.body.innerText + [...document.querySelectorAll('#herald')].map((one) => one.textContent).join(' ');
  const sockets = [];
  const Real = WebSocket;
  // The node would say this over the one that is open.
  const tell = (event, data, broadcast = {}) => {
    const socket = sockets.findLast((one) => one.readyState === 1);
    socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ event: `custom_com.mattermost.calls_${event}`, data, broadcast, seq: socket.lastSeq }) }));
    return 1;
  };
  // What came over them lately, for whoever has to find out what went wrong.
  const told = [];
  const note = (what) => { told.push(`${Math.round(performance.now())} ${what}`); if (told.length > 400) told.shift(); };
  window.WebSocket = class extends Real {
    constructor(...all) {
      super(...all);
      sockets.push(this);
      note('opens');
      this.addEventListener('open', () => note('open'));
      this.addEventListener('close', ({ code }) => note(`closed ${code}`));
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') return;
        const { event = 'reply', data: inner, seq } = JSON.parse(data);
        if (event !== 'reply') this.lastSeq = seq;
        const name = event.replace('custom_com.mattermost.calls_', '');
        if (!/user_voice/.test(name)) note(`${name} ${JSON.stringify(inner ?? '').slice(0, 120)}`);
      });
    }
  };
  // The page's websockets are gone, and it was not told why.
  const cut = () => { const open = sockets.filter((one) => one.readyState < 2); open.forEach((one) => one.close(4321)); return open.length; };
  const state = { copied: '', notified: [] };
  // Notifications are allowed, and the page lies behind others.
  const hide = () => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    window.Notification = class { static permission = 'granted'; constructor(title, { body }) { state.notified.push(body); state.last = this; } close() { state.closed = true; } };
    return 1;
  };
  // How many sounds of its own the page has made.
  let chimes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...all) { if (all.length > 0) chimes += 1; return start.apply(this, all); };
  const catchClipboard = () => {
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: async (value) => { state.copied = value; } } });
    return 1;
  };

  // Judging
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  probe.canvas.width = probe.canvas.height = 1;
  const rgba = (color) => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = color; probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      layers.push(color);
      if (color[3] > 0.99) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const shows = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0 && !element.closest('.unseen');
  const called = (element) => {
    const label = element.getAttribute('aria-label') || [...(element.labels ?? [])].map((one) => one.textContent).join(' ') || element.textContent || element.title;
    return label.trim();
  };
  function faults() {
    const found = [];
    const modal = document.querySelector('dialog[open]');
    const say = (element, what) => found.push(`${what}: <${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">${element.textContent.trim().slice(0, 30)}`);
    for (const element of (modal ?? document).querySelectorAll('button, a[href], input, select')) {
      if (!shows(element)) continue;
      if (!called(element)) say(element, 'has no name');
      if (element.tabIndex < 0 && !element.disabled) say(element, 'can not be reached by keyboard');
      const box = element.getBoundingClientRect();
      if (!element.closest('.check') && (box.width < 24 || box.height < 24)) say(element, `is ${Math.round(box.width)} by ${Math.round(box.height)}, too small to hit`);
      const lies = getComputedStyle(element.closest('.menu, .panel, .overlay, .streams') ?? element).overflowX;
      if ((box.right > innerWidth + 1 || box.left < -1) && lies !== 'auto') say(element, 'lies outside the window');
    }
    for (const image of document.querySelectorAll('img')) if (!image.hasAttribute('alt')) say(image, 'has no alt');
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    ids.filter((id, index) => ids.indexOf(id) !== index).forEach((id) => found.push(`two have the id ${id}`));
    if (!document.documentElement.lang) found.push('the page has no language');
    if (document.querySelectorAll('h1').length !== 1) found.push(`the page has ${document.querySelectorAll('h1').length} main headings`);
    if (document.documentElement.scrollWidth > innerWidth + 1) found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
    const walker = document.createTreeWalker(modal ?? document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !shows(element) || element.closest('.notice, option, button:disabled, svg, noscript')) continue;
      const style = getComputedStyle(element);
      const below = ground(element);
      const ink = over(rgba(style.color), below);
      const [a, b] = [luminance(ink), luminance(below)].sort((x, y) => y - x);
      const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 700);
      const contrast = (a + 0.05) / (b + 0.05);
      if (contrast < (isLarge ? 3 : 4.5)) say(element, `has a contrast of ${contrast.toFixed(1)}`);
    }
    return found;
  }
  // Keys that one language has and another has not, and keys that are asked for and are in none.
  async function untranslated() {
    const { catalogues } = await import('/text.js');
    const all = new Set(Object.values(catalogues).flatMap(Object.keys));
    const found = [];
    for (const [tag, catalogue] of Object.entries(catalogues)) for (const key of all) if (!(key in catalogue)) found.push(`${tag} lacks ${key}`);
    for (const { name } of performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))) {
      const source = await (await fetch(name)).text();
      for (const [, key] of source.matchAll(/\bt\("([^"]+)"/g)) if (!all.has(key)) found.push(`${name} asks for ${key}`);
    }
    return found;
  }

  window.P = { errors, told, clickAndHear, listen, listened, refuse, tune, route, screen, heard, seen, type, button, text, cut, catchClipboard, faults, untranslated, plug, end, tell, hide, get notified() { return state.notified; }, get chimes() { return chimes; }, get copied() { return state.copied; } };
  return 1;
})
