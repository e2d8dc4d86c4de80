// A row of tabs with one stop for the Tab key; the arrow keys go from one to the next.

import { h, React } from "../react.ts";

export interface TabsGiven<Name extends string> {
  label: string;
  tabs: readonly (readonly [name: Name, words: React.ReactNode])[];
  now: Name;
  give: (name: Name) => void;
}

export function Tabs<Name extends string>({ label, tabs, now, give }: TabsGiven<Name>) {
  const row = React.useRef<HTMLDivElement>(null);
  const press = (event: React.KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (tabs.findIndex(([name]) => name === now) + step + tabs.length) % tabs.length;
    give(tabs[at]![0]);
    row.current?.querySelectorAll("button")[at]?.focus();
  };
  return h(
    "div",
    { ref: row, className: "studio-tabs", role: "tablist", "aria-label": label, onKeyDown: press },
    ...tabs.map(([name, words]) => h("button", { key: name, type: "button", role: "tab", tabIndex: name === now ? 0 : -1, "aria-selected": name === now, onClick: () => give(name) }, words)),
  );
}
