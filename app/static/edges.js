// Points beyond the top and the bottom of a chart, counted in a dozen parts of its width. The
// tables are changed in place: the server need not hear of them.
if (above.counting) { return }
above.counting = true
requestAnimationFrame(() => {
  above.counting = false
  const parts = 12, width = x.end - x.start, up = Math.sign(y.end - y.start)
  const counts = {above: new Array(parts).fill(0), below: new Array(parts).fill(0)}
  for (const source of points) {
    const {x: xs, y: ys} = source.data
    for (let i = 0; i < xs.length; i++) {
      const across = (xs[i] - x.start) / width
      if (!(across >= 0 && across < 1)) { continue }
      if (up * (ys[i] - y.end) > 0) { counts.above[Math.floor(across * parts)]++ }
      else if (up * (y.start - ys[i]) > 0) { counts.below[Math.floor(across * parts)]++ }
    }
  }
  const show = (source, edge, found, arrow) => {
    const parts_with = [...found.keys()].filter((part) => found[part])
    if (!parts_with.length && !source.data.x.length) { return }
    source.data.x = parts_with.map((part) => x.start + (part + 0.5) / parts * width)
    source.data.y = parts_with.map(() => edge)
    source.data.text = parts_with.map((part) => `${arrow} ${found[part]}`)
    source.change.emit()
  }
  show(above, y.end, counts.above, "▴")
  show(below, y.start, counts.below, "▾")
})
