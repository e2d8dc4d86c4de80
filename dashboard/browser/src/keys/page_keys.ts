// Keys that a page has beside the room's own, for the sheet that lists them all.

export interface PageKeys {
  title: string;
  lines: readonly { keys: readonly string[]; words: string }[];
}

let listed: PageKeys | null = null;

/** Puts a page's keys on the sheet until the returned function is called. */
export function listKeys(keys: PageKeys): () => void {
  listed = keys;
  return () => {
    if (listed === keys) listed = null;
  };
}

export function listedKeys(): PageKeys | null {
  return listed;
}

const SIGNS: Readonly<Record<string, string>> = {
  " ": "Space",
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Delete: "Del",
};

/** A key as a person reads it: "Shift+←". */
export function keySigns(key: string): string {
  return (
    key
      .split("+")
      .map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
      .join("+") || "+"
  );
}
