// Painting with mouse, pen and finger; two fingers scroll.

/** The nearest element around that scrolls up and down, as two fingers expect. */
const scrollerOf = (element) => {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowY);
    if (scrolls && box.scrollHeight > box.clientHeight) return box;
  }
  return document.scrollingElement;
};

export function followPointer(on, { surface, stage, ring }, brush) {
  const fingers = new Map(); // where each finger is, by pointer id

  const place = (event) => {
    const box = surface.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) * brush.width) / box.width,
      y: ((event.clientY - box.top) * brush.height) / box.height,
      // A pen that is hardly pressed still leaves a line.
      size: brush.size * (event.pointerType === "pen" ? 0.2 + 0.8 * event.pressure : 1),
    };
  };
  const follow = (event) => {
    const { x, y } = place(event);
    brush.moveTo(x, y);
  };
  const grab = (pointer) => {
    try {
      surface.setPointerCapture(pointer);
    } catch {
      // The pointer has gone already.
    }
  };

  on(surface, "pointerdown", (event) => {
    const touch = event.pointerType === "touch";
    const rubber = event.button === 5; // the other end of a pen
    if (event.button !== 0 && !rubber) return;
    event.preventDefault(); // no dragging, and JupyterLab leaves the focus here
    surface.focus({ preventScroll: true });
    grab(event.pointerId);
    if (touch) fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) {
      if (brush.stroke) brush.drop();
      ring.hidden = true;
      return;
    }
    follow(event);
    if (!brush.stroke) brush.start(event.pointerId, brush.erasing || rubber, place(event));
  });
  on(surface, "pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (finger && fingers.size > 1) {
      const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
      scrollerOf(stage).scrollBy(-dx / fingers.size, -dy / fingers.size);
    }
    if (finger) Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) return;
    follow(event);
    if (brush.stroke?.by !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    brush.add(...(all.length ? all : [event]).map(place));
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(surface, type, (event) => {
      fingers.delete(event.pointerId);
      if (event.pointerType === "touch") ring.hidden = true;
      if (brush.stroke?.by === event.pointerId) brush.end();
    });
  }
  on(surface, "pointerleave", () => (ring.hidden = true));
  on(surface, "contextmenu", (event) => fingers.size && event.preventDefault()); // long touch
}
