// The strip that opens before anything leaves the room or is put aside: one sentence, and Enter.

import { h, React } from "../react.ts";

export interface Ask {
  /** What is about to happen, as a sentence. */
  words: string;
  /** The word on the button that does it. */
  go: string;
  /** A reason or note is asked for: its label; and whether it may be empty. */
  label?: string;
  isOptional?: boolean;
  /** Minutes to choose from. */
  minutes?: number[];
  answer(given: { text: string; minutes: number }): Promise<void>;
}

export function Strip({ ask, close }: { ask: Ask; close: () => void }) {
  const [text, setText] = React.useState("");
  const [minutes, setMinutes] = React.useState(ask.minutes?.[1] ?? ask.minutes?.[0] ?? 0);
  const [isSending, setSending] = React.useState(false);
  const first = React.useRef<HTMLElement | null>(null);
  // Enter sends: the focus waits on the button, or in the field whose form the button ends.
  React.useEffect(() => first.current?.focus(), []);
  const hold = (element: HTMLElement | null): void => {
    first.current = element;
  };
  const isReady = !ask.label || ask.isOptional || text.trim() !== "";
  const send = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!isReady || isSending) return;
    setSending(true);
    await ask.answer({ text, minutes });
    close();
  };
  return h(
    "form",
    {
      className: "vigil-strip",
      onSubmit: (event: React.FormEvent) => void send(event),
      onKeyDown: (event: React.KeyboardEvent) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        close();
      },
    },
    h("p", { className: "vigil-strip-words" }, ask.words),
    ask.minutes &&
      h(
        "fieldset",
        null,
        h("legend", null, "For how long"),
        ...ask.minutes.map((choice) =>
          h(
            "label",
            { key: choice },
            h("input", {
              type: "radio",
              name: "minutes",
              checked: minutes === choice,
              onChange: () => setMinutes(choice),
            }),
            ` ${choice} min`,
          ),
        ),
      ),
    ask.label &&
      h(
        "label",
        { className: "vigil-strip-field" },
        ask.label,
        h("input", {
          ref: hold,
          type: "text",
          maxLength: 2000,
          autoComplete: "off",
          value: text,
          onChange: (event: React.ChangeEvent<HTMLInputElement>) => setText(event.target.value),
        }),
      ),
    h(
      "div",
      { className: "vigil-strip-buttons" },
      h(
        "button",
        {
          type: "submit",
          className: "act act-main",
          disabled: !isReady || isSending,
          ref: ask.label ? undefined : hold,
        },
        ask.go,
        h("kbd", null, "Enter"),
      ),
      h("button", { type: "button", className: "act", onClick: close }, "Cancel", h("kbd", null, "Esc")),
    ),
  );
}
