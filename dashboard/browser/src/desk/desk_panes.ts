// The separators between the panes: dragged, moved by arrow keys, folded, and put back in one key.

import { onKey } from "../keys/bind.ts";
import { type DashProps, h, React } from "../react.ts";
import { keepChoice } from "./choices.ts";
import { folded, least, most, nameFor, type Panes, resized, type Room, type Side, STEP_PX } from "./panes.ts";

export interface DeskPanesProps extends DashProps<DeskPanesProps> {
  /** All panes this person has chosen, by screen size. */
  chosen?: Record<string, Panes>;
  /** The elements: whose children the panes are, and each pane. */
  regions: Record<Side | "desk", string>;
}

const SIDES: readonly [Side, string][] = [
  ["left", "Width of the queue"],
  ["right", "Width of the case"],
  ["strip", "Height of the last hour"],
];
const SAVE_AFTER_MS = 600;

export function DeskPanes(props: DeskPanesProps) {
  const name = nameFor(screen.width, screen.height);
  const [panes, setPanes] = React.useState<Panes>(() => props.chosen?.[name] ?? {});
  const newest = React.useRef(panes);
  newest.current = panes;
  const saving = React.useRef<ReturnType<typeof setTimeout>>();
  const element = (part: Side | "desk") => document.getElementById(props.regions[part]);

  const change = (next: Panes) => {
    setPanes(next);
    clearTimeout(saving.current);
    saving.current = setTimeout(() => keepChoice(name, next), SAVE_AFTER_MS);
  };
  React.useLayoutEffect(() => {
    const desk = element("desk");
    if (!desk) return;
    for (const [side] of SIDES) {
      const px = panes[side];
      if (px === undefined) desk.style.removeProperty(`--${side}`);
      else desk.style.setProperty(`--${side}`, `${px}px`);
      const pane = element(side);
      const isFolded = panes[`${side}Folded`] === true;
      if (pane && isFolded && pane.contains(document.activeElement)) desk.querySelector<HTMLElement>(".map")?.focus();
      pane?.toggleAttribute("data-folded", isFolded);
    }
    window.dispatchEvent(new Event("resize"));
  }, [panes]);
  React.useEffect(
    () =>
      onKey((action) => {
        const side = action === "fold-left" ? "left" : action === "fold-right" ? "right" : null;
        if (side) change(folded(newest.current, side));
        else if (action === "reset-panes") change({});
        else return false;
        return true;
      }),
    [],
  );

  /** What there is to share out, as it is drawn now. */
  const room = (): Room => {
    // On screen, not in the pane's own pixels: a fine screen enlarges what is in it.
    const size = (part: Side, way: "width" | "height") => element(part)?.getBoundingClientRect()[way] ?? 0;
    const desk = element("desk")!.getBoundingClientRect();
    return {
      width: desk.width,
      height: desk.height,
      left: size("left", "width"),
      right: size("right", "width"),
      strip: size("strip", "height"),
    };
  };
  const set = (side: Side, wanted: number) => change(resized(newest.current, side, wanted, room()));
  const drag = (side: Side, event: React.PointerEvent) => {
    const desk = element("desk")!.getBoundingClientRect();
    if (side === "left") set(side, event.clientX - desk.left);
    else if (side === "right") set(side, desk.right - event.clientX);
    else set(side, desk.bottom - event.clientY);
  };
  const byKey = (side: Side, event: React.KeyboardEvent) => {
    const size = room()[side];
    const step = STEP_PX * (event.shiftKey ? 4 : 1);
    const grows = { left: "ArrowRight", right: "ArrowLeft", strip: "ArrowUp" }[side];
    const shrinks = { left: "ArrowLeft", right: "ArrowRight", strip: "ArrowDown" }[side];
    if (event.key === grows) set(side, size + step);
    else if (event.key === shrinks) set(side, size - step);
    else if (event.key === "Home") set(side, least(side));
    else if (event.key === "End") set(side, most(side, room()));
    else if (event.key === "Enter" || event.key === " ") change(folded(newest.current, side));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return h(
    React.Fragment,
    null,
    ...SIDES.map(([side, label]) => {
      const isFolded = panes[`${side}Folded`] === true;
      return h("div", {
        key: side,
        className: `desk-separator is-${side} ${isFolded ? "is-folded" : ""}`,
        role: "separator",
        tabIndex: 0,
        title: isFolded ? "Enter or a double click opens this pane" : "Drag, or arrow keys. Enter or a double click folds.",
        "aria-label": label,
        "aria-orientation": side === "strip" ? "horizontal" : "vertical",
        "aria-controls": props.regions[side],
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-valuenow": isFolded ? 0 : shareOf(side, panes),
        onKeyDown: (event: React.KeyboardEvent) => byKey(side, event),
        onDoubleClick: () => change(folded(newest.current, side)),
        onPointerDown: (event: React.PointerEvent) => {
          if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
        },
        onPointerMove: (event: React.PointerEvent) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId) && event.buttons === 1 && moved(event)) drag(side, event);
        },
      });
    }),
  );
}

/** A double click trembles; only what moves is a drag. */
function moved(event: React.PointerEvent): boolean {
  return Math.abs(event.movementX) + Math.abs(event.movementY) > 0;
}

/** Of the screen, in percent, for who hears the separator rather than sees it. */
function shareOf(side: Side, panes: Panes): number {
  const px = panes[side];
  if (px === undefined) return 20;
  return Math.round((100 * px) / (side === "strip" ? innerHeight : innerWidth));
}
