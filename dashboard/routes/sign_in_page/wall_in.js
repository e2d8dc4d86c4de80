// Hands the link's code over and forgets it. A click first: opening a page must change nothing.
"use strict";

(() => {
  const code = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  const button = document.getElementById("enter");
  const message = document.getElementById("message");

  if (!code) {
    button.disabled = true;
    message.textContent = "This address lacks its code. Open the link as it was printed.";
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    message.textContent = "";
    try {
      const answer = await fetch("/wall-in", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ code }),
      });
      const found = await answer.json();
      if (answer.ok) location.replace(found.next);
      else message.textContent = found.message;
    } catch {
      message.textContent = "Vigil does not answer. Try again in a moment.";
      button.disabled = false;
    }
  });
})();
