// MessagePack, as much of it as calls speak: nothing, truth, numbers, text, bytes, lists and maps.

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** Bytes of a value. Whole numbers below 128 take one byte, other numbers nine. */
export function pack(value) {
  const parts = [];
  write(value, parts);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function write(value, parts) {
  if (value === null || value === undefined) parts.push([0xc0]);
  else if (typeof value === "boolean") parts.push([value ? 0xc3 : 0xc2]);
  else if (typeof value === "number") parts.push(number(value));
  else if (typeof value === "string") {
    const bytes = utf8.encode(value);
    parts.push(head(0xdb, bytes.length), bytes);
  } else if (value instanceof Uint8Array) parts.push(head(0xc6, value.length), value);
  else if (Array.isArray(value)) {
    parts.push(head(0xdd, value.length));
    for (const element of value) write(element, parts);
  } else {
    const entries = Object.entries(value);
    parts.push(head(0xdf, entries.length));
    for (const [key, member] of entries) {
      write(key, parts);
      write(member, parts);
    }
  }
}

function number(value) {
  if (Number.isInteger(value) && value >= 0 && value < 128) return [value];
  const bytes = new Uint8Array(9);
  bytes[0] = 0xcb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

function head(type, count) {
  const bytes = new Uint8Array(5);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, count);
  return bytes;
}

/** All values that lie one after the other in the bytes. Throws a RangeError or TypeError for what is malformed. */
export function unpackAll(bytes) {
  const reader = new Reader(bytes);
  const values = [];
  while (!reader.isAtEnd) values.push(reader.value(0));
  return values;
}

class Reader {
  #view;
  #at = 0;

  constructor(bytes) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd() {
    return this.#at >= this.#view.byteLength;
  }

  value(depth) {
    if (depth > 16) throw new RangeError("values lie too deep within each other");
    const type = this.#take(1, (view, at) => view.getUint8(at));
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 15, depth);
    if (type < 0xa0) return this.#list(type & 15, depth);
    if (type < 0xc0) return text.decode(this.#bytes(type & 31));
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return this.#bytes(this.#count(type - 0xc4));
      case 0xca: return this.#take(4, (view, at) => view.getFloat32(at));
      case 0xcb: return this.#take(8, (view, at) => view.getFloat64(at));
      case 0xcc: case 0xcd: case 0xce: return this.#count(type - 0xcc);
      case 0xcf: return Number(this.#take(8, (view, at) => view.getBigUint64(at)));
      case 0xd0: return this.#take(1, (view, at) => view.getInt8(at));
      case 0xd1: return this.#take(2, (view, at) => view.getInt16(at));
      case 0xd2: return this.#take(4, (view, at) => view.getInt32(at));
      case 0xd3: return Number(this.#take(8, (view, at) => view.getBigInt64(at)));
      case 0xd9: case 0xda: case 0xdb: return text.decode(this.#bytes(this.#count(type - 0xd9)));
      case 0xdc: case 0xdd: return this.#list(this.#count(type - 0xdb), depth);
      case 0xde: case 0xdf: return this.#map(this.#count(type - 0xdd), depth);
      default: throw new TypeError(`no calls speak MessagePack's type ${type.toString(16)}`);
    }
  }

  /** A count of one, two or four bytes, by the power of two. */
  #count(power) {
    if (power === 0) return this.#take(1, (view, at) => view.getUint8(at));
    if (power === 1) return this.#take(2, (view, at) => view.getUint16(at));
    return this.#take(4, (view, at) => view.getUint32(at));
  }

  #take(count, read) {
    if (this.#at + count > this.#view.byteLength) throw new RangeError("the bytes end within a value");
    const value = read(this.#view, this.#at);
    this.#at += count;
    return value;
  }

  #bytes(count) {
    return this.#take(count, (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, count));
  }

  #list(count, depth) {
    const list = [];
    for (let index = 0; index < count; index++) list.push(this.value(depth + 1));
    return list;
  }

  #map(count, depth) {
    const map = {};
    for (let index = 0; index < count; index++) {
      const key = this.value(depth + 1);
      map[key] = this.value(depth + 1);
    }
    return map;
  }
}
