// The hash under which an answer is named on paper.

/** SHA-256, hexadecimal; empty where this browser may not compute one. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  // Only a page over TLS, or on this machine, may compute one.
  if (!globalThis.crypto?.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
