// Drafts of one case that follow one order: tried and sent together, for one signature.

import { h, React } from "../react.ts";
import type { DraftLine, ZoneList } from "./answers.ts";
import { api, wordsOf } from "./api.ts";

const DAYS = 90;

interface Order {
  code: string;
  orderRef: string;
  drafts: DraftLine[];
}

/** Those with more than one draft that is being edited: a single one is sent from its own screen. */
export function ordersOf({ zones, drafts }: ZoneList): Order[] {
  const all = [...zones.flatMap(({ case_code, draft }) => (draft ? [{ ...draft, case_code }] : [])), ...drafts];
  const found = new Map<string, Order>();
  for (const draft of all) {
    if (draft.state !== "editing" || !draft.order_ref) continue;
    const key = JSON.stringify([draft.case_code, draft.order_ref]);
    const order = found.get(key) ?? { code: draft.case_code, orderRef: draft.order_ref, drafts: [] };
    order.drafts.push(draft);
    found.set(key, order);
  }
  return [...found.values()].filter(({ drafts }) => drafts.length > 1);
}

export function Orders({ lines, again }: { lines: ZoneList; again: () => void }) {
  const orders = ordersOf(lines);
  if (orders.length === 0) return null;
  return h("section", null, h("h2", null, "Drafts of one order"), ...orders.map((order) => h(Together, { key: `${order.code} ${order.orderRef}`, order, again })));
}

function Together({ order, again }: { order: Order; again: () => void }) {
  const [words, setWords] = React.useState("");
  const [isBusy, setBusy] = React.useState(false);
  const { drafts } = order;
  const untried = drafts.filter((each) => !each.is_tried);
  const act = async (what: () => Promise<string>) => {
    setBusy(true);
    try {
      setWords(await what());
    } catch (error) {
      setWords(wordsOf(error));
    }
    setBusy(false);
    again();
  };
  const rehearse = () =>
    act(async () => {
      for (const { draft_id } of untried) await api.rehearse(draft_id, DAYS);
      return `${untried.length} of them are tried on ${DAYS} days now, one after the other.`;
    });
  const send = () =>
    act(async () => {
      await api.sendMany(drafts.map(({ draft_id, revision }) => ({ draft_id, revision })));
      return "";
    });
  return h(
    "div",
    { className: "bar order-bar", role: "group", "aria-label": `Order ${order.orderRef}` },
    h("p", null, h("span", { className: "case-code" }, order.code), ` ${order.orderRef}: ${drafts.length} drafts, ${drafts.length - untried.length} rehearsed as they are now`),
    h("button", { type: "button", className: "act", disabled: isBusy || untried.length === 0, onClick: () => void rehearse() }, "Rehearse all"),
    h("button", { type: "button", className: "act act-main", disabled: isBusy || untried.length > 0, title: untried.length ? "Rehearse them first" : "One signature for all of them", onClick: () => void send() }, `Send ${drafts.length} for one signature`),
    h("p", { className: "hint", role: "status" }, words),
  );
}
