// Signs in by JSON, because nothing else is taken: a form on another site cannot send it.
"use strict";

(() => {
  const form = document.getElementById("sign-in");
  const message = document.getElementById("message");
  const buttons = () => document.querySelectorAll("button");

  async function ask(path, body) {
    buttons().forEach((button) => (button.disabled = true));
    message.textContent = "";
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      });
      const found = await answer.json();
      if (answer.ok) {
        location.replace(found.next);
        return;
      }
      message.textContent = found.message;
    } catch {
      message.textContent = "Vigil does not answer. Try again in a moment.";
    }
    buttons().forEach((button) => (button.disabled = false));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("/sign-in", { login: form.login.value, password: form.password.value });
  });

  document.querySelectorAll("[data-role]").forEach((button) => {
    button.addEventListener("click", () => ask("/sign-in/demo", { role: button.dataset.role }));
  });
})();
