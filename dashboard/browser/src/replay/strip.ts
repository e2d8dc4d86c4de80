// The line over the picture that makes it evidence: case, device, dataset, zone versions, period.

import { h } from "../react.ts";
import { useModel } from "./hooks.ts";
import type { ReplayModel } from "./model.ts";
import { fullIn, lastingWords } from "./times.ts";
import { versionsAt, versionWords } from "./zones.ts";

export function Strip({ model }: { model: ReplayModel }) {
  useModel(model, "data", "time");
  const { fromS, toS } = model.view;
  const isOne = model.loaded.length === 1;
  const zones = versionsAt(model.zones, model.nowS()).map((each) => versionWords(each, isOne));
  return h(
    "header",
    { className: "replay-strip" },
    h("b", null, "Replay"),
    ...model.loaded.map(({ about, track }, index) =>
      h(
        "span",
        { key: about.activation_id },
        model.loaded.length > 1 && `${String.fromCharCode(65 + index)} · `,
        "case ",
        h("b", { className: "case-code" }, about.case_codes.join(", ") || "–"),
        ` · ${about.kind} ${about.serial}`,
        about.firmware && ` (fw ${about.firmware})`,
        " · dataset ",
        h("code", { title: `SHA-256 over the ${track.total.toLocaleString("en-GB")} stored fixes: ${track.dataset}` }, track.dataset.slice(0, 12)),
        ` · ${track.total.toLocaleString("en-GB")} fixes`,
        track.count < track.total &&
          h("span", { title: "Too many to be seen apart: a shorter period draws every one" }, `, ${track.count.toLocaleString("en-GB")} drawn`),
      ),
    ),
    h("span", { className: "replay-strip-zones" }, zones.length ? zones.join(", ") : "no zone in force"),
    fromS !== null &&
      toS !== null &&
      h("span", { title: `${fullIn(model.timeZone, fromS)} to ${fullIn(model.timeZone, toS)}` }, `period of ${lastingWords(toS - fromS)}`),
    h("a", { href: "/replay" }, "Change"),
  );
}
