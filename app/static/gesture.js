// Sends the polygon of a finished lasso or box, and whether it adds (Shift) or subtracts (Alt).
const {final, geometry} = cb_obj
if (final && (geometry.type === "poly" || geometry.type === "rect")) {
  const {x0, x1, y0, y1} = geometry
  const is_box = geometry.type === "rect"
  gesture.data = {
    x: is_box ? [x0, x1, x1, x0] : Array.from(geometry.x),
    y: is_box ? [y0, y0, y1, y1] : Array.from(geometry.y),
    mode: Array(is_box ? 4 : geometry.x.length).fill(document.documentElement.dataset.astraMode ?? "replace"),
  }
}
