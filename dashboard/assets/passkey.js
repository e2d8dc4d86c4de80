// Security keys and passkeys: asks the server what to sign, the browser to sign it.
"use strict";

(() => {
  async function post(path, body) {
    let answer, said;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      });
      said = await answer.json();
    } catch {
      throw new Error("Vigil does not answer. Try again in a moment.");
    }
    if (!answer.ok) throw Object.assign(new Error(said.message), { word: said.word });
    return said;
  }

  const has = () => Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

  /** What the browser says when somebody pulls the key out, or takes a minute too long. */
  async function touched(act) {
    try {
      return (await act()).toJSON();
    } catch (error) {
      throw new Error(
        error.name === "InvalidStateError"
          ? "This key is registered already."
          : "The key did not answer. Try again, or use a code.",
      );
    }
  }

  window.vigilKeys = {
    post,
    /** Whether a key can be used at this address, by what the server says it is known under. */
    worksAt: (host) => has() && location.hostname === host,
    /** Whether whoever is here has a key, and the browser can ask for it. */
    async isOffered(path) {
      if (!has()) return false;
      const { options } = await post(`${path}/challenge`, {});
      return options !== null && location.hostname === options.rpId;
    },
    /** What a touched key has signed. Asked for at the click: a challenge counts two minutes. */
    async prove(path) {
      const { options } = await post(`${path}/challenge`, {});
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return touched(() => navigator.credentials.get({ publicKey }));
    },
    /** A new key, for the server to keep the public half of. */
    async make(path) {
      const { options } = await post(`${path}/offer`, {});
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return touched(() => navigator.credentials.create({ publicKey }));
    },
  };
})();
