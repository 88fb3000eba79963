// Histograms that a drag brushes: a new range, an end, or the whole brush; a double click clears.
// The brush moves with the hand here; the server hears of it, and draws what follows.

const NEAR = 7, PAUSE = 70, STEP = 1 / 48;

export function render({ model }) {
  const root = document.createElement("div");
  let drag = null, told = 0, timer = null;
  const plot_of = (column) => root.querySelector(`[data-brush="${CSS.escape(column)}"]`);
  const clamp = (share) => Math.min(1, Math.max(0, share));

  function paint() {
    const brush = plot_of(drag.column)?.querySelector(".brush");
    if (!brush) return;
    brush.hidden = false;
    brush.style.left = `${100 * drag.from}%`;
    brush.style.width = `${100 * (drag.to - drag.from)}%`;
  }
  function draw() {
    const focused = root.getRootNode().activeElement?.dataset ?? {};
    root.innerHTML = model.html;
    if (drag?.moved) paint();
    const again = focused.brush ? plot_of(focused.brush)
      : focused.press ? root.querySelector(`[data-press="${CSS.escape(focused.press)}"]`) : null;
    again?.focus({ preventScroll: true });
  }
  function tell() {
    clearTimeout(timer);
    timer = null;
    told = performance.now();
    model.send_msg({ brush: drag.column, from: drag.from, to: drag.to });
  }
  function tell_soon() {
    timer ??= setTimeout(() => drag && tell(), Math.max(0, PAUSE - (performance.now() - told)));
  }
  const ends = (plot) => plot.dataset.from === undefined
    ? null : [Number(plot.dataset.from), Number(plot.dataset.to)];

  root.addEventListener("pointerdown", (event) => {
    const plot = event.target.closest("[data-brush]");
    if (!plot || event.button !== 0) return;
    const box = plot.getBoundingClientRect();
    const at = clamp((event.clientX - box.left) / box.width);
    const now = ends(plot), near = NEAR / box.width;
    drag = { column: plot.dataset.brush, box, start: event.clientX, at, from: at, to: at, anchor: at };
    if (now && Math.abs(at - now[0]) < near) drag.anchor = now[1];
    else if (now && Math.abs(at - now[1]) < near) drag.anchor = now[0];
    else if (now && now[0] < at && at < now[1]) drag.whole = now;
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.start) < 3)) return;
    // Not before it moves: a click would be told of the root, and not of the plot.
    if (!drag.moved) root.setPointerCapture(event.pointerId);
    drag.moved = true;
    const at = clamp((event.clientX - drag.box.left) / drag.box.width);
    if (drag.whole) {
      const [low, high] = drag.whole;
      const by = Math.min(1 - high, Math.max(-low, at - drag.at));
      [drag.from, drag.to] = [low + by, high + by];
    } else {
      [drag.from, drag.to] = [Math.min(at, drag.anchor), Math.max(at, drag.anchor)];
    }
    paint();
    tell_soon();
  });
  const drop = () => {
    if (drag?.moved) tell();
    drag = null;
  };
  root.addEventListener("pointerup", drop);
  root.addEventListener("pointercancel", drop);
  root.addEventListener("dblclick", (event) => {
    const plot = event.target.closest("[data-brush]");
    if (plot) model.send_msg({ press: `clear:${plot.dataset.brush}` });
  });
  // Arrows move the upper end by a bin, with Shift the lower one; Delete clears.
  root.addEventListener("keydown", (event) => {
    const plot = event.target.closest("[data-brush]");
    if (!plot || !["ArrowLeft", "ArrowRight", "Delete", "Backspace"].includes(event.key)) return;
    event.stopPropagation();
    event.preventDefault();
    const column = plot.dataset.brush;
    if (!event.key.startsWith("Arrow")) return model.send_msg({ press: `clear:${column}` });
    const range = ends(plot) ?? [0, 1], by = event.key === "ArrowLeft" ? -STEP : STEP;
    range[event.shiftKey ? 0 : 1] += by;
    const [from, to] = range.map(clamp);
    if (from < to) model.send_msg({ brush: column, from, to });
  });
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-press]");
    if (pressed && !pressed.disabled) model.send_msg({ press: pressed.dataset.press });
  });
  model.on("html", draw);
  draw();
  return root;
}
