// What is asked of the server for the zone that is open, beside saving it.

import { api } from "./api.ts";
import type { Studio } from "./controller.ts";

/** An active zone opens locked; this begins a draft of its next version. */
export async function edit(studio: Studio): Promise<void> {
  await studio.attempt(async () => {
    studio.open(await api.newDraft({ zone_id: studio.page!.zone.zone_id }));
    studio.say("Nothing of this is in force until a second person signs it.");
  });
}

/** Gives the draft up. It stays on record; the zone is as it was. */
export async function drop(studio: Studio): Promise<void> {
  const { draft } = studio.session!;
  if (await studio.attempt(async () => void (await api.drop(draft.draft_id)))) location.assign(draft.zone_id ? `/zones/${draft.zone_id}` : "/zones");
}

/** Takes a draft that waits for a signature back into work. */
export async function recall(studio: Studio): Promise<void> {
  await studio.attempt(async () => {
    const draftId = studio.session!.draft.draft_id;
    await api.recall(draftId);
    studio.open(await api.draft(draftId));
  });
}

/** Goes on from the version that came into force meanwhile, now that both were seen. */
export async function rebase(studio: Studio): Promise<void> {
  await studio.attempt(async () => {
    const { draft_id, revision } = studio.session!.draft;
    studio.open(await api.rebase(draft_id, revision));
  });
}

export async function restore(studio: Studio, versionId: number): Promise<void> {
  await studio.attempt(async () => {
    studio.open(await api.restore(versionId));
    studio.say("Restored as a draft. What is in force stays in force.");
  });
}

/** Keeps her door where the middle of the map is. */
export async function setDoor(studio: Studio): Promise<void> {
  const { session } = studio;
  if (!session) return;
  await studio.attempt(async () => {
    await api.setDoor(session.draft.case_id, studio.view.middle);
    await studio.askDoor(session.draft.case_id);
    await studio.refresh();
    studio.say("Her door is kept. The checks count with it.");
  });
}

/** The irregular outline that the leak check offers. */
export async function offset(studio: Studio): Promise<void> {
  const { session } = studio;
  if (!session || studio.isLocked) return;
  await studio.attempt(async () => {
    await session.flush();
    if (studio.hand.setParts(await api.outline(session.draft.draft_id), "take an irregular outline")) studio.view.fit();
  });
}
