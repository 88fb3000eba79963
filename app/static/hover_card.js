// A card beside the pointer where it rests over the map. Places are told to the server only when
// the pointer has rested, one at a time; an answer to a place that was left is not shown.
const REST = 16, GAP = 14, SAME = 3

export function render({model, view}) {
  const card = document.createElement("div")
  card.className = "card"
  card.hidden = true
  const map = view.el.getRootNode().host
  const doc = view.model.document
  let timer = null, number = 0, at = null

  function hide() {
    clearTimeout(timer)
    number += 1
    at = null
    card.hidden = true
  }

  function ask(x, y) {
    const plot = doc.get_model_by_name(model.plot)
    const {width, height} = map.getBoundingClientRect()
    if (plot == null || !(width > 1 && height > 1)) { return }
    const {x_range, y_range} = plot
    const per_pixel = (x_range.end - x_range.start) / width
    model.send_msg({
      x: x_range.start + x * per_pixel,
      y: y_range.end - y / height * (y_range.end - y_range.start),
      per_pixel,
      number,
    })
  }

  function moved(event) {
    const box = map.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    if (at !== null && Math.hypot(x - at[0], y - at[1]) < SAME) { return }
    hide()
    const over_map = event.composedPath()[0]?.closest?.(".bk-events, .bk-Canvas, canvas") != null
    if (event.buttons || event.pointerType === "touch" || !over_map) { return }
    at = [x, y]
    timer = setTimeout(() => ask(x, y), REST)
  }

  model.on("msg:custom", (message) => {
    if (message.number !== number || at === null) { return }
    card.innerHTML = message.html
    card.hidden = message.html === ""
    const {width, height} = map.getBoundingClientRect()
    const [x, y] = at
    const left = x + GAP + card.offsetWidth < width ? x + GAP : x - GAP - card.offsetWidth
    const top = Math.min(Math.max(y - card.offsetHeight / 2, 4), height - card.offsetHeight - 4)
    card.style.transform = `translate(${Math.max(left, 4)}px, ${top}px)`
  })

  const heard = {pointermove: moved, pointerdown: hide, pointerleave: hide, wheel: hide}
  for (const [name, listener] of Object.entries(heard)) {
    map.addEventListener(name, listener, {passive: true, capture: true})
  }
  model.on("remove", () => {
    clearTimeout(timer)
    for (const [name, listener] of Object.entries(heard)) {
      map.removeEventListener(name, listener, {capture: true})
    }
  })
  return card
}
