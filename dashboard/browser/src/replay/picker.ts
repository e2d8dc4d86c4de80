// Whose track, and when: shown where the address names none, and behind "Change" in the strip.

import { h, React } from "../react.ts";
import { FRESH, writeAddress } from "./address.ts";
import { choices } from "./load.ts";
import type { Choice } from "./model.ts";
import { fullIn, minuteOn, momentOf } from "./times.ts";

export function Picker({ timeZone }: { timeZone: string }) {
  const [found, setFound] = React.useState<{ now_s: number; choices: Choice[] } | null>(null);
  const [trouble, setTrouble] = React.useState("");
  const [wrong, setWrong] = React.useState("");
  const [chosen, setChosen] = React.useState<number[]>([]);
  const [filter, setFilter] = React.useState("");
  const [from, setFrom] = React.useState("");
  const [to, setTo] = React.useState("");
  React.useEffect(() => {
    choices().then(setFound, (error: Error) => setTrouble(error.message));
  }, []);
  if (trouble) return h("p", { role: "alert" }, trouble);
  if (!found) return h("p", { role: "status" }, "Loading the cases");
  if (!found.choices.length) return h("p", { className: "empty" }, "No case is given to you. Ask a supervisor.");

  const wanted = found.choices.filter((each) => `${each.case_code} ${each.serial}`.toLowerCase().includes(filter.toLowerCase()));
  const meant = chosen.length ? found.choices.filter((each) => chosen.includes(each.activation_id)) : wanted.slice(0, 1);
  const ids = [...new Set(meant.map((each) => each.activation_id))];
  const open = (event: React.FormEvent) => {
    event.preventDefault();
    const fromS = from ? momentOf(from, timeZone, found.now_s) : null;
    const toS = to ? momentOf(to, timeZone, found.now_s) : null;
    if ((from && fromS === null) || (to && toS === null)) return setWrong("A moment reads 2026-06-20 03:14, or 03:14 for today.");
    if (fromS !== null && toS !== null && fromS >= toS) return setWrong("From has to be before to.");
    location.assign(`/replay${writeAddress({ ...FRESH, activations: ids, fromS, toS })}`);
  };
  const field = (label: string, value: string, set: (words: string) => void, hint: string) =>
    h(
      "label",
      null,
      label,
      h("input", {
        value,
        placeholder: hint,
        onChange: (event: React.ChangeEvent<HTMLInputElement>) => set(event.target.value),
      }),
    );
  return h(
    "form",
    { className: "replay-picker", onSubmit: open },
    h("h1", null, "Replay a track"),
    h("p", { className: "hint" }, "Tick several to see them on one clock. Without moments it opens the last day that was recorded. Opening one is written down."),
    h(
      "div",
      { className: "replay-picker-row" },
      field("Case or device", filter, setFilter, "0142"),
      field("From", from, setFrom, "2026-06-20 01:30"),
      field("To", to, setTo, "2026-06-20 03:00"),
      h("button", { type: "submit", className: "act act-main", disabled: !ids.length }, ids.length > 1 ? `Open ${ids.length} on one clock` : `Open ${meant[0]?.case_code ?? ""}`),
    ),
    wrong && h("p", { role: "alert", className: "replay-wrong" }, wrong),
    h(
      "ul",
      { className: "replay-choices", "aria-label": `${wanted.length} tracks` },
      ...wanted.map((each) =>
        h(
          "li",
          { key: `${each.case_code}-${each.activation_id}` },
          h(
            "label",
            null,
            h("input", {
              type: "checkbox",
              checked: chosen.includes(each.activation_id),
              onChange: () =>
                setChosen((old) =>
                  old.includes(each.activation_id) ? old.filter((id) => id !== each.activation_id) : [...old, each.activation_id],
                ),
            }),
            h("b", { className: "case-code" }, each.case_code),
            h("span", null, each.serial),
            h("span", { className: "hint", title: wornWords(each, (unixS) => fullIn(timeZone, unixS)) }, wornWords(each, (unixS) => minuteOn(timeZone, unixS))),
          ),
        ),
      ),
    ),
  );
}

function wornWords(choice: Choice, words: (unixS: number) => string): string {
  return choice.to_s === null ? `since ${words(choice.from_s)}` : `${words(choice.from_s)} to ${words(choice.to_s)}`;
}
