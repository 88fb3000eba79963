// Keys pressed outside text fields go to the server; Shift and Alt are noted for the lasso.

const TEXT = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button], [type=range])"

function typing(event) {
  return event.composedPath().some((node) => node.matches?.(TEXT))
}

function pressing(event) {
  return event.composedPath().some((node) => node.matches?.("button, a[href], select, summary, [role=button]"))
}

const TOOLS = {v: "pan", l: "lasso", r: "box"}

// A drag may follow at once: the tool changes here, the server hears of it.
function use_tool(doc, tool) {
  const plot = doc.get_model_by_name("astra-map")
  if (plot != null) { plot.toolbar.active_drag = doc.get_model_by_name(`astra-${tool}`) }
}

function find(root, selector) {
  const here = root.querySelector(selector)
  if (here != null) { return here }
  for (const {shadowRoot} of root.querySelectorAll("*")) {
    const inside = shadowRoot && find(shadowRoot, selector)
    if (inside) { return inside }
  }
  return null
}

function name_of(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.shiftKey && /^[a-z]$/.test(key) ? `Shift+${key}` : key
}

function note_modifiers(event) {
  const mode = event.altKey ? "subtract" : event.shiftKey ? "add" : "replace"
  document.documentElement.dataset.astraMode = mode
}

export function render({model, view}) {
  const root = document.documentElement
  const doc = view.model.document
  const pressed = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event)) { return }
    if (event.key === "/" || event.key === "g") {
      event.preventDefault()
      find(document, ".astra-search")?.shadowRoot?.querySelector("input")?.focus()
    }
    if (["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) { return }
    // Enter and Space belong to the button or link that has the keyboard.
    if (["Enter", " "].includes(event.key) && pressing(event)) { return }
    const name = name_of(event)
    if (name in TOOLS) { use_tool(doc, TOOLS[name]) }
    model.send_msg({key: name})
  }
  window.addEventListener("keydown", pressed)
  for (const kind of ["pointerdown", "pointermove", "pointerup"]) {
    window.addEventListener(kind, note_modifiers, {capture: true})
  }
  model.on("cookie", () => {
    document.cookie = `${model.cookie}; max-age=31536000; path=/; SameSite=Lax`
  })
  const prefers_dark = window.matchMedia("(prefers-color-scheme: dark)")
  const tell_system = () => {
    model.system = prefers_dark.matches ? "dark" : "light"
    document.cookie = `astra-system=${model.system}; max-age=31536000; path=/; SameSite=Lax`
  }
  prefers_dark.addEventListener("change", tell_system)
  // Components take each other's theme while they mount: a change is safe when all have.
  const when_mounted = () => doc.is_idle ? tell_system() : setTimeout(when_mounted, 100)
  setTimeout(when_mounted, 100)
  root.dataset.astraConnection = "up"
  // A server that was restarted does not know this page: it is loaded again.
  let watching = null
  const answers = async () => (await fetch("app/static/mark.svg", {cache: "no-store"}).catch(() => null))?.ok
  doc.on_event("connection_lost", () => {
    root.dataset.astraConnection = "lost"
    let answered = 0
    clearInterval(watching)
    watching = setInterval(async () => {
      if (await answers() && ++answered > 3) { window.location.reload() }
    }, 2000)
  })
  doc.on_event("client_reconnected", () => {
    root.dataset.astraConnection = "up"
    clearInterval(watching)
  })
  model.on("remove", () => {
    clearInterval(watching)
    prefers_dark.removeEventListener("change", tell_system)
    window.removeEventListener("keydown", pressed)
    for (const kind of ["pointerdown", "pointermove", "pointerup"]) {
      window.removeEventListener(kind, note_modifiers, {capture: true})
    }
  })
}
