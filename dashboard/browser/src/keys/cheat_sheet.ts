// Every key, printed from the table that binds them, and changed here: each person has their own.

import { h, React } from "../react.ts";
import { hasLetters, keepKeys, ownKeys } from "./bind.ts";
import { Dialog } from "./dialog.ts";
import { canChange, type KeyAction, type KeyEntry, KEYS, keysOf, keyWords, screensHere, whyNot } from "./keymap.ts";
import { keySigns, listedKeys } from "./page_keys.ts";

/** Each with the part of a page it is about: where that is missing its keys do nothing. */
const GROUPS: readonly [KeyEntry["group"], string, string][] = [
  ["alerts", "Alerts", "[data-alert-list], #drawer-region"],
  ["map", "Map", ".vigil-map"],
  ["everywhere", "Everywhere", "body"],
];

export function CheatSheet({ close }: { close: () => void }) {
  const [isOn, setOn] = React.useState(hasLetters());
  const [isChanging, setChanging] = React.useState(false);
  const [asked, setAsked] = React.useState<KeyAction | null>(null);
  const [words, setWords] = React.useState("");
  const take = (entry: KeyEntry, event: React.KeyboardEvent) => {
    if (asked !== entry.action || ["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return setAsked(null);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const refusal = whyNot(entry, key);
    setWords(refusal ?? `${keyName(key)} does it now: ${entry.words}.`);
    if (refusal) return;
    keepKeys({ keys: { ...ownKeys(), [entry.action]: key } });
    setAsked(null);
  };
  const line = (entry: KeyEntry) => [
    h(
      "dt",
      { key: entry.action },
      isChanging && canChange(entry)
        ? h(
            "button",
            {
              type: "button",
              className: "vigil-keys-change",
              "aria-label": `${entry.words}: ${asked === entry.action ? "press the new key" : `change ${keyWords(entry).join(", ")}`}`,
              onClick: () => (setAsked(entry.action), setWords("")),
              onBlur: () => setAsked(null),
              onKeyDown: (event: React.KeyboardEvent) => take(entry, event),
            },
            asked === entry.action ? "press a key" : keysOf(entry).map(sign),
          )
        : keysOf(entry).map(sign),
    ),
    h("dd", { key: `${entry.action}-words` }, entry.words),
  ];
  const page = listedKeys();
  return h(
    Dialog,
    { label: "Keys", className: "vigil-keys", close },
    h(
      "header",
      null,
      h("h2", null, "Keys"),
      h(
        "button",
        { type: "button", className: "act", "aria-pressed": isChanging, onClick: () => (setChanging(!isChanging), setWords("")) },
        isChanging ? "Done" : "Change keys",
      ),
      isChanging &&
        h(
          "button",
          { type: "button", className: "act", onClick: () => (keepKeys({ keys: {} }), setWords("All keys are as they were at first.")) },
          "All as at first",
        ),
      h("button", { type: "button", className: "act", onClick: close }, "Close", h("kbd", null, "Esc")),
    ),
    h("p", { className: "vigil-keys-said", role: "status" }, words),
    h(
      "div",
      { className: isOn ? "vigil-keys-groups" : "vigil-keys-groups is-off" },
      page &&
        h(
          "section",
          { key: "page" },
          h("h3", null, page.title),
          h(
            "dl",
            null,
            ...page.lines.flatMap(({ keys, words }) => [
              h("dt", { key: words }, ...keys.map(sign)),
              h("dd", { key: `${words}-words` }, words),
            ]),
          ),
        ),
      ...GROUPS.filter(([, , part]) => document.querySelector(part)).map(([group, title]) =>
        h(
          "section",
          { key: group },
          h("h3", null, title),
          h("dl", null, ...KEYS.filter((entry) => entry.group === group).flatMap(line)),
        ),
      ),
      h(
        "section",
        { key: "screens" },
        h("h3", null, "Screens"),
        h(
          "dl",
          null,
          ...screensHere().flatMap(({ letter, words }) => [
            h("dt", { key: letter }, sign(goKey()), sign(letter)),
            h("dd", { key: `${letter}-words` }, words),
          ]),
        ),
      ),
    ),
    h(
      "label",
      { className: "vigil-keys-letters" },
      h("input", {
        type: "checkbox",
        checked: isOn,
        onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
          keepKeys({ letters: event.target.checked });
          setOn(event.target.checked);
          setWords(event.target.checked ? "Single letters act again." : "Single letters do nothing now, not even ?. Ctrl+K and then “this list” lead back here.");
        },
      }),
      " Single letters act (Ctrl+K, F6 and Esc always do). Kept for you, on every screen.",
    ),
  );
}

/** A key as it is printed; a single one by itself can be switched off. */
function sign(key: string) {
  return h("kbd", { key, className: key.length === 1 ? "is-letter" : undefined }, keySigns(key));
}

/** The key before a screen's letter, as this person has it. */
function goKey(): string {
  return keysOf(KEYS.find((entry) => entry.action === "go")!)[0]!;
}

function keyName(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key;
}
