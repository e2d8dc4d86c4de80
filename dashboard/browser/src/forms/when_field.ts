// A field for a day, a moment or a time. Not the browser's own: that prints by the browser's
// language, where 06/07 may be June or July and the afternoon is PM.

import { h, React } from "../react.ts";
import { EXAMPLES, shown, type Sort, written } from "./when.ts";

interface WhenFieldProps {
  sort: Sort;
  /** Its name for a screen reader, and in the sentence that says what is wrong. */
  label: string;
  /** As `written` gives it; null leaves what is typed as it stands. */
  value: string | null;
  /** Called with null while what is typed is no such thing. */
  give(value: string | null): void;
  isOff?: boolean;
}

export function WhenField({ sort, label, value, give, isOff }: WhenFieldProps) {
  const [words, setWords] = React.useState(shown(value ?? ""));
  const [isLeft, setLeft] = React.useState(true);
  const box = React.useRef<HTMLInputElement>(null);
  const id = React.useId();
  const isWrong = written(sort, words) === null;
  const trouble = `${label}: write it as ${EXAMPLES[sort]}.`;
  React.useEffect(() => {
    if (value !== null && written(sort, words) !== value) setWords(shown(value));
  }, [value]);
  // A form is not sent with what nobody can read.
  React.useEffect(() => box.current?.setCustomValidity(isWrong ? trouble : ""), [isWrong, trouble]);
  const type = (event: React.ChangeEvent<HTMLInputElement>) => {
    setWords(event.target.value);
    give(written(sort, event.target.value));
  };
  // While somebody is still writing it is not wrong yet.
  const isSaid = isWrong && isLeft;
  return h(
    "span",
    { className: "when-field" },
    h("input", {
      ref: box,
      type: "text",
      value: words,
      size: EXAMPLES[sort].length,
      maxLength: EXAMPLES[sort].length,
      placeholder: EXAMPLES[sort],
      autoComplete: "off",
      disabled: isOff,
      "aria-label": label,
      "aria-invalid": isSaid || undefined,
      "aria-describedby": isSaid ? id : undefined,
      onChange: type,
      onFocus: () => setLeft(false),
      onBlur: () => setLeft(true),
    }),
    isSaid && h("span", { id, className: "when-field-wrong", role: "alert" }, trouble),
  );
}
