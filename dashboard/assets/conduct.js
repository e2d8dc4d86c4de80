// The minute of a reveal on the conduct screen: what is shown leaves it by itself.
"use strict";

(() => {
  const SHOWN = ["conduct-summary", "conduct-table", "routine-grid"];
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  let timer = null;

  function wipe() {
    clearTimeout(timer);
    timer = null;
    for (const id of SHOWN) set(id, { children: null });
    set("conduct-drawn", { data: null });
  }

  // By the browser's own steady clock: how long is the server's word, not until when.
  function maskAfter(until, masked) {
    clearTimeout(timer);
    timer = null;
    if (until) {
      timer = setTimeout(() => {
        wipe();
        // Asked again, the server answers as it does whoever has not said why.
        set("conduct-masked", { data: (masked ?? 0) + 1 });
      }, until.left_s * 1000);
    }
    return window.dash_clientside.no_update;
  }

  const subjectOf = (code) => (code ? { case_code: code } : null);

  const looked = (until) => (until ? until.look : window.dash_clientside.no_update);

  const shown = (data) => data ?? null;

  const place = (at) => (at ? `${at[1].toFixed(6)}, ${at[0].toFixed(6)}` : "");

  window.addEventListener("pagehide", () => timer && wipe());

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    conduct: { maskAfter, subjectOf, looked, shown, place },
  });
})();
