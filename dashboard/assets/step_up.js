// Asks "is it still you?" when an answer says so, and then asks the server again.
"use strict";

(() => {
  const plainFetch = window.fetch.bind(window);
  let asking = null; // one dialog, however many requests wait for it

  const isDemo = () => document.documentElement.dataset.demo === "1";

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function makeDialog() {
    const message = element("p", { className: "ask-message" });
    message.setAttribute("role", "alert");
    const confirm = element("button", { type: "submit", className: "act act-main" }, "It is still me");
    const cancel = element("button", { type: "button", className: "act" }, "Cancel");
    const proof = element("input", {
      type: "text",
      id: "ask-proof",
      autocomplete: "one-time-code",
      spellcheck: false,
      maxLength: 256,
      required: true,
    });
    const question = isDemo()
      ? [element("p", {}, "This is a demo: one click will do. In a real room you would be asked for a code from your telephone.")]
      : [element("label", { htmlFor: "ask-proof" }, "Code from your authenticator app, or a recovery code"), proof];
    const key = element("button", { type: "button", className: "act act-main ask-key", hidden: true }, "Use your security key");
    const form = element(
      "form",
      { noValidate: true },
      element("h2", { id: "ask-title" }, "Is it still you?"),
      element("p", {}, "What you asked for needs a fresh proof. It then counts for five minutes."),
      key,
      ...question,
      message,
      element("div", { className: "ask-buttons" }, cancel, confirm),
    );
    const dialog = element("dialog", { className: "ask" }, form);
    dialog.setAttribute("aria-labelledby", "ask-title");
    return { dialog, form, key, proof, message, confirm, cancel };
  }

  /** Resolves to whether the proof was given. */
  function ask() {
    const { dialog, form, key, proof, message, confirm, cancel } = makeDialog();
    document.body.append(dialog);
    return new Promise((resolve) => {
      let isProved = false;
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(isProved);
      });
      cancel.addEventListener("click", () => dialog.close());
      async function give(makeProof) {
        confirm.disabled = key.disabled = true;
        message.textContent = "";
        try {
          await window.vigilKeys.post("/step-up", await makeProof());
          isProved = true;
          dialog.close();
        } catch (error) {
          message.textContent = error.message;
        }
        proof.value = "";
        confirm.disabled = key.disabled = false;
      }
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        give(() => ({ proof: proof.value }));
      });
      key.addEventListener("click", () =>
        give(async () => ({ key: await window.vigilKeys.prove("/step-up") })),
      );
      if (!isDemo()) {
        window.vigilKeys.isOffered("/step-up").then(
          (offered) => (key.hidden = !offered),
          () => {},
        );
      }
      dialog.showModal();
      (isDemo() ? confirm : proof).focus();
    });
  }

  window.fetch = async (input, init) => {
    const answer = await plainFetch(input, init);
    if (answer.status !== 401) return answer;
    const said = await answer
      .clone()
      .json()
      .catch(() => null);
    if (!said || said.word !== "step_up") return answer;
    asking ??= ask().finally(() => (asking = null));
    return (await asking) ? plainFetch(input, init) : answer;
  };
})();
