// The columns of the store as records for the graphics card: calm tags apart from those that must
// lie on top, places relative to an origin near them. In plain mercator a 32-bit number steps by
// two metres.

import { type TagStore, UNKNOWN_HEADING } from "../live/tags.ts";
import type { Column } from "./gl.ts";

/** x, y, heading: three floats; state, role, flags, is selected: four bytes. */
export const TAG_STRIDE = 16;
export const TAG_COLUMNS: readonly Column[] = [
  { at: 1, size: 2, offset: 0 },
  { at: 2, size: 1, offset: 8 },
  { at: 3, size: 4, offset: 12, isBytes: true },
];

/** Bits of the flags beside the server's own, of which bit 0 says coarse. */
export const FAINT_BIT = 2;
export const STALE_BIT = 4;

/** What decides how a mark is drawn, besides its own columns. */
export interface Looks {
  selectedId: number | null;
  nowS: number;
  /** Age from which each row is stale. */
  limits: Float32Array;
  /** These keep their full colour, all others are faint; null: nobody is faint. */
  lit: ReadonlySet<number> | null;
}

/** In mercator units, about 800 km: past it the origin is moved to keep places exact. */
const ORIGIN_REACH = 0.02;

export class TagRecords {
  originX = 0;
  originY = 0;
  calmCount = 0;
  urgentCount = 0;
  private calm = new ArrayBuffer(0);
  private urgent = new ArrayBuffer(0);

  get calmBytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.calm, 0, this.calmCount * TAG_STRIDE);
  }

  get urgentBytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.urgent, 0, this.urgentCount * TAG_STRIDE);
  }

  fill(tags: TagStore, { selectedId, nowS, limits, lit }: Looks): void {
    if (this.calm.byteLength < tags.count * TAG_STRIDE) {
      this.calm = new ArrayBuffer(tags.ids.length * TAG_STRIDE);
      this.urgent = new ArrayBuffer(tags.ids.length * TAG_STRIDE);
    }
    this.moveOrigin(tags, selectedId);
    const calmFloats = new Float32Array(this.calm);
    const calmBytes = new Uint8Array(this.calm);
    const urgentFloats = new Float32Array(this.urgent);
    const urgentBytes = new Uint8Array(this.urgent);
    const { x, y, fixedAtS, headingCdeg, state, role, flags, ids } = tags;
    const { originX, originY } = this;
    const selected = selectedId ?? -1;
    let calmCount = 0;
    let urgentCount = 0;
    for (let slot = 0; slot < tags.count; slot++) {
      const isSelected = ids[slot] === selected;
      const isUrgent = isSelected || state[slot]! > 0;
      const record = isUrgent ? urgentCount++ : calmCount++;
      const floats = isUrgent ? urgentFloats : calmFloats;
      const bytes = isUrgent ? urgentBytes : calmBytes;
      const float = record * (TAG_STRIDE / 4);
      const byte = record * TAG_STRIDE + 12;
      const heading = headingCdeg[slot]!;
      floats[float] = x[slot]! - originX;
      floats[float + 1] = y[slot]! - originY;
      floats[float + 2] = heading === UNKNOWN_HEADING ? -1 : heading * (Math.PI / 18000);
      bytes[byte] = state[slot]!;
      bytes[byte + 1] = role[slot]!;
      const isStale = nowS - fixedAtS[slot]! > limits[slot]!;
      const isFaint = lit !== null && !isSelected && !lit.has(ids[slot]!);
      bytes[byte + 2] = (flags[slot]! & 1) | (isFaint ? FAINT_BIT : 0) | (isStale ? STALE_BIT : 0);
      bytes[byte + 3] = isSelected ? 1 : 0;
    }
    this.calmCount = calmCount;
    this.urgentCount = urgentCount;
  }

  private moveOrigin(tags: TagStore, selectedId: number | null): void {
    if (tags.count === 0) return;
    const at = selectedId === null ? 0 : Math.max(0, tags.slotOf(selectedId));
    const x = tags.x[at]!;
    const y = tags.y[at]!;
    if (Math.abs(x - this.originX) > ORIGIN_REACH || Math.abs(y - this.originY) > ORIGIN_REACH) {
      this.originX = x;
      this.originY = y;
    }
  }
}
