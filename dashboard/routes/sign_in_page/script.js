// Signs in by JSON, because nothing else is taken: a form on another site cannot send it.
"use strict";

(() => {
  const form = document.querySelector("form");
  const message = document.getElementById("message");
  const buttons = () => document.querySelectorAll("button");

  const ADDRESSES = {
    "sign-in": "/sign-in",
    "second-factor": "/second-factor",
    enrol: "/second-factor/enrol",
    "step-up": "/step-up",
  };

  // Into the room; or, in the window that a page of the room has opened for this, back to that page.
  function goOn(way) {
    if (way === "/second-factor") return location.replace(way);
    new BroadcastChannel("vigil-signed-in").postMessage(null);
    if (window.name === "vigil-sign-in") window.close();
    // A browser need not let a page close its window.
    location.replace(way);
  }

  // Shown this once: on paper they open the door when the telephone is lost.
  function showCodes(codes) {
    const card = document.querySelector("main");
    const list = document.createElement("ol");
    list.className = "codes";
    codes.forEach((code) => {
      const line = document.createElement("li");
      line.textContent = code;
      list.append(line);
    });
    const heading = document.createElement("h1");
    heading.textContent = "Your recovery codes";
    const words = document.createElement("p");
    words.textContent =
      "Write these down and keep them where your telephone is not. Each opens the door once, and they are not shown again.";
    const done = document.createElement("button");
    done.type = "button";
    done.textContent = "I have written them down";
    done.addEventListener("click", () => goOn("/"));
    card.replaceChildren(card.firstElementChild, heading, words, list, done);
    done.focus();
  }

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
        if (found.codes) {
          showCodes(found.codes);
          return;
        }
        // No address to go to: back to what was refused, which the browser then asks for again.
        if (found.next) goOn(found.next);
        else history.back();
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
    const words = Object.fromEntries(new FormData(form));
    ask(ADDRESSES[form.id], words);
  });

  // Offered where whoever is here has a key; else the code is the only way, as it always is one.
  const key = document.getElementById("key");
  if (key) {
    const { isOffered, prove } = window.vigilKeys;
    const path = ADDRESSES[form.id];
    const button = key.querySelector("button");
    isOffered(path).then(
      (offered) => {
        key.hidden = !offered;
        if (offered) button.focus();
      },
      () => {},
    );
    button.addEventListener("click", async () => {
      button.disabled = true;
      message.textContent = "";
      try {
        await ask(path, { key: await prove(path) });
      } catch (error) {
        message.textContent = error.message;
        button.disabled = false;
      }
    });
  }

  document.querySelectorAll("[data-role]").forEach((button) => {
    button.addEventListener("click", () => ask("/sign-in/demo", { role: button.dataset.role }));
  });
})();
