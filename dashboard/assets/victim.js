// What is revealed of a victim leaves the screen by itself, and with the case it belongs to.
"use strict";

(() => {
  let timer = null;

  function mask(leftId, shownId) {
    clearInterval(timer);
    timer = null;
    window.dash_clientside.set_props(shownId, { children: null });
    return null;
  }

  // Counts down by the browser's own steady clock: how long is the server's word, not until when.
  function maskAfter(until, subject, leftId, shownId) {
    const changed = window.dash_clientside.callback_context.triggered_id;
    if (changed !== "victim-until" || !until) return mask(leftId, shownId);
    clearInterval(timer);
    const endsAt = performance.now() + until.left_s * 1000;
    const left = () => Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    timer = setInterval(() => {
      if (performance.now() >= endsAt) mask(leftId, shownId);
      window.dash_clientside.set_props(leftId, { children: timer ? words(left()) : null });
    }, 250);
    return words(left());
  }

  const words = (seconds) => `Masked again in ${seconds} s`;

  const subjectOfAlert = (alertId) => (alertId ? { alert_id: alertId } : null);

  function subjectOfCase(clicks, submits, code) {
    if (!clicks && !submits) return window.dash_clientside.no_update;
    return code && code.trim() ? { case_code: code.trim() } : null;
  }

  // A reveal does not survive in the browser's history.
  window.addEventListener("pagehide", () => {
    if (timer) mask("victim-left", "victim-shown");
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    victim: { maskAfter, subjectOfAlert, subjectOfCase },
  });
})();
