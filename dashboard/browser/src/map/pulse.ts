// One ring that says "here", once; a selection that is in view already moves no map.

/** Where motion is not wanted the ring stands still and goes after the same time. */
const SHOWN_MS = 1_200;

export function pulseAt(container: HTMLElement, x: number, y: number): void {
  const ring = document.createElement("span");
  ring.className = "vigil-pulse";
  ring.style.left = `${x}px`;
  ring.style.top = `${y}px`;
  container.append(ring);
  setTimeout(() => ring.remove(), SHOWN_MS);
}
