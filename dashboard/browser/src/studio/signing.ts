// The way from a draft into force: why, which order, whose signature.

import { EXAMPLES } from "../forms/when.ts";
import { WhenField } from "../forms/when_field.ts";
import { h, React } from "../react.ts";
import { drop, rebase, recall } from "./acts.ts";
import { api } from "./api.ts";
import type { Studio } from "./controller.ts";
import { measuresOf } from "./measures.ts";
import { hoursWords, momentOf, wallAt } from "./week.ts";
import { squareMetres } from "./words.ts";

export function SignBar({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const { session } = studio;
  const [asked, setAsked] = React.useState<"activate" | "drop" | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const [isUnread, setUnread] = React.useState(false);
  if (!session) return null;
  const { draft } = session;
  if (draft.state !== "editing") return h(Waiting, { studio, timeZone });
  const errors = studio.checks.filter((check) => check.level === "error");
  const missing = !session.parts.length
    ? "Draw something first."
    : errors.length
      ? errors[0]!.words
      : !session.reason.trim()
        ? "Write the reason."
        : !session.orderRef.trim()
          ? "Write which order it follows."
          : isUnread
            ? `Write when it holds from as ${EXAMPLES.moment}.`
            : "";
  // An emergency does not wait for it.
  const untried = draft.rehearsal?.is_current ? "" : "Rehearse it first (K).";
  const act = async (way: "send" | "activate") => {
    setBusy(true);
    await studio.attempt(async () => {
      await session.flush();
      const given = { revision: session.draft.revision, reason: session.reason.trim(), order_ref: session.orderRef.trim() };
      await api[way](session.draft.draft_id, given);
      studio.open(await api.draft(session.draft.draft_id));
      studio.say(way === "send" ? "Sent. It is in force when another person signs it under Signatures." : "In force for 24 hours. The supervisor is told.");
    });
    setBusy(false);
    setAsked(null);
  };
  const holdFrom = (wall: string | null) => {
    setUnread(wall === null);
    if (wall !== null) session.setField("valid_from", wall ? momentOf(wall, timeZone) : null, "change when it begins");
  };
  return h(
    "form",
    { className: "studio-sign", onSubmit: (event: React.FormEvent) => (event.preventDefault(), void act("send")) },
    h("label", { className: "studio-field studio-reason" }, "Reason", h("input", { id: "studio-reason", value: session.reason, maxLength: 500, autoComplete: "off", disabled: studio.isLocked, onChange: (event: React.ChangeEvent<HTMLInputElement>) => session.setWords("reason", event.target.value) })),
    h("label", { className: "studio-field" }, "Court order reference", h("input", { id: "studio-order", value: session.orderRef, maxLength: 100, autoComplete: "off", disabled: studio.isLocked, onChange: (event: React.ChangeEvent<HTMLInputElement>) => session.setWords("orderRef", event.target.value) })),
    h("label", { className: "studio-field" }, "Holds from (empty: when signed)", h(WhenField, { sort: "moment", label: "Holds from", value: session.fields.valid_from ? wallAt(session.fields.valid_from, timeZone) : "", isOff: studio.isLocked, give: holdFrom })),
    h("button", { type: "submit", className: "act act-main", disabled: isBusy || Boolean(missing || untried) || studio.isLocked || draft.may.send === false, title: missing || untried || "Send for signature (Ctrl+Enter)" }, "Send for signature"),
    h("button", { type: "button", className: "act", disabled: isBusy || Boolean(missing) || studio.isLocked || draft.may.activate === false, onClick: () => setAsked("activate") }, "Emergency"),
    h("button", { type: "button", className: "act act-quiet", disabled: isBusy || studio.isLocked, onClick: () => setAsked("drop") }, "Drop"),
    (missing || untried) && h("span", { className: "hint studio-missing", role: "status" }, missing || untried),
    draft.remark && h("span", { className: "studio-fault" }, `Not signed: ${draft.remark}`),
    draft.is_base_current === false &&
      h("span", { className: "studio-fault" }, "Another version came into force since this draft was begun: compare them. ", h("button", { type: "button", className: "act", onClick: () => void rebase(studio) }, "Go on from it")),
    asked === "activate" &&
      h(
        Sure,
        { label: "Emergency activation", words: "In an emergency you can put this into force alone. It ends by itself after 24 hours unless a second person signs, and the supervisor is told now.", leave: () => setAsked(null) },
        h("button", { type: "button", className: "act act-main", disabled: isBusy, onClick: () => void act("activate") }, "Put into force for 24 hours"),
      ),
    asked === "drop" &&
      h(
        Sure,
        { label: "Drop the draft", words: "The draft is given up: it stays on record, and the zone stays as it is.", leave: () => setAsked(null) },
        h("button", { type: "button", className: "act act-main", onClick: () => void drop(studio) }, "Drop this draft"),
      ),
  );
}

function Sure({ label, words, leave, children }: { label: string; words: string; leave: () => void; children?: React.ReactNode }) {
  const press = (event: React.KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  };
  return h("div", { className: "studio-sure", role: "alertdialog", "aria-label": label, "aria-describedby": "studio-sure-words", onKeyDown: press }, h("p", { id: "studio-sure-words" }, words), children, h("button", { type: "button", className: "act", autoFocus: true, onClick: leave }, "Cancel"));
}

function Waiting({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const { draft } = studio.session!;
  const words = {
    waiting: "Waiting for another person's signature. It cannot be changed meanwhile.",
    due: `Signed. It comes into force on ${draft.valid_from ? wallAt(draft.valid_from, timeZone).replace("T", " at ") : "its day"}.`,
    signed: "Signed: this draft became a version.",
    dropped: "This draft was dropped.",
    editing: "",
  }[draft.state];
  return h(
    "div",
    { className: "studio-sign", role: "status" },
    h("p", null, words),
    draft.may.recall && h("button", { type: "button", className: "act", onClick: () => void recall(studio) }, "Take it back"),
    draft.state === "waiting" && h("a", { className: "act", href: "/signatures" }, "To the signatures"),
    draft.state === "signed" && draft.zone_id && h("a", { className: "act", href: `/zones/${draft.zone_id}` }, "To the zone"),
  );
}

/** Two people drew at once: both are shown, and neither is lost. */
export function ClashBar({ studio }: { studio: Studio }) {
  const { session } = studio;
  const theirs = session?.theirs;
  if (!session || !theirs) return null;
  return h(
    "div",
    { className: "studio-clash", role: "alertdialog", "aria-label": "Two versions" },
    h("p", null, h("strong", null, `${theirs.author} saved revision ${theirs.revision} while you edited ${session.draft.revision}. `), "Both are on the map: yours dashed, theirs as a full line. Nothing was overwritten."),
    h(
      "table",
      null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span", { className: "studio-aside" }, "What")), ...["Yours", "Theirs"].map((name) => h("th", { key: name, scope: "col" }, name)))),
      h(
        "tbody",
        null,
        ...([
          ["Corners", measuresOf(studio).vertices, theirs.measures?.vertices ?? "–"],
          ["Area", squareMetres(measuresOf(studio).areaM2), squareMetres(theirs.measures?.area_m2 ?? 0)],
          ["Buffer", `${session.fields.buffer_m} m`, `${theirs.buffer_m} m`],
          ["Kind", session.fields.kind, theirs.kind],
          ["Hours", hoursWords(session.fields.schedule), hoursWords(theirs.schedule)],
          ["Permissions", session.fields.permissions.length, theirs.permissions.length],
          ["Reason", session.reason || "–", theirs.reason || "–"],
          ["Order", session.orderRef || "–", theirs.order_ref || "–"],
        ] as const)
          .filter(([name, mine, other]) => name === "Corners" || name === "Area" || mine !== other)
          .map(([name, mine, other]) => h("tr", { key: name }, h("th", { scope: "row" }, name), h("td", null, mine), h("td", null, other))),
      ),
    ),
    h("button", { type: "button", className: "act act-main", onClick: () => studio.settle("theirs") }, "Go on from theirs"),
    h("button", { type: "button", className: "act", onClick: () => studio.settle("mine") }, "Go on from mine"),
  );
}
