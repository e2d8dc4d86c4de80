// The newest position of every tag, as columns. A frame is copied straight into typed arrays:
// 20,000 tags a second leave no object behind for the garbage collector.
// The frame is little-endian, as is every machine a browser runs on.

export const HEADER_BYTES = 40;
export const RECORD_BYTES = 24;
export const UNKNOWN_HEADING = 65535;
export const UNKNOWN_BATTERY = 255;
export const FLAG_COARSE = 1;

export const TagState = { CLEAR: 0, IN_BUFFER: 1, POSSIBLY_INSIDE: 2, INSIDE: 3 } as const;
export const Role = { OFFENDER: 0, VICTIM: 1 } as const;

export interface FrameHeader {
  /** Vigil's clock when the frame was packed, unix seconds. */
  serverNowS: number;
  /** When the judge last finished a round; 0 never. */
  judgedBeatS: number;
  /** Newest judged fix; 0 none. */
  newestFixS: number;
  count: number;
  /** A full picture names every tag: what it leaves out is gone. */
  isFull: boolean;
}

export class FrameError extends Error {}

/** Web mercator, 0..1 from the date line eastward. */
export function mercatorX(lon: number): number {
  return lon / 360 + 0.5;
}

/** Web mercator, 0..1 from the north downward. */
export function mercatorY(lat: number): number {
  return 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI);
}

/** Mercator units in one metre on the ground at this latitude. */
export function mercatorPerMetre(lat: number): number {
  return 1 / (40_075_016.68557849 * Math.cos((lat * Math.PI) / 180));
}

export class TagStore {
  count = 0;
  ids = new Uint32Array(0);
  /** Degrees times 1e7, as they came: 1.1 cm. */
  lonE7 = new Int32Array(0);
  latE7 = new Int32Array(0);
  x = new Float64Array(0);
  y = new Float64Array(0);
  fixedAtS = new Uint32Array(0);
  headingCdeg = new Uint16Array(0);
  radiusM = new Uint16Array(0);
  state = new Uint8Array(0);
  role = new Uint8Array(0);
  batteryPct = new Uint8Array(0);
  flags = new Uint8Array(0);
  private readonly slots = new Map<number, number>();

  /** The row of this tag, or -1. */
  slotOf(id: number): number {
    return this.slots.get(id) ?? -1;
  }

  lon(slot: number): number {
    return (this.lonE7[slot] ?? 0) / 1e7;
  }

  lat(slot: number): number {
    return (this.latE7[slot] ?? 0) / 1e7;
  }

  /** Takes in one frame. A frame that does not add up is refused whole (FrameError). */
  apply(frame: ArrayBuffer): FrameHeader {
    const header = readHeader(frame);
    if (header.isFull) {
      this.slots.clear();
      this.count = 0;
    }
    this.reserve(this.count + header.count);
    const words = new Int32Array(frame, HEADER_BYTES, header.count * 6);
    const unsigned = new Uint32Array(frame, HEADER_BYTES, header.count * 6);
    const halves = new Uint16Array(frame, HEADER_BYTES, header.count * 12);
    const bytes = new Uint8Array(frame, HEADER_BYTES, header.count * RECORD_BYTES);
    for (let row = 0; row < header.count; row++) {
      const word = row * 6;
      const half = row * 12;
      const byte = row * RECORD_BYTES;
      const id = unsigned[word]!;
      let slot = this.slots.get(id);
      if (slot === undefined) {
        slot = this.count++;
        this.slots.set(id, slot);
        this.ids[slot] = id;
      }
      const lonE7 = words[word + 1]!;
      const latE7 = words[word + 2]!;
      if (this.lonE7[slot] !== lonE7 || this.latE7[slot] !== latE7 || this.x[slot] === 0) {
        this.lonE7[slot] = lonE7;
        this.latE7[slot] = latE7;
        this.x[slot] = mercatorX(lonE7 / 1e7);
        this.y[slot] = mercatorY(latE7 / 1e7);
      }
      this.fixedAtS[slot] = unsigned[word + 3]!;
      this.headingCdeg[slot] = halves[half + 8]!;
      this.radiusM[slot] = halves[half + 9]!;
      this.state[slot] = bytes[byte + 20]!;
      this.role[slot] = bytes[byte + 21]!;
      this.batteryPct[slot] = bytes[byte + 22]!;
      this.flags[slot] = bytes[byte + 23]!;
    }
    return header;
  }

  private reserve(wanted: number): void {
    if (wanted <= this.ids.length) return;
    const size = Math.max(1024, 2 ** Math.ceil(Math.log2(wanted)));
    const grown = <T extends { set(from: T): void }>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.ids = grown(new Uint32Array(size), this.ids);
    this.lonE7 = grown(new Int32Array(size), this.lonE7);
    this.latE7 = grown(new Int32Array(size), this.latE7);
    this.x = grown(new Float64Array(size), this.x);
    this.y = grown(new Float64Array(size), this.y);
    this.fixedAtS = grown(new Uint32Array(size), this.fixedAtS);
    this.headingCdeg = grown(new Uint16Array(size), this.headingCdeg);
    this.radiusM = grown(new Uint16Array(size), this.radiusM);
    this.state = grown(new Uint8Array(size), this.state);
    this.role = grown(new Uint8Array(size), this.role);
    this.batteryPct = grown(new Uint8Array(size), this.batteryPct);
    this.flags = grown(new Uint8Array(size), this.flags);
  }
}

function readHeader(frame: ArrayBuffer): FrameHeader {
  if (frame.byteLength < HEADER_BYTES) {
    throw new FrameError(`frame of ${frame.byteLength} bytes has no header of ${HEADER_BYTES}`);
  }
  const view = new DataView(frame);
  const count = view.getUint32(32, true);
  const kind = view.getUint32(36, true);
  if (frame.byteLength !== HEADER_BYTES + count * RECORD_BYTES) {
    throw new FrameError(`frame of ${frame.byteLength} bytes does not hold ${count} records`);
  }
  if (kind > 1) throw new FrameError(`frame kind ${kind} is unknown`);
  return {
    serverNowS: view.getFloat64(0, true),
    judgedBeatS: view.getFloat64(8, true),
    newestFixS: view.getFloat64(16, true),
    count,
    isFull: kind === 0,
  };
}
