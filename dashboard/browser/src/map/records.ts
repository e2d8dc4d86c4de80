// The columns of the store as records for the graphics card: calm tags apart from those that must
// lie on top, places relative to an origin near them. In plain mercator a 32-bit number steps by
// two metres.

import { type TagStore, UNKNOWN_HEADING } from "../live/tags.ts";
import type { Column } from "./gl.ts";

/** x, y, fixed at, heading: four floats; state, role, flags, is selected: four bytes. */
export const TAG_STRIDE = 20;
export const TAG_COLUMNS: readonly Column[] = [
  { at: 1, size: 2, offset: 0 },
  { at: 2, size: 1, offset: 8 },
  { at: 3, size: 1, offset: 12 },
  { at: 4, size: 4, offset: 16, isBytes: true },
];

/** In mercator units, about 800 km: past it the origin is moved to keep places exact. */
const ORIGIN_REACH = 0.02;
/** A 32-bit number holds whole unix seconds only to two minutes, so they are counted from near now. */
const EPOCH_REACH_S = 1_000_000;

export class TagRecords {
  originX = 0;
  originY = 0;
  epochS = 0;
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

  fill(tags: TagStore, selectedId: number | null, nowS: number): void {
    if (this.calm.byteLength < tags.count * TAG_STRIDE) {
      this.calm = new ArrayBuffer(tags.ids.length * TAG_STRIDE);
      this.urgent = new ArrayBuffer(tags.ids.length * TAG_STRIDE);
    }
    this.moveOrigin(tags, selectedId, nowS);
    const calmFloats = new Float32Array(this.calm);
    const calmBytes = new Uint8Array(this.calm);
    const urgentFloats = new Float32Array(this.urgent);
    const urgentBytes = new Uint8Array(this.urgent);
    const { x, y, fixedAtS, headingCdeg, state, role, flags, ids } = tags;
    const { originX, originY, epochS } = this;
    const selected = selectedId ?? -1;
    let calmCount = 0;
    let urgentCount = 0;
    for (let slot = 0; slot < tags.count; slot++) {
      const isSelected = ids[slot] === selected;
      const isUrgent = isSelected || state[slot]! > 0;
      const record = isUrgent ? urgentCount++ : calmCount++;
      const floats = isUrgent ? urgentFloats : calmFloats;
      const bytes = isUrgent ? urgentBytes : calmBytes;
      const float = record * 5;
      const byte = record * TAG_STRIDE + 16;
      const heading = headingCdeg[slot]!;
      floats[float] = x[slot]! - originX;
      floats[float + 1] = y[slot]! - originY;
      floats[float + 2] = fixedAtS[slot]! - epochS;
      floats[float + 3] = heading === UNKNOWN_HEADING ? -1 : heading * (Math.PI / 18000);
      bytes[byte] = state[slot]!;
      bytes[byte + 1] = role[slot]!;
      bytes[byte + 2] = flags[slot]!;
      bytes[byte + 3] = isSelected ? 1 : 0;
    }
    this.calmCount = calmCount;
    this.urgentCount = urgentCount;
  }

  private moveOrigin(tags: TagStore, selectedId: number | null, nowS: number): void {
    if (tags.count === 0) return;
    const at = selectedId === null ? 0 : Math.max(0, tags.slotOf(selectedId));
    const x = tags.x[at]!;
    const y = tags.y[at]!;
    if (Math.abs(x - this.originX) > ORIGIN_REACH || Math.abs(y - this.originY) > ORIGIN_REACH) {
      this.originX = x;
      this.originY = y;
    }
    if (Math.abs(nowS - this.epochS) > EPOCH_REACH_S) this.epochS = Math.floor(nowS);
  }
}
