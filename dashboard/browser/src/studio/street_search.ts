// A street by its name, from our own map: never a house, never an outside service.

import { h, React } from "../react.ts";
import type { Street } from "./answers.ts";
import { api, wordsOf } from "./api.ts";
import type { Position } from "./geometry.ts";

const TYPING_MS = 150;

export function StreetSearch({ near, chosen, pick }: { near: () => Position | null; chosen: Street | null; pick: (street: Street | null) => void }) {
  const [typed, setTyped] = React.useState("");
  const [streets, setStreets] = React.useState<Street[]>([]);
  const [words, setWords] = React.useState("");
  React.useEffect(() => {
    setWords("");
    if (typed.trim().length < 2) return setStreets([]);
    let isOver = false;
    const timer = setTimeout(() => {
      api.streets(typed, near()).then(
        (found) => {
          if (isOver) return;
          setStreets(found);
          setWords(found.length ? "" : `No street begins with "${typed.trim()}" on this map.`);
        },
        (error) => !isOver && setWords(wordsOf(error)),
      );
    }, TYPING_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [typed]);
  return h(
    React.Fragment,
    null,
    h("label", { className: "studio-field" }, "Street, a house number is left out", h("input", { autoFocus: true, value: typed, maxLength: 100, autoComplete: "off", spellCheck: false, onChange: (event: React.ChangeEvent<HTMLInputElement>) => (setTyped(event.target.value), pick(null)) })),
    h(
      "ul",
      { className: "studio-found", "aria-label": "Streets found" },
      ...streets.map((street) =>
        h("li", { key: `${street.name}${street.lon}${street.lat}` }, h("button", { type: "button", "aria-pressed": street === chosen, onClick: () => pick(street) }, street.name, h("span", { className: "hint" }, street.source))),
      ),
    ),
    words && h("p", { className: "hint", role: "status" }, words),
  );
}
