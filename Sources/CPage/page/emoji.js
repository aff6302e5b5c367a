// Reactions: the quick ones, and some more.

export const quick = [["+1", "👍"], ["heart", "❤️"], ["clap", "👏"], ["joy", "😂"], ["open_mouth", "😮"], ["tada", "🎉"], ["thinking_face", "🤔"], ["-1", "👎"]];

export const more = [
  ["smile", "😄"], ["grin", "😁"], ["wink", "😉"], ["blush", "😊"], ["heart_eyes", "😍"], ["sunglasses", "😎"], ["upside_down_face", "🙃"], ["sweat_smile", "😅"],
  ["rolling_on_the_floor_laughing", "🤣"], ["slightly_smiling_face", "🙂"], ["neutral_face", "😐"], ["face_with_raised_eyebrow", "🤨"], ["sleeping", "😴"], ["exploding_head", "🤯"], ["cry", "😢"], ["sob", "😭"],
  ["scream", "😱"], ["pleading_face", "🥺"], ["rage", "😡"], ["nerd_face", "🤓"], ["partying_face", "🥳"], ["saluting_face", "🫡"], ["shushing_face", "🤫"], ["melting_face", "🫠"],
  ["wave", "👋"], ["ok_hand", "👌"], ["raised_hands", "🙌"], ["pray", "🙏"], ["muscle", "💪"], ["crossed_fingers", "🤞"], ["v", "✌️"], ["handshake", "🤝"],
  ["eyes", "👀"], ["fire", "🔥"], ["100", "💯"], ["star", "⭐"], ["sparkles", "✨"], ["rocket", "🚀"], ["bulb", "💡"], ["white_check_mark", "✅"],
  ["x", "❌"], ["question", "❓"], ["exclamation", "❗"], ["hourglass", "⌛"], ["coffee", "☕"], ["cake", "🍰"], ["beers", "🍻"], ["pizza", "🍕"],
  ["owl", "🦉"], ["bird", "🐦"], ["cat", "🐱"], ["dog", "🐶"], ["sunny", "☀️"], ["umbrella", "☔"], ["snowflake", "❄️"], ["rainbow", "🌈"],
];

/** As the protocol has it. */
export function wire([name, literal]) {
  const unified = [...literal].map((letter) => letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")).join("-");
  return { name, unified, literal };
}

/** What to show of a reaction that came: text, short, whatever somebody sent. */
export function shown({ literal, unified, name }) {
  if (literal) return [...literal].slice(0, 12).join("");
  const points = /^[0-9A-Fa-f]{2,6}(-[0-9A-Fa-f]{2,6}){0,8}$/.test(unified ?? "") ? unified.split("-").map((point) => parseInt(point, 16)) : [];
  if (points.length > 0 && points.every((point) => point < 0x110000)) return String.fromCodePoint(...points);
  return [...`:${name ?? "?"}:`].slice(0, 24).join("");
}
