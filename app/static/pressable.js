export function render({ model }) {
  const root = document.createElement("div");
  const focused = () => root.getRootNode().activeElement;
  const draw = () => {
    const before = focused()?.dataset?.press;
    root.innerHTML = model.html;
    if (before !== undefined)
      root.querySelector(`[data-press="${CSS.escape(before)}"]`)?.focus({ preventScroll: true });
  };
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-press]");
    if (pressed && !pressed.disabled) model.send_msg({ press: pressed.dataset.press });
  });
  root.addEventListener("change", (event) => {
    const name = event.target.dataset.change;
    if (name) model.send_msg({ change: name, value: event.target.value });
  });
  model.on("msg:custom", (message) => {
    const wanted = root.querySelector(message.focus);
    wanted?.focus();
    wanted?.select?.();
  });
  model.on("html", draw);
  draw();
  return root;
}
