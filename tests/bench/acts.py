"""What a person at a desk does, and how long until the frame that shows it."""

# Milliseconds from an act to the frame that shows it: 60 keys, 60 jumps of the list, 60 of nothing.
ACTS = """async () => {
  const told = (all) => {
    all.sort((here, there) => here - there);
    const at = (share) => all[Math.floor(all.length * share)];
    return { n: all.length, p50: at(0.5), p95: at(0.95) };
  };
  const rest = () => new Promise((done) => setTimeout(done, 50));
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const measure = async (act) => {
    const all = [];
    for (let n = 0; n < 60; n++) {
      const began = performance.now();
      act(n);
      await frame();
      all.push(performance.now() - began);
      await rest();
    }
    return told(all);
  };
  const list = document.querySelector("[data-alert-list]");
  const nothing = await measure(() => {});
  const keys = await measure((n) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key: n % 3 === 2 ? "k" : "j", bubbles: true })));
  document.activeElement.blur();
  const scroll = await measure((n) => { list.scrollTop += n % 2 ? 4900 : -3100; });
  return { nothing, keys, scroll, drawn: document.querySelectorAll("[data-alert]").length };
}"""
