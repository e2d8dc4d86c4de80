// What this person chose for themselves, kept by the server: it follows them to any screen.

type Value = Record<string, unknown>;

let asked: Promise<Record<string, Value>> | null = null;

/** All choices by name; asked for once a page. Nothing chosen where the server does not answer. */
export function myChoices(): Promise<Record<string, Value>> {
  // A wall is nobody: it has chosen nothing, and may not ask.
  if (location.pathname.startsWith("/wall")) return Promise.resolve({});
  asked ??= fetch("/my/choices")
    .then((answer) => (answer.ok ? (answer.json() as Promise<Record<string, Value>>) : {}))
    .catch(() => ({}));
  return asked;
}

/** Keeps a choice. It holds on this page whether or not the server took it. */
export function keepChoice(name: string, value: object): void {
  void myChoices().then((all) => {
    all[name] = value as Value;
  });
  void fetch("/my/choices", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, value }),
  }).catch(() => undefined);
}
