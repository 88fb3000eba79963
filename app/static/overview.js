// The whole map, small, while the view shows a part of it only. A rectangle follows the ranges of
// the figure; a press moves the view there, a drag takes it along, arrows move it by a quarter.
const LEAST = 6
const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}

export function render({model, view}) {
  const box = document.createElement("div"), whole = document.createElement("div")
  const here = document.createElement("div")
  box.className = "overview"
  whole.className = "whole"
  here.className = "here"
  box.append(whole, here)
  box.tabIndex = 0
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", "Overview of the whole map; arrows move the view")
  const {x_range, y_range} = view.model.document.get_model_by_name(model.plot)
  let drag = null, waiting = null

  const middle = (range) => (range.start + range.end) / 2

  // To where of the box, 0 to 1 from the left and from the top.
  function share(x, y) {
    const [x_low, x_high, y_low, y_high] = model.frame
    return [(x - x_low) / (x_high - x_low), (y_high - y) / (y_high - y_low)]
  }

  function draw() {
    waiting = null
    const [x_low, x_high, y_low, y_high] = model.extent
    const seen = x_range.start <= x_low && x_high <= x_range.end
      && y_range.start <= y_low && y_high <= y_range.end
    box.hidden = !model.shown || model.image === "" || (seen && drag === null)
    if (box.hidden) { return }
    const {clientWidth: width, clientHeight: height} = box
    const [left, top] = share(x_range.start, y_range.end)
    const [right, bottom] = share(x_range.end, y_range.start)
    const [w, h] = [Math.max((right - left) * width, LEAST), Math.max((bottom - top) * height, LEAST)]
    here.style.width = `${w}px`
    here.style.height = `${h}px`
    here.style.left = `${(left + right) / 2 * width - w / 2}px`
    here.style.top = `${(top + bottom) / 2 * height - h / 2}px`
  }

  function draw_soon() { waiting ??= requestAnimationFrame(draw) }

  function move_to(x, y) {
    const [x_low, x_high, y_low, y_high] = model.frame
    const half_width = (x_range.end - x_range.start) / 2, half_height = (y_range.end - y_range.start) / 2
    const [at_x, at_y] = [Math.min(Math.max(x, x_low), x_high), Math.min(Math.max(y, y_low), y_high)]
    x_range.setv({start: at_x - half_width, end: at_x + half_width})
    y_range.setv({start: at_y - half_height, end: at_y + half_height})
  }

  // The place of the map under the pointer.
  function place(event) {
    const {left, top, width, height} = box.getBoundingClientRect()
    const [x_low, x_high, y_low, y_high] = model.frame
    return [
      x_low + (event.clientX - left) / width * (x_high - x_low),
      y_high - (event.clientY - top) / height * (y_high - y_low),
    ]
  }

  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) { return }
    event.preventDefault()
    box.focus({preventScroll: true})
    box.setPointerCapture(event.pointerId)
    const [x, y] = place(event)
    const held = event.target === here
    drag = held ? [middle(x_range) - x, middle(y_range) - y] : [0, 0]
    box.classList.add("moving")
    if (!held) { move_to(x, y) }
  })
  box.addEventListener("pointermove", (event) => {
    if (drag === null) { return }
    const [x, y] = place(event)
    move_to(x + drag[0], y + drag[1])
  })
  function drop() {
    drag = null
    box.classList.remove("moving")
    draw_soon()
  }
  box.addEventListener("pointerup", drop)
  box.addEventListener("pointercancel", drop)
  box.addEventListener("keydown", (event) => {
    const step = STEPS[event.key]
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) { return }
    event.preventDefault()
    event.stopPropagation()
    move_to(
      middle(x_range) + step[0] * (x_range.end - x_range.start) / 4,
      middle(y_range) + step[1] * (y_range.end - y_range.start) / 4,
    )
  })

  function put() {
    whole.style.maskImage = model.image === "" ? "none" : `url(${model.image})`
    draw_soon()
  }
  for (const range of [x_range, y_range]) { range.change.connect(draw_soon) }
  for (const name of ["image", "frame", "extent"]) { model.on(name, put) }
  model.on("shown", draw_soon)
  model.on("remove", () => {
    cancelAnimationFrame(waiting)
    for (const range of [x_range, y_range]) { range.change.disconnect(draw_soon) }
  })
  box.hidden = true
  put()
  return box
}
