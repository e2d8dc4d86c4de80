// Ctrl+K: a few letters find an alert, a case, a zone, a street, a page or a command.

import { liveFeed } from "../live/feed.ts";
import { h, React } from "../react.ts";
import { press } from "./bind.ts";
import { type Choice, choicesFor, type Findable, MOST_CHOICES } from "./choices.ts";
import { Dialog } from "./dialog.ts";
import { findOnMap } from "../desk/found.ts";
import { streetsFor } from "./streets.ts";

const STREETS_AFTER_MS = 150;

export function Palette({ close }: { close: () => void }) {
  const [typed, setTyped] = React.useState("");
  const [at, setAt] = React.useState(0);
  const [found, setFound] = React.useState<Findable>(() => ({ alerts: liveFeed().alerts.open(), tags: {}, zones: [] }));
  React.useEffect(() => {
    let isOpen = true;
    void findables().then((more) => isOpen && setFound((before) => ({ ...before, ...more })));
    return () => {
      isOpen = false;
    };
  }, []);
  const [streets, setStreets] = React.useState<Choice[]>([]);
  React.useEffect(() => {
    setStreets([]);
    const stop = new AbortController();
    const timer = setTimeout(() => void streetsFor(typed, stop.signal).then((some) => !stop.signal.aborted && setStreets(some)), STREETS_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [typed]);
  // Streets stand below: a case or a command of that name is nearer at hand.
  const choices = [...choicesFor(typed, found), ...streets].slice(0, MOST_CHOICES);
  const chosen = Math.min(at, choices.length - 1);
  const take = (choice: Choice | undefined) => {
    if (!choice) return;
    close();
    // Only once the dialog is gone has the page its focus back.
    setTimeout(() => follow(choice), 0);
  };
  return h(
    Dialog,
    { label: "Find", className: "vigil-palette", close },
    h("input", {
      type: "text",
      role: "combobox",
      "aria-label": "Find a case, a zone, a street or a command",
      "aria-expanded": true,
      "aria-controls": "palette-choices",
      "aria-activedescendant": choices[chosen] ? `palette-${choices[chosen]!.id}` : undefined,
      placeholder: "Case, zone, street or command",
      autoComplete: "off",
      autoFocus: true,
      value: typed,
      onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
        setTyped(event.target.value);
        setAt(0);
      },
      onKeyDown: (event: React.KeyboardEvent) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) setAt(Math.max(0, Math.min(choices.length - 1, chosen + step)));
        else if (event.key === "Enter") take(choices[chosen]);
        else return;
        event.preventDefault();
      },
    }),
    h(
      "ul",
      { id: "palette-choices", role: "listbox", "aria-label": "Found" },
      ...choices.map((choice, index) =>
        h(
          "li",
          {
            key: choice.id,
            id: `palette-${choice.id}`,
            role: "option",
            "aria-selected": index === chosen,
            onClick: () => take(choice),
          },
          h("span", { className: "case-code" }, choice.words),
          h("span", { className: "hint" }, choice.hint),
        ),
      ),
    ),
    choices.length === 0 && h("p", { className: "hint", role: "status" }, `Nothing is called “${typed}”.`),
  );
}

function follow(choice: Choice): void {
  const feed = liveFeed();
  if (choice.path) location.assign(choice.path);
  else if (choice.action) press(choice.action);
  else if (choice.street) findOnMap(choice.street);
  else if (choice.alertId !== undefined) feed.selectAlert(choice.alertId);
  else {
    const activationId = choice.activationId ?? null;
    const alertId = activationId === null ? null : (feed.alerts.ofTag(activationId)?.alert_id ?? null);
    feed.select({ alertId, activationId, zoneId: choice.zoneId ?? null });
  }
}

interface ZoneFeature {
  id?: number;
  properties?: { role?: string; zone_id?: number; name?: string; case_code?: string };
}

async function findables(): Promise<Partial<Findable>> {
  const [tags, zones] = await Promise.all([read("/layers/tags.json"), read("/layers/zones.geojson")]);
  const features = ((zones as { features?: ZoneFeature[] } | null)?.features ?? []).filter(
    (feature) => feature.properties?.role === "zone",
  );
  return {
    ...(tags ? { tags: tags as Findable["tags"] } : {}),
    zones: features.map((feature) => ({
      zoneId: Number(feature.properties?.zone_id ?? feature.id),
      name: String(feature.properties?.name ?? ""),
      code: String(feature.properties?.case_code ?? ""),
    })),
  };
}

async function read(path: string): Promise<unknown> {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
