// What the desk does in the browser besides the live components: theme, signing out, drafts, keys.
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
    const isMine = Boolean(filter && filter.mine);
    if ((who === "mine") === isMine) return [keep, keep];
    const isSwitch = window.dash_clientside.callback_context.triggered_id === "queue-who";
    if (!isSwitch) return [keep, isMine ? "mine" : "all"];
    return [{ priorities: [], ...filter, mine: who === "mine" }, keep];
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

  // ---- keys: none of them acts while somebody types

  const isTyping = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

  function press(id) {
    const button = document.getElementById(id);
    if (!button || button.disabled || button.offsetParent === null) return false;
    button.click();
    return true;
  }

  function focusOn(id) {
    const found = document.getElementById(id);
    if (!found || found.offsetParent === null) return false;
    found.focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (event.code === "KeyT" && press("shell-theme")) event.preventDefault();
      return;
    }
    if (event.key === "Escape" && isTyping(event.target)) {
      if (event.target.closest(".forms")) focusOn("drawer-region");
      return;
    }
    if (isTyping(event.target)) return;
    // A presses its button by data-key, which the live components do; a text field is focused here.
    if (event.key.toLowerCase() === "n" && focusOn("drawer-note")) event.preventDefault();
  });

  // Which steps are open follows from the alert's state, which the server writes on the drawer.
  const STEPS = {
    "drawer-acknowledge": ["new"],
    "drawer-release": ["own"],
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
