// How wide the panes of the desk are. Pure: sizes in, sizes out.

export type Side = "left" | "right" | "strip";

export interface Panes {
  left?: number;
  right?: number;
  strip?: number;
  leftFolded?: boolean;
  rightFolded?: boolean;
  stripFolded?: boolean;
}

/** The map is what a desk is for: so much of it always stays. */
export const MAP_LEAST_PX = 360;
const LEAST_PX: Record<Side, number> = { left: 280, right: 320, strip: 96 };

/** One pixel more or less than what a hand or an arrow key asks for. */
export const STEP_PX = 16;

export interface Room {
  width: number;
  height: number;
  left: number;
  right: number;
  strip: number;
}

export function least(side: Side): number {
  return LEAST_PX[side];
}

/** The most this pane may take of what the others leave. */
export function most(side: Side, room: Room): number {
  const rest =
    side === "strip"
      ? room.height * 0.6
      : room.width - MAP_LEAST_PX - (side === "left" ? room.right : room.left);
  return Math.max(LEAST_PX[side], Math.floor(rest));
}

export function resized(panes: Panes, side: Side, wanted: number, room: Room): Panes {
  const px = Math.round(Math.min(most(side, room), Math.max(LEAST_PX[side], wanted)));
  return { ...panes, [side]: px, [`${side}Folded`]: false };
}

export function folded(panes: Panes, side: Side): Panes {
  const key = `${side}Folded` as const;
  return { ...panes, [key]: !panes[key] };
}

/** Panes are remembered for a person and a size of screen: a laptop is not a wall of desks. */
export function nameFor(width: number, height: number): string {
  return `panes-${width}x${height}`;
}
