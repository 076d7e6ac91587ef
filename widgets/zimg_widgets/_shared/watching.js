// Tells Python whether somebody can see a control.

const HEARTBEAT = 10_000; // milliseconds; Python forgets a page after 30 s of silence

/** Call tell(watching) when an element comes in sight or leaves, and every 10 s in between. */
export function tellWatching(root, signal, tell) {
  let inSight = false;
  let watching = false;
  let heartbeat = 0;
  const look = (now) => {
    if (now === watching) return;
    watching = now;
    clearInterval(heartbeat);
    tell(watching);
    if (watching) heartbeat = setInterval(tell, HEARTBEAT, true);
  };
  const changed = () => look(inSight && document.visibilityState === "visible");
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1).isIntersecting;
    changed();
  });
  observer.observe(root);
  document.addEventListener("visibilitychange", changed, { signal });
  window.addEventListener("pagehide", () => look(false), { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    look(false);
  });
}
