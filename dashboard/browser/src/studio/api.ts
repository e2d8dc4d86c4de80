// What the studio asks of the server: one function an address.

import type { Kind, Draft, ZoneList, ZonePage, Compare, Rehearsal, Job, Imported, Night, Door, Street } from "./answers.ts";
import { type Position, rounded } from "./geometry.ts";
import { aCircle, type Part } from "./shape.ts";
import type { Schedule } from "./week.ts";

/** Somebody else has saved meanwhile; what they saved comes with it. */
export class Clash extends Error {
  constructor(
    words: string,
    readonly theirs: Draft,
  ) {
    super(words);
  }
}

export class Refusal extends Error {
  constructor(
    words: string,
    readonly status: number,
  ) {
    super(words);
  }
}

const NOT_NOW = "The server does not answer. What you drew stays on this screen; saving is tried again.";

async function ask<Answer>(path: string, body?: object, patienceMs = 20_000): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      headers: { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch {
    throw new Refusal(NOT_NOW, 0);
  }
  const said = (await answer.json().catch(() => ({}))) as { message?: string; theirs?: Draft };
  if (answer.ok) return said as Answer;
  if (answer.status === 409 && said.theirs) throw new Clash(said.message ?? "Somebody saved meanwhile.", whole(said.theirs));
  throw new Refusal(said.message ?? NOT_NOW, answer.status);
}

/** What only the browser needs of a part is not sent to it: a circle's ring, a corridor's none. */
function whole(draft: Draft): Draft {
  return { ...draft, parts: draft.parts.map(wholePart) };
}

export function wholePart(part: Part): Part {
  if (part.how === "circle") return aCircle(part.centre!, part.radius_m!);
  if (part.how === "corridor") return { how: "corridor", line: part.line!, width_m: part.width_m!, rings: [] };
  // Finer than a centimetre is noise, and more than the drawing tool takes.
  return { how: part.how, rings: part.rings.map((ring) => ring.map(rounded)) };
}

/** What the server needs of a part. */
export function sentPart(part: Part): object {
  if (part.how === "circle") return { how: part.how, centre: part.centre, radius_m: part.radius_m };
  if (part.how === "corridor") return { how: part.how, line: part.line, width_m: part.width_m };
  return { how: part.how, rings: part.rings };
}

export const api = {
  zones: () => ask<ZoneList>("/studio/zones.json"),
  zone: async (zoneId: number) => {
    const page = await ask<ZonePage>(`/studio/zones/${zoneId}.json`);
    return { ...page, draft: page.draft && whole(page.draft) };
  },
  draft: async (draftId: number) => whole(await ask<Draft>(`/studio/drafts/${draftId}.json`)),
  newDraft: async (given: object) => whole(await ask<Draft>("/studio/drafts", given)),
  save: async (draftId: number, given: object) => whole(await ask<Draft>(`/studio/drafts/${draftId}/save`, given)),
  newDrafts: async (given: object) => (await ask<{ drafts: Draft[] }>("/studio/drafts/bulk", given, 60_000)).drafts,
  sendMany: (drafts: { draft_id: number; revision: number }[]) => ask<{ approval_id: number }>("/studio/drafts/send-many", { drafts, reason: "", order_ref: "" }, 60_000),
  drop: (draftId: number) => ask<object>(`/studio/drafts/${draftId}/drop`, {}),
  send: (draftId: number, given: object) => ask<{ approval_id?: number }>(`/studio/drafts/${draftId}/send`, given),
  activate: (draftId: number, given: object) => ask<object>(`/studio/drafts/${draftId}/activate`, given, 120_000),
  retire: (zoneId: number, given: object) => ask<{ approval_id: number }>(`/studio/zones/${zoneId}/retire`, given),
  restore: async (versionId: number) => whole(await ask<Draft>(`/studio/versions/${versionId}/restore`, {})),
  upload: async (file: File) => {
    const found = await ask<Imported>("/studio/import", { content: await base64(file) }, 60_000);
    return {
      ...found,
      features: found.features.map((each) => ({
        ...each,
        parts: each.parts.map(wholePart),
        simplified: each.simplified && { ...each.simplified, parts: each.simplified.parts.map(wholePart) },
      })),
    };
  },
  outline: async (draftId: number) => (await ask<{ parts: Part[] }>(`/studio/drafts/${draftId}/outline`, {})).parts.map(wholePart),
  door: (caseId: number) => ask<Door>(`/studio/cases/${caseId}/door.json`),
  setDoor: (caseId: number, place: Position) => ask<object>(`/studio/cases/${caseId}/door`, { place }),
  halo: (draftId: number) => ask<{ p95_m: number | null; fixes?: number }>(`/studio/drafts/${draftId}/halo.json`),
  recall: (draftId: number) => ask<object>(`/studio/drafts/${draftId}/recall`, {}),
  rebase: async (draftId: number, revision: number) => whole(await ask<Draft>(`/studio/drafts/${draftId}/rebase`, { revision })),
  compareDraft: (draftId: number) => ask<Compare>(`/studio/drafts/${draftId}/compare.json`),
  compareVersions: (zoneId: number, older: number, newer: number) => ask<Compare>(`/studio/zones/${zoneId}/compare/${older}/${newer}.json`),
  rehearse: (draftId: number, days: number) => ask<{ job_id: number }>(`/studio/drafts/${draftId}/rehearse`, { days }),
  job: (jobId: number) => ask<Job>(`/studio/jobs/${jobId}.json`),
  cancel: (jobId: number) => ask<object>(`/studio/jobs/${jobId}/cancel`, {}),
  rehearsal: (draftId: number, bufferM?: number) =>
    ask<Rehearsal | null>(`/studio/drafts/${draftId}/rehearsal.json${bufferM === undefined ? "" : `?buffer_m=${bufferM}`}`),
  clockChange: (schedule: Schedule, kind: Kind) => ask<{ nights: Night[] }>("/studio/clock-change", { schedule, kind }),
  // A search is posted: what somebody types may be where she lives, and addresses are logged.
  streets: async (words: string, near: Position | null) =>
    (await ask<{ streets: Street[] }>("/find-street", { words, near })).streets,
  /** Fetches a file, so that a fresh proof can be asked for, and hands it to the browser to keep. */
  file: async (versionId: number, format: string) => {
    const answer = await fetch(`/studio/versions/${versionId}/export`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ format }),
    });
    if (!answer.ok) {
      const said = (await answer.json().catch(() => ({}))) as { message?: string };
      throw new Refusal(said.message ?? "The file was not made.", answer.status);
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `zone-version-${versionId}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  },
};

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 32_768) text += String.fromCharCode(...bytes.subarray(from, from + 32_768));
  return btoa(text);
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong";
}
