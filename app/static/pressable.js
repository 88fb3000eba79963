export function render({ model }) {
  const root = document.createElement("div");
  const focused = () => root.getRootNode().activeElement;
  // The field with a text that was typed and not told yet: it outlives a new drawing.
  let typing = null, restored = false, drawing = false;
  const draw = () => {
    const active = focused();
    const { press, change } = active?.dataset ?? {};
    const typed = active !== null && active === typing;
    drawing = true;
    root.innerHTML = model.html;
    const again = typed ? root.querySelector(`[data-change="${CSS.escape(change)}"]`)
      : press !== undefined ? root.querySelector(`[data-press="${CSS.escape(press)}"]`) : null;
    typing = typed ? again : null;
    restored = typing !== null;
    if (restored) again.value = active.value;
    again?.focus({ preventScroll: true });
    if (restored) again.setSelectionRange(active.selectionStart, active.selectionEnd);
    drawing = false;
  };
  // The browser tells of a change only what was typed since the field was drawn.
  const leave = ({ target }) => {
    if (drawing || !restored || target !== typing) return;
    typing = null;
    model.send_msg({ change: target.dataset.change, value: target.value });
  };
  root.addEventListener("focusout", leave);
  let last = { press: null, at: 0 };
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-press]");
    const copied = event.target.closest("[data-copy], [data-copy-query]");
    if (copied) copy(copied);
    if (!pressed || pressed.disabled) return;
    const { press, only } = pressed.dataset;
    // Drawn anew by its first press, an element never hears of a double click: it is counted here.
    const again = last.press === press && event.timeStamp - last.at < 400;
    last = { press: again ? null : press, at: event.timeStamp };
    model.send_msg({ press: only && (again || event.altKey) ? only : press });
  });
  async function copy(element) {
    const { copy: text, copyQuery: query } = element.dataset;
    const wanted = text ?? `${location.origin}${location.pathname}?${query}`;
    let done = true;
    try {
      await navigator.clipboard.writeText(wanted);
    } catch {
      // Browsers keep their clipboard from pages that come without TLS.
      const field = document.createElement("textarea");
      field.value = wanted;
      root.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
    }
    element.dataset.copied = done ? "copied" : "failed";
    setTimeout(() => delete element.dataset.copied, 1500);
  }
  root.addEventListener("change", (event) => {
    const name = event.target.dataset.change;
    typing = null;
    if (name) model.send_msg({ change: name, value: event.target.value });
  });
  // A field that is told of while it changes: at most once a frame, the latest value.
  let live = null;
  root.addEventListener("input", ({ target }) => {
    if (target.dataset.change && target.matches("input[type=text], input:not([type]), textarea"))
      [typing, restored] = [target, false];
    if (!target.dataset.live) return;
    if (live === null)
      requestAnimationFrame(() => {
        model.send_msg({ change: live.dataset.live, value: live.value });
        live = null;
      });
    live = target;
  });
  root.addEventListener("keydown", (event) => {
    const { change, enter } = event.target.dataset;
    if (event.key === "Enter" && !enter && event.target.tagName === "INPUT") leave(event);
    if (event.key !== "Enter" || !enter) return;
    event.preventDefault();
    typing = null;
    model.send_msg({ change, value: event.target.value });
    model.send_msg({ press: enter });
  });
  function download({ name, text }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  // The address follows when the hand rests: to tell it takes the browser longer than to draw.
  let saying = 0;
  function say(query) {
    clearTimeout(saying);
    saying = setTimeout(() => history.replaceState(null, "", query || location.pathname), 300);
  }
  model.on("msg:custom", (message) => {
    if (message.download) return download(message.download);
    if (message.query !== undefined) return say(message.query);
    const wanted = root.querySelector(message.focus);
    wanted?.focus();
    wanted?.select?.();
  });
  model.on("html", draw);
  draw();
  return root;
}
