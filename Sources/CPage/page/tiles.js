// The pictures of a call: everybody alike, or one large and the others in a row beside it.
import { avatar, h, icon, paintAvatar, redraw, say, set } from "./dom.js";
import { memory } from "./memory.js";
import { t } from "./text.js";

const gap = 10;

/** What a tile shows: {key, name, user, isMine, isScreen, isMuted, isSpeaking, hand: place in the row or 0, isHost, isPoor, track}. */
class Tile {
  #muted = icon("mic-off");
  #crown = icon("host");
  #name = h("span", { class: "tile-name", dir: "auto" });
  #place = h("span");
  #hand = h("span", { class: "tile-hand" }, icon("hand"), this.#place);
  #poor = h("span", { class: "tile-poor" }, icon("warn"));
  #face = avatar("?", "");
  #reaction = h("span", { class: "tile-reaction", "aria-hidden": "true" });
  #timer = 0;

  constructor(key, handlers) {
    this.key = key;
    this.video = h("video", { autoplay: true, playsinline: true });
    this.video.muted = true; // sound has its own elements
    this.video.addEventListener("resize", handlers.resized);
    this.button = h("button", { type: "button", class: "tile-menu", onclick: () => handlers.menu(this) }, icon("more"));
    this.element = h("li", { class: "tile", "data-tile": key, ondblclick: () => handlers.pin(this.key) },
      this.#face, this.video, this.#hand, this.#reaction, this.#poor,
      h("span", { class: "tile-plate" }, this.#crown, this.#muted, this.#name), this.button);
    this.#crown.setAttribute("class", "icon crown");
  }

  show(look) {
    this.look = look;
    const words = look.isScreen ? t("tile.screen", { name: look.name }) : look.isMine ? t("tile.you", { name: look.name }) : look.name;
    say(this.#name, words);
    paintAvatar(this.#face, look.name, look.user);
    this.#muted.style.display = look.isMuted && !look.isScreen ? "" : "none";
    this.#crown.style.display = look.isHost && !look.isScreen ? "" : "none";
    this.element.classList.toggle("speaking", look.isSpeaking && !look.isScreen);
    this.element.classList.toggle("screen", look.isScreen);
    this.#hand.hidden = look.hand === 0 || look.isScreen;
    say(this.#place, String(look.hand));
    this.#poor.hidden = !look.isPoor || look.isScreen;
    set(this.#poor, "title", t("tile.poor"));
    const states = [words, look.isMuted && !look.isScreen && t("muted"), look.isHost && t("host"), look.hand > 0 && t("hand.place", { n: look.hand }), look.isPoor && t("tile.poor")];
    set(this.element, "aria-label", states.filter(Boolean).join(", "));
    set(this.button, "aria-label", t("tile.menu", { name: look.name }));
    const shown = this.video.srcObject?.getVideoTracks()[0] ?? null;
    if (shown !== look.track) this.video.srcObject = look.track ? new MediaStream([look.track]) : null;
    this.video.hidden = !look.track;
    this.#face.hidden = Boolean(look.track);
    this.video.classList.toggle("mirrored", look.isMine && !look.isScreen && memory.mirror);
  }

  react(text) {
    say(this.#reaction, text);
    this.#reaction.classList.remove("popping");
    void this.#reaction.offsetWidth; // begins the movement anew
    this.#reaction.classList.add("popping");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => say(this.#reaction, ""), 10_000);
  }

  place(x, y, width, height) {
    const { style } = this.element;
    style.setProperty("transform", `translate(${Math.round(x)}px, ${Math.round(y)}px)`);
    style.setProperty("width", `${Math.floor(width)}px`);
    style.setProperty("height", `${Math.floor(height)}px`);
    this.element.classList.toggle("small", width < 190 || height < 120);
    this.element.classList.toggle("tiny", width < 120);
  }
}

export class Tiles {
  #tiles = new Map();
  #order = [];
  #main = null;
  #rest = h("li", { class: "tile rest" });
  #handlers;
  #observer;
  #mirroredIn = null; // the width, where the layout is to be mirrored

  /** handlers: menu(tile), pin(key). */
  constructor(handlers) {
    this.element = h("ul", { class: "tiles", "aria-label": t("tiles") });
    this.#handlers = { ...handlers, resized: () => this.#layOut() };
    this.#observer = new ResizeObserver(() => this.#layOut());
    this.#observer.observe(this.element);
  }

  end() {
    this.#observer.disconnect();
  }

  react(key, text) {
    this.#tiles.get(key)?.react(text);
  }

  /** After the element has gone into another document, pictures stand still until they are told to go on. */
  wake() {
    for (const tile of this.#tiles.values()) tile.video.play().catch(() => {});
    this.#observer.disconnect();
    this.#observer = new (this.element.ownerDocument.defaultView.ResizeObserver)(() => this.#layOut());
    this.#observer.observe(this.element);
    this.#layOut();
  }

  /** looks: who is shown, in order; main: the key of the large one, or null for a grid. */
  show(looks, main) {
    const keys = new Set(looks.map((look) => look.key));
    for (const [key, tile] of this.#tiles) {
      if (keys.has(key)) continue;
      tile.video.srcObject = null;
      tile.element.remove();
      this.#tiles.delete(key);
    }
    for (const look of looks) {
      if (!this.#tiles.has(look.key)) this.#tiles.set(look.key, new Tile(look.key, this.#handlers));
      this.#tiles.get(look.key).show(look);
    }
    this.#order = looks.map((look) => look.key);
    this.#main = keys.has(main) ? main : null;
    this.#layOut();
  }

  #layOut() {
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (width < 40 || height < 40) return;
    const view = this.element.ownerDocument.defaultView;
    this.#mirroredIn = view.getComputedStyle(this.element).direction === "rtl" ? width : null;
    const others = this.#order.filter((key) => key !== this.#main);
    if (this.#main === null) this.#grid(this.#cut(others, roomFor(width, height)), 0, width, height);
    else this.#present(others, width, height);
    this.#putInOrder([...(this.#main === null ? [] : [this.#main]), ...others]);
  }

  /** Whoever goes through them by keyboard or has them read out finds them in the order in which they are seen. */
  #putInOrder(keys) {
    const focused = this.element.ownerDocument.activeElement;
    let index = 0;
    for (const key of keys) {
      const { element } = this.#tiles.get(key);
      if (element.parentNode !== this.element) continue; // there is no room for it
      // Moving an element takes its focus, so only those move that must.
      if (this.element.children[index] !== element) this.element.insertBefore(element, this.element.children[index]);
      index += 1;
    }
    if (this.element.contains(focused) && this.element.ownerDocument.activeElement !== focused) focused.focus();
  }

  /** Where reading begins on the right, the first tile is there too. */
  #put(tile, x, y, width, height) {
    tile.place(this.#mirroredIn === null ? x : this.#mirroredIn - x - width, y, width, height);
  }

  #grid(tiles, top, width, height, least = 1) {
    const { columns, rows, w, h: tall } = bestGrid(tiles.length, width, height, least);
    const y0 = top + (height - rows * tall - (rows - 1) * gap) / 2;
    tiles.forEach((tile, index) => {
      const row = Math.floor(index / columns);
      const inRow = row === rows - 1 ? tiles.length - row * columns : columns;
      const x0 = (width - inRow * w - (inRow - 1) * gap) / 2;
      this.#put(tile, x0 + (index % columns) * (w + gap), y0 + row * (tall + gap), w, tall);
    });
  }

  #present(others, width, height) {
    const main = this.#tiles.get(this.#main);
    this.#attach(main);
    main.element.classList.add("main");
    if (others.length === 0) {
      this.#cut([], 0);
      return this.#put(main, 0, 0, width, height);
    }
    if (width > height * 1.15) {
      // The others in a column, as wide as lets everybody be there, within reason.
      const fits = ((height - (others.length - 1) * gap) / others.length) * (16 / 9);
      const side = Math.min(260, Math.max(150, Math.min(fits, width * 0.22)));
      const tall = Math.floor((side * 9) / 16);
      const shown = this.#cut(others, Math.max(1, Math.floor((height + gap) / (tall + gap))));
      this.#put(main, 0, 0, width - side - gap, height);
      shown.forEach((tile, index) => this.#put(tile, width - side, index * (tall + gap), side, tall));
      return;
    }
    // Upright: a screen in its own shape, a person rather taller, and the others share what is left below, two abreast at
    // least, so that it is plain who is large.
    const { videoWidth, videoHeight } = main.video;
    const own = videoWidth > 0 && !main.video.hidden ? videoWidth / videoHeight : 4 / 3;
    const shape = main.look.isScreen ? own : Math.min(own, 4 / 3);
    const tall = Math.min(width / shape, height * 0.62);
    const left = height - tall - gap;
    this.#put(main, 0, 0, width, tall);
    this.#grid(this.#cut(others, roomFor(width, left)), tall + gap, width, left, 2);
  }

  /** As many as there is room for; one place says how many more there are. */
  #cut(keys, room) {
    const shown = keys.length > room ? keys.slice(0, Math.max(0, room - 1)) : keys;
    const tiles = shown.map((key) => this.#tiles.get(key));
    for (const [key, tile] of this.#tiles) {
      if (shown.includes(key)) this.#attach(tile);
      else if (key !== this.#main) tile.element.remove();
      if (key !== this.#main) tile.element.classList.remove("main");
    }
    if (shown.length === keys.length || room === 0) {
      this.#rest.remove();
      return tiles;
    }
    say(this.#rest, t("tiles.rest", { n: keys.length - shown.length }));
    this.element.append(this.#rest);
    return [...tiles, { place: (...box) => Tile.prototype.place.call({ element: this.#rest }, ...box) }];
  }

  #attach(tile) {
    if (tile.element.parentNode === this.element) return;
    this.element.append(tile.element);
    tile.video.play().catch(() => {}); // a picture that is not there yet begins by itself
  }
}

/** How many tiles are large enough to tell people apart there. */
function roomFor(width, height) {
  return Math.min(49, Math.max(1, Math.floor((width + gap) / 110)) * Math.max(1, Math.floor((height + gap) / 85)));
}

/** Columns and rows that make tiles largest, with a shape between 4:5 and 16:9. least: so many columns at least. */
export function bestGrid(count, width, height, least = 1) {
  let best = { columns: 1, rows: 1, w: 0, h: 0 };
  for (let columns = least; columns <= Math.max(least, count); columns++) {
    const rows = Math.ceil(count / columns);
    let w = (width - (columns - 1) * gap) / columns;
    let tall = (height - (rows - 1) * gap) / rows;
    if (w / tall > 16 / 9) w = (tall * 16) / 9;
    else if (w / tall < 4 / 5) tall = (w * 5) / 4;
    if (w * tall > best.w * best.h) best = { columns, rows, w, h: tall };
  }
  return best;
}
