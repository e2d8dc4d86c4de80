// One's own security keys: adding and removing.
"use strict";

(() => {
  const PATH = "/second-factor/keys";
  const card = document.querySelector("main");
  const message = document.getElementById("message");
  const add = document.getElementById("add");
  const buttons = () => document.querySelectorAll("button");

  async function act(what) {
    buttons().forEach((button) => (button.disabled = true));
    message.textContent = "";
    try {
      await what();
      location.reload();
    } catch (error) {
      // Asked again only for who stayed on this page for longer than a proof counts.
      if (error.word === "step_up") location.assign("/step-up");
      message.textContent = error.message;
      buttons().forEach((button) => (button.disabled = false));
    }
  }

  if (!window.vigilKeys.worksAt(card.dataset.host)) {
    add.hidden = true;
    message.textContent = window.PublicKeyCredential
      ? `Keys work at ${card.dataset.origin} only. Open Vigil there to add one.`
      : "This browser knows no security keys.";
  }
  add.addEventListener("click", () =>
    act(async () => window.vigilKeys.post(PATH, { key: await window.vigilKeys.make(PATH) })),
  );
  document.querySelectorAll("[data-key]").forEach((button) =>
    button.addEventListener("click", () =>
      act(() => window.vigilKeys.post(`${PATH}/remove`, { key: Number(button.dataset.key) })),
    ),
  );
})();
