// Short sounds, made on the spot.
import { memory } from "./memory.js";

let context = null;

/** The one audio context of the page. Browsers let it run once the person has done anything. */
export function audio() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  return context;
}

const tunes = {
  joined: [[523, 0], [784, 0.09]],
  came: [[659, 0], [784, 0.07]],
  went: [[587, 0], [440, 0.08]],
  left: [[523, 0], [349, 0.1]],
  hand: [[880, 0]],
  muted: [[392, 0]],
  unmuted: [[587, 0]],
  ring: [[659, 0], [784, 0.2], [659, 0.4], [784, 0.6]],
};

export function play(name) {
  if (!memory.sounds) return;
  const to = audio();
  for (const [hertz, after] of tunes[name]) {
    const [tone, gain] = [to.createOscillator(), to.createGain()];
    const start = to.currentTime + after;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.07, start + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
    tone.connect(gain).connect(to.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
}
