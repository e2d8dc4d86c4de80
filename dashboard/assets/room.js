// What the desk does in the browser besides the live components: theme, signing out, drafts.
"use strict";

(() => {
  const YEAR_S = 31536000;
  // Words begun about an alert, kept while this page is open and nowhere else.
  const drafts = new Map();

  // A callback also runs when its button first appears; only a click counts.
  function changeTheme(clicks, scheme) {
    if (!clicks) return window.dash_clientside.no_update;
    const isDay = scheme === "dark";
    const theme = isDay ? "day" : "night";
    document.documentElement.dataset.theme = theme;
    document.cookie = `vigil-theme=${theme}; path=/; max-age=${YEAR_S}; samesite=strict`;
    return isDay ? "light" : "dark";
  }

  // The library says on a wrapper, which is nothing to a screen reader, that there is a menu and
  // whether it is open. That belongs on the button in it.
  const MENU_STATES = ["aria-haspopup", "aria-expanded"];
  new MutationObserver(() => {
    for (const wrapper of document.querySelectorAll("div[aria-haspopup], div[aria-expanded]")) {
      const button = wrapper.firstElementChild;
      if (wrapper.childElementCount !== 1 || button?.tagName !== "BUTTON") continue;
      for (const name of MENU_STATES) {
        const value = wrapper.getAttribute(name);
        if (value !== null) button.setAttribute(name, value);
        wrapper.removeAttribute(name);
      }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributeFilter: MENU_STATES });

  function signOut(clicks) {
    if (!clicks) return window.dash_clientside.no_update;
    fetch("/sign-out", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    }).finally(() => location.replace("/sign-in"));
    return clicks;
  }

  // "Clear filter" in the list and the keys 1 2 3 change the filter as well as the switch does.
  function filterQueue(who, filter) {
    const keep = window.dash_clientside.no_update;
    const shown = filter && filter.shelved ? "shelved" : filter && filter.mine ? "mine" : "all";
    if (who === shown) return [keep, keep];
    const isSwitch = window.dash_clientside.callback_context.triggered_id === "queue-who";
    if (!isSwitch) return [keep, shown];
    return [{ priorities: [], ...filter, mine: who === "mine", shelved: who === "shelved" }, keep];
  }

  function changeDraft(selected, draft, note, reason, finding) {
    const previous = draft ? draft.alert : null;
    if (previous === selected) return Array(5).fill(window.dash_clientside.no_update);
    if (previous !== null) {
      if (note || reason || finding) drafts.set(previous, { note, reason, finding });
      else drafts.delete(previous);
    }
    const kept = drafts.get(selected) || { note: "", reason: "", finding: null };
    return [{ alert: selected }, kept.note, kept.reason, kept.finding, null];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    room: { changeTheme, signOut, changeDraft, filterQueue },
  });

  // Escape in a form goes back to its drawer; the other keys are bound by the live components.
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.key !== "Escape") return;
    if (!event.target.closest || !event.target.closest(".forms")) return;
    const drawer = document.getElementById("drawer-region");
    if (drawer) drawer.focus();
  });

  // Which steps are open follows from the alert's state, which the server writes on the drawer.
  const STEPS = {
    "drawer-close": ["own"],
  };

  function openSteps() {
    const drawer = document.getElementById("drawer-region");
    if (!drawer) return;
    for (const [id, states] of Object.entries(STEPS)) {
      const button = document.getElementById(id);
      if (button) button.disabled = !states.includes(drawer.dataset.state);
    }
  }

  new MutationObserver(openSteps).observe(document.documentElement, {
    subtree: true,
    attributes: true,
    attributeFilter: ["data-state"],
  });
})();
