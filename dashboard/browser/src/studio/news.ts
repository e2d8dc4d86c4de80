// What the live socket says that concerns an open studio.

import { liveFeed } from "../live/feed.ts";

export interface NewsEars {
  draftId(): number | null;
  /** The draft was saved, by somebody or by us, and has this revision now. */
  saved(revision: number): void;
  zones(): void;
  /** The link is up again: what was said meanwhile was said to nobody. */
  back(): void;
}

/** Listens until the returned function is called. */
export function onNews(ears: NewsEars): () => void {
  const feed = liveFeed();
  let wasCutOff = false;
  const stops = [
    feed.on("drafts", () => {
      const news = feed.lastDrafts.drafts.find(({ draft_id }) => draft_id === ears.draftId());
      if (news) ears.saved(news.revision);
    }),
    feed.on("changed", () => feed.lastChanged.includes("zones") && ears.zones()),
    feed.on("link", () => {
      if (feed.isLinked && wasCutOff) ears.back();
      wasCutOff = !feed.isLinked;
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
