// The viewing-distance wizard: two numbers in, two test lines out, as large as the wall will be.

import { type DashProps, h, React } from "../react.ts";
import { pitchOf, savedScreen, saveScreen } from "./keep_screen.ts";
import { COUNT_ARCMIN, DEFAULT_SCREEN, fontPx, isPossible, LEAST, MOST, READ_ARCMIN, type Screen } from "./screen.ts";

export interface WallSetUpProps extends DashProps<WallSetUpProps> {
  time_zone?: string;
  /** Where the wall is. */
  wall?: string;
}

export function WallSetUp(props: WallSetUpProps) {
  const [screen, setScreen] = React.useState<Screen>(() => savedScreen() ?? DEFAULT_SCREEN);
  const isGood = isPossible(screen);
  const pitch = pitchOf(isGood ? screen.inches : DEFAULT_SCREEN.inches);
  const px = (arcmin: number) => fontPx(arcmin, isGood ? screen.metres : DEFAULT_SCREEN.metres, pitch);
  const readPx = px(READ_ARCMIN);
  const lines = Math.floor(window.screen.height / readPx);
  const keep = (event: React.FormEvent) => {
    event.preventDefault();
    if (!isGood) return;
    saveScreen(screen);
    location.assign(props.wall ?? "/wall");
  };
  const number = (name: "inches" | "metres", label: string, step: number) =>
    h(
      "label",
      null,
      label,
      h("input", {
        type: "number",
        required: true,
        min: LEAST[name],
        max: MOST[name],
        step,
        value: Number.isNaN(screen[name]) ? "" : screen[name],
        onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
          setScreen({ ...screen, [name]: event.target.valueAsNumber }),
      }),
    );
  const time = (name: "lightFrom" | "lightTo", label: string) =>
    h(
      "label",
      null,
      label,
      h("input", {
        // Not type="time": that would print by the browser's own habits, and ask for AM or PM.
        type: "text",
        inputMode: "numeric",
        placeholder: "07:00",
        pattern: "([01][0-9]|2[0-3]):[0-5][0-9]",
        title: "Hours and minutes, such as 07:00",
        required: true,
        value: screen[name],
        onChange: (event: React.ChangeEvent<HTMLInputElement>) => setScreen({ ...screen, [name]: event.target.value }),
      }),
    );
  return h(
    "form",
    { id: props.id, className: "vigil-wall-set-up", onSubmit: keep },
    h("h1", null, "This wall"),
    h(
      "fieldset",
      null,
      h("legend", null, "Its size, and who sits furthest from it"),
      number("inches", "Screen, inches across the diagonal", 0.5),
      number("metres", "Distance of the furthest seat, metres", 0.1),
    ),
    h(
      "fieldset",
      null,
      h("legend", null, `When the room is light (${props.time_zone ?? "UTC"}); the same time twice: never`),
      time("lightFrom", "Day colours from"),
      time("lightTo", "until"),
    ),
    h(
      "div",
      { className: "vigil-wall-test", role: "img", "aria-label": "Two lines in the sizes this wall will have" },
      h("p", { style: { fontSize: px(COUNT_ARCMIN) } }, `3 open ${Math.round(px(COUNT_ARCMIN))} px`),
      h("p", { style: { fontSize: readPx } }, `0142 01:24 ${Math.round(readPx)} px`),
    ),
    h(
      "p",
      null,
      isGood
        ? `Go and sit there. If you read both lines without effort, keep them. The wall will have room for about ${lines} lines.`
        : `Inches from ${LEAST.inches} to ${MOST.inches}, metres from ${LEAST.metres} to ${MOST.metres}.`,
    ),
    h("button", { type: "submit", className: "act act-main", disabled: !isGood }, "Keep, and show the wall"),
  );
}
