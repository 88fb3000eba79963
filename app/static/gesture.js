// Sends the polygon of a lasso or box, and whether it adds (Shift) or subtracts (Alt): a finished
// one at once, and one that is being drawn as soon as the server has answered the one before.
const memory = sketch.astra ??= {next: null}

function drawn_as(geometry) {
  const {x0, x1, y0, y1} = geometry
  const is_box = geometry.type === "rect"
  return {
    x: is_box ? [x0, x1, x1, x0] : Array.from(geometry.x),
    y: is_box ? [y0, y0, y1, y1] : Array.from(geometry.y),
    mode: Array(is_box ? 4 : geometry.x.length).fill(document.documentElement.dataset.astraMode ?? "replace"),
  }
}

const is_answered = sketch.data.x.length === 0
if (cb_obj === sketch) {
  if (is_answered && memory.next !== null) {
    const next = memory.next
    memory.next = null
    sketch.data = drawn_as(next)
  }
} else if (cb_obj.geometry.type === "poly" || cb_obj.geometry.type === "rect") {
  const {final, geometry} = cb_obj
  if (final) {
    memory.next = null
    gesture.data = drawn_as(geometry)
  } else if (is_answered) {
    sketch.data = drawn_as(geometry)
  } else {
    memory.next = {...geometry}
  }
}
