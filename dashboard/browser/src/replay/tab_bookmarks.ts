// Moments somebody kept, each with words, author and the whole view.

import { h, React } from "../react.ts";
import { BOOKMARK_FIELD } from "./acts.ts";
import { useModel } from "./hooks.ts";
import { keepBookmark } from "./load.ts";
import { fullIn, stampIn } from "./times.ts";
import type { TabProps } from "./tabs.ts";

export function BookmarksTab({ model }: TabProps) {
  useModel(model, "data");
  const [words, setWords] = React.useState("");
  const [trouble, setTrouble] = React.useState("");
  const keep = (event: React.FormEvent) => {
    event.preventDefault();
    keepBookmark(model, words).then(
      () => {
        setWords("");
        setTrouble("");
      },
      (error: Error) => setTrouble(error.message),
    );
  };
  return h(
    "div",
    { className: "replay-bookmarks" },
    h(
      "form",
      { onSubmit: keep },
      h("label", { htmlFor: BOOKMARK_FIELD }, "Bookmark this instant"),
      h("textarea", {
        id: BOOKMARK_FIELD,
        value: words,
        rows: 2,
        maxLength: 1000,
        placeholder: "What is to be seen here",
        onChange: (event: React.ChangeEvent<HTMLTextAreaElement>) => setWords(event.target.value),
      }),
      h("button", { type: "submit", className: "act", disabled: !words.trim() }, "Keep"),
      trouble && h("p", { role: "alert" }, trouble),
    ),
    model.bookmarks.length === 0 && h("p", { className: "empty" }, "No bookmark of this track yet."),
    h(
      "ol",
      null,
      ...model.bookmarks.map((mark) =>
        h(
          "li",
          { key: mark.bookmark_id },
          h("a", { href: `/replay${mark.address}`, title: fullIn(model.timeZone, mark.at_s) }, fullIn(model.timeZone, mark.at_s)),
          h("p", null, mark.words),
          h("p", { className: "hint" }, `${mark.author}, ${stampIn(model.timeZone, mark.made_s).day}`),
        ),
      ),
    ),
  );
}
