// Who is shown in a call, how, and in which order.

/** Below this score (figures.js) others are told that a connection is poor. */
export const poorBelow = 3.5;

/**
 * Makes what tiles and the list of participants show: {key, session, user, name, isMine, isScreen, isMuted, isSpeaking, hand: place
 * among raised hands or 0, isHost, isGuest, isPoor, isSharing, track, came}.
 */
export class Looks {
  #names;
  #me;
  #speakers = []; // sessions, whoever spoke last first

  constructor(names, me) {
    this.#names = names;
    this.#me = me;
  }

  /** Notes who speaks. */
  hear(roster) {
    for (const person of roster.all) {
      if (!person.isSpeaking || this.#speakers[0] === person.session) continue;
      this.#speakers = [person.session, ...this.#speakers.filter((one) => one !== person.session)].slice(0, 9);
    }
  }

  /** Everybody in the call; oneself alone as long as the node has not said who is there. */
  people({ call, tracks, figures }) {
    const { roster, session, ownPictures: own, wish } = call;
    const hands = roster.hands.map((person) => person.session);
    const looks = roster.all.map((person) => {
      const isMine = person.session === session;
      const mos = isMine ? figures?.mos ?? null : person.mos;
      return {
        key: person.session, session: person.session, user: person.user, name: this.#names.of(person.user), isMine, isScreen: false,
        isMuted: isMine ? wish.isMuted : !person.isUnmuted, isSpeaking: person.isSpeaking && !(isMine && wish.isMuted),
        hand: hands.indexOf(person.session) + 1, isHost: person.user === roster.host, isGuest: this.#names.isGuest(person.user),
        isPoor: mos !== null && mos < poorBelow, isSharing: person.session === roster.sharer, came: person.came,
        track: isMine ? own.video : person.hasVideo ? pictureOf(tracks, person.session, "video") : null,
      };
    });
    if (looks.length > 0) return looks;
    return [{
      key: "me", session: "", user: this.#me.id, name: this.#me.nickname, isMine: true, isScreen: false, isMuted: wish.isMuted, isSpeaking: false,
      hand: 0, isHost: false, isGuest: false, isPoor: false, isSharing: false, track: own.video, came: 0,
    }];
  }

  /** The same as tiles: a screen first, oneself last, and in a crowd whoever matters before all others. */
  tiles(people, { call, tracks }) {
    const isCrowd = people.length > 9;
    const weight = (look) => {
      if (look.isMine) return -1;
      if (!isCrowd) return 0;
      const spoke = this.#speakers.indexOf(look.session);
      return (look.hand > 0 ? 4 : 0) + (look.track ? 2 : 0) + (spoke >= 0 ? 3 - spoke / 9 : 0);
    };
    const tiles = [...people].sort((a, b) => weight(b) - weight(a) || a.came - b.came);
    const sharer = people.find((look) => look.isSharing);
    if (!sharer) return tiles;
    const track = sharer.isMine ? call.ownPictures.screen : pictureOf(tracks, sharer.session, "screen");
    return [{ ...sharer, key: `${sharer.session}:screen`, isScreen: true, track }, ...tiles];
  }

  /** The key of the tile that is shown large, or null if all are alike. layout: "auto", "grid" or "speaker". */
  main(tiles, { pinned, layout }) {
    if (pinned && tiles.some((look) => look.key === pinned)) return pinned;
    if (layout === "grid") return null;
    const screen = tiles.find((look) => look.isScreen);
    if (screen) return screen.key;
    if (layout !== "speaker" || tiles.length < 2) return null;
    const speaking = this.#speakers.find((session) => tiles.some((look) => look.key === session && !look.isMine));
    return speaking ?? tiles.find((look) => !look.isMine)?.key ?? null;
  }
}

function pictureOf(tracks, session, type) {
  return tracks.find((one) => one.session === session && one.type === type)?.track ?? null;
}
