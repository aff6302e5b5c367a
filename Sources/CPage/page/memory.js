// What the page remembers of a person between visits, on this device alone.

const key = "roost";
const defaults = {
  name: "", language: "", theme: "auto", sounds: true, mirror: true, captions: true, layout: "auto",
  isMuted: false, camera: false, blur: false, devices: {}, volumes: {}, recent: [],
};

function load() {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(key) ?? "{}") };
  } catch {
    return { ...defaults }; // private windows have no storage, and somebody may have written what is no JSON
  }
}

export const memory = load();

/** Remembers some members, as far as the browser lets us. */
export function remember(members) {
  Object.assign(memory, members);
  try {
    localStorage.setItem(key, JSON.stringify(memory));
  } catch {
    // A full or forbidden storage costs the memory, not the call.
  }
}
