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
  root.addEventListener("keydown", (event) => {
    const { change, enter } = event.target.dataset;
    if (event.key !== "Enter" || !enter) return;
    event.preventDefault();
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
  model.on("msg:custom", (message) => {
    if (message.download) return download(message.download);
    const wanted = root.querySelector(message.focus);
    wanted?.focus();
    wanted?.select?.();
  });
  model.on("html", draw);
  draw();
  return root;
}
