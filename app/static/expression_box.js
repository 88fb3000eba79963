// A field for an expression: what is typed is told after a pause, Enter sends it, and what the
// server answers stands above it while it has the keyboard.

const PAUSE = 180;

export function render({ model }) {
  const root = document.createElement("div");
  root.className = "box";
  const field = document.createElement("input");
  Object.assign(field, { placeholder: model.placeholder, spellcheck: false, autocomplete: "off", maxLength: 1000 });
  field.setAttribute("aria-label", model.placeholder);
  const hint = document.createElement("div");
  hint.className = "hint";
  hint.setAttribute("role", "status");
  root.append(hint, field);
  let timer = null;
  const tell = () => model.send_msg({ live: field.value });
  const show = () => {
    hint.innerHTML = model.html;
    hint.hidden = !model.html || root.getRootNode().activeElement !== field;
    root.classList.toggle("wrong", model.wrong && field.value.trim() !== "");
    field.setAttribute("aria-invalid", String(model.wrong));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      clearTimeout(timer);
      model.send_msg({ enter: field.value });
    } else if (event.key === "Escape") {
      field.blur();
    } else if (event.key === "Tab" && !event.shiftKey) {
      const first = hint.hidden ? null : hint.querySelector("[data-complete]");
      if (first && field.value) {
        event.preventDefault();
        complete(first);
      }
    }
  });
  function complete(element) {
    field.value = element.dataset.complete;
    field.focus();
    tell();
  }
  hint.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the keyboard
    const chosen = event.target.closest("[data-complete]");
    if (chosen) complete(chosen);
  });
  field.addEventListener("focus", () => { tell(); show(); });
  field.addEventListener("blur", show);
  model.on("msg:custom", (message) => {
    field.value = message.text;
    if (message.focus) field.focus();
    show();
  });
  model.on("html", show);
  model.on("wrong", show);
  show();
  return root;
}
