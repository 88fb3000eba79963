// A light curve on one canvas: axes, points, error bars, limits, medians; zoomed, moved and read
// by hand. The server sends numbers in the order of drawing; no gesture waits for it.

const FLAGGED = 1, NEGATIVE = 2
const REACH = 12, PARTS = 12

const MARKERS = {
  triangle: (p, x, y, r) => { p.moveTo(x, y - 1.1 * r); p.lineTo(x + r, y + 0.7 * r); p.lineTo(x - r, y + 0.7 * r); p.closePath() },
  inverted_triangle: (p, x, y, r) => { p.moveTo(x, y + 1.1 * r); p.lineTo(x + r, y - 0.7 * r); p.lineTo(x - r, y - 0.7 * r); p.closePath() },
  circle: (p, x, y, r) => { p.moveTo(x + r, y); p.arc(x, y, r, 0, TAU) },
  diamond: (p, x, y, r) => { p.moveTo(x, y - 1.2 * r); p.lineTo(x + 0.9 * r, y); p.lineTo(x, y + 1.2 * r); p.lineTo(x - 0.9 * r, y); p.closePath() },
  square: (p, x, y, r) => p.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r),
  hex: (p, x, y, r) => corners(p, x, y, 6, () => 1.05 * r),
  star: (p, x, y, r) => corners(p, x, y, 10, (i) => i % 2 ? 0.55 * r : 1.35 * r),
}
function corners(p, x, y, count, reach) {
  for (let i = 0; i < count; i++) {
    const turn = TAU * i / count - TAU / 4
    p[i ? "lineTo" : "moveTo"](x + reach(i) * Math.cos(turn), y + reach(i) * Math.sin(turn))
  }
  p.closePath()
}

// The numbers of a drawing: one table of columns, cut from the bytes in their order.
function table_of(drawing) {
  const bytes = bytes_of(drawing.numbers)
  let at = 0
  const cut = (type, length) => {
    const column = new type(bytes.buffer, at, length)
    at += column.byteLength
    return column
  }
  const table = Object.fromEntries(drawing.columns.map(([name, kind, length]) =>
    [name, cut(kind === "f8" ? Float64Array : kind === "f4" ? Float32Array : Uint8Array, length)]))
  return drawing.folded ? both_cycles(drawing, table) : table
}

// Of a fold the server sends one cycle; the other is the same, one further.
function both_cycles(drawing, table) {
  for (const name of ["x", "mjd", "y", "low", "high", "flux", "error", "kind"]) {
    const from = table[name], to = new from.constructor(2 * from.length)
    let at = 0
    for (const {points} of drawing.bands) {
      const one = from.subarray(at, at + points / 2)
      to.set(one, 2 * at)
      to.set(name === "x" ? one.map((x) => x + 1) : one, 2 * at + one.length)
      at += one.length
    }
    table[name] = to
  }
  return table
}

export function render({model}) {
  const root = document.createElement("div")
  root.className = "chart"
  const canvas = document.createElement("canvas"), ring = document.createElement("i"), tip = document.createElement("div")
  canvas.setAttribute("role", "img")
  ring.className = "ring"
  tip.className = "tip"
  root.append(canvas, ring, tip)

  let drawing = null, table = null, home = null, seen = null, frame = null, waiting = 0

  // What is in sight

  function take() {
    drawing = model.drawing ? JSON.parse(model.drawing) : null
    if (drawing === null) { return request() }
    table = table_of(drawing)
    const same = home !== null && String(home.x) === String(drawing.x_range)
    const moved = same && String(home.y) !== String(seen.y) && String(home.y) === String(drawing.y_range)
    seen = {x: same ? seen.x : drawing.x_range, y: moved ? seen.y : drawing.y_range}
    home = {x: drawing.x_range, y: drawing.y_range}
    canvas.setAttribute("aria-label", drawing.words)
    forget()
    request()
  }
  function request() {
    if (!waiting) { waiting = requestAnimationFrame(() => { waiting = 0; draw() }) }
  }
  const across = (x) => frame.left + (x - seen.x[0]) / (seen.x[1] - seen.x[0]) * frame.width
  const down = (y) => {
    const up = (y - seen.y[0]) / (seen.y[1] - seen.y[0])
    return frame.top + (drawing.inverted ? up : 1 - up) * frame.height
  }

  // Drawing

  function draw() {
    const [w, h] = [root.clientWidth, root.clientHeight]
    if (!w || !h) { return }
    const pen = pen_of(canvas, w, h), colours = model.colours
    if (drawing === null) { return }
    const right = drawing.with_fluxes && model.flux_axis ? 62 : 14, top = drawing.folded ? 6 : 20
    frame = {left: 54, top, width: w - 54 - right, height: h - top - 36, right: w - right, bottom: h - 36}
    if (frame.width < 20 || frame.height < 20) { return }
    draw_ground(pen, colours)
    pen.save()
    pen.beginPath()
    pen.rect(frame.left, frame.top, frame.width, frame.height)
    pen.clip()
    draw_points(pen)
    const beyond = draw_edges(pen, colours)
    pen.restore()
    draw_axes(pen, colours)
    root.seen = {points: table.x.length, beyond, frame, x: seen.x, y: seen.y, label: drawing.x_label}
    window.dispatchEvent(new CustomEvent("astra-drawn", {detail: "light curve"}))
  }

  function draw_ground(pen, colours) {
    pen.fillStyle = colours.shade
    if (drawing.folded) {
      for (const [from, to] of [[-0.5, 0], [1, 1.5]]) {
        const [a, b] = [from, to].map((x) => Math.min(Math.max(across(x), frame.left), frame.right))
        pen.fillRect(a, frame.top, b - a, frame.height)
      }
    }
    pen.strokeStyle = colours.grid
    segments(pen, value_ticks().map(([y]) => [frame.left, down(y), frame.right, down(y)]))
    if (drawing.folded) { segments(pen, x_ticks().map(([x]) => [across(x), frame.top, across(x), frame.bottom])) }
    if (!drawing.inverted && seen.y[0] < 0 && seen.y[1] > 0) {
      pen.strokeStyle = colours.quiet
      dashed(pen, [2, 3], [[frame.left, down(0), frame.right, down(0)]])
    }
  }

  function draw_points(pen) {
    const {x, y, low, high, kind, limit_x, limit_y, median_x, median_y} = table
    const r = drawing.size / 2, shortest = 2 * r
    let [i, j, k] = [0, 0, 0]
    const ends = drawing.bands.map((band) => [i += band.points, j += band.limits, k += band.medians])
    drawing.bands.forEach((band, b) => {
      const [first, first_limit] = b ? ends[b - 1] : [0, 0]
      pen.strokeStyle = band.colour
      if (drawing.errors) {
        pen.globalAlpha = 0.55
        pen.lineWidth = 0.8
        pen.beginPath()
        for (let p = first; p < ends[b][0]; p++) {
          const [from, to, at] = [down(low[p]), down(high[p]), across(x[p])]
          if (Math.abs(to - from) > shortest) { pen.moveTo(at, from); pen.lineTo(at, to) }
        }
        pen.stroke()
        pen.globalAlpha = 1
      }
      pen.lineWidth = 1
      pen.beginPath()
      for (let p = first_limit; p < ends[b][1]; p++) { arrow(pen, across(limit_x[p]), down(limit_y[p])) }
      pen.stroke()
    })
    drawing.bands.forEach((band, b) => {
      const [first, , first_median] = b ? ends[b - 1] : [0, 0, 0]
      draw_markers(pen, band, first, ends[b][0], r)
      pen.strokeStyle = band.line
      pen.lineWidth = 1.6
      pen.lineJoin = "round"
      pen.beginPath()
      for (let p = first_median, on = false; p < ends[b][2]; p++) {
        const known = !isNaN(median_y[p])
        if (known) { pen[on ? "lineTo" : "moveTo"](across(median_x[p]), down(median_y[p])) }
        on = known
      }
      pen.stroke()
    })
  }
  function arrow(pen, x, y) {
    pen.moveTo(x - 3.5, y); pen.lineTo(x + 3.5, y)
    pen.moveTo(x, y); pen.lineTo(x, y + 8)
    pen.moveTo(x - 2.5, y + 5.5); pen.lineTo(x, y + 8); pen.lineTo(x + 2.5, y + 5.5)
  }
  function draw_markers(pen, band, first, end, r) {
    const put = MARKERS[band.marker] ?? MARKERS.square, {x, y, kind} = table
    // A crowd is one shape that is filled once; few points lie over each other, each outlined.
    const crowd = drawing.crowd ? new Path2D() : null
    for (let p = first; p < end; p++) {
      const [at, to] = [across(x[p]), down(y[p])]
      if (at < frame.left - r || at > frame.right + r || to < frame.top - r || to > frame.bottom + r) { continue }
      if (crowd !== null && !kind[p]) { put(crowd, at, to, r); continue }
      pen.beginPath()
      put(pen, at, to, r)
      if (kind[p] & FLAGGED) {
        pen.lineWidth = 1
        pen.strokeStyle = band.colour
      } else {
        pen.fillStyle = kind[p] & NEGATIVE ? band.dark : band.colour
        pen.fill()
        pen.lineWidth = kind[p] & NEGATIVE ? 1 : 0.5
        pen.strokeStyle = kind[p] & NEGATIVE ? band.colour : band.outline
      }
      pen.stroke()
    }
    if (crowd !== null) {
      pen.globalAlpha = 0.8
      pen.fillStyle = band.colour
      pen.fill(crowd)
      pen.globalAlpha = 1
    }
  }

  // How many points lie beyond the top and the bottom, in a dozen parts of the width.
  function draw_edges(pen, colours) {
    const {x, y} = table, above = new Array(PARTS).fill(0), below = new Array(PARTS).fill(0)
    for (let p = 0; p < x.length; p++) {
      const part = Math.floor((x[p] - seen.x[0]) / (seen.x[1] - seen.x[0]) * PARTS)
      if (!(part >= 0 && part < PARTS)) { continue }
      if (y[p] > seen.y[1]) { above[part]++ } else if (y[p] < seen.y[0]) { below[part]++ }
    }
    const [top, bottom] = drawing.inverted ? [below, above] : [above, below]
    pen.font = `600 11px ${FONT}`
    pen.fillStyle = colours.text
    for (const [found, sign, at, baseline] of [[top, "▴", frame.top + 1, "top"], [bottom, "▾", frame.bottom - 1, "bottom"]]) {
      found.forEach((count, part) => {
        if (count) { write(pen, `${sign} ${count}`, frame.left + (part + 0.5) / PARTS * frame.width, at, "center", baseline) }
      })
    }
    return {top, bottom}
  }

  const value_ticks = () => (drawing.ticks ?? round_ticks(...seen.y, Math.max(2, Math.min(5, frame.height / 38))))
    .filter(([y]) => y >= seen.y[0] && y <= seen.y[1])
  const x_ticks = () => {
    const wanted = Math.max(2, Math.min(8, frame.width / (drawing.folded ? 45 : 75)))
    return round_ticks(...seen.x, wanted, drawing.folded ? [1, 2.5, 5, 10] : [1, 2, 5, 10])
  }
  function draw_axes(pen, colours) {
    pen.lineWidth = 1
    pen.strokeStyle = colours.line
    const sides = [[frame.left, frame.bottom, frame.right, frame.bottom], [frame.left, frame.top, frame.left, frame.bottom]]
    const below = x_ticks(), beside = value_ticks()
    const dates = drawing.folded ? [] : calendar_ticks(...seen.x.map((x) => drawing.zero_mjd + x), Math.max(1, frame.width / 130))
    const fluxes = drawing.with_fluxes && model.flux_axis
    if (!drawing.folded) { sides.push([frame.left, frame.top, frame.right, frame.top]) }
    if (fluxes) { sides.push([frame.right, frame.top, frame.right, frame.bottom]) }
    const date_places = dates.map(([mjd, text]) => [across(mjd - drawing.zero_mjd), text])
    segments(pen, [
      ...sides,
      ...below.map(([x]) => [across(x), frame.bottom, across(x), frame.bottom + 4]),
      ...beside.map(([y]) => [frame.left - 4, down(y), frame.left, down(y)]),
      ...date_places.map(([x]) => [x, frame.top - 4, x, frame.top]),
      ...(fluxes ? beside.map(([y]) => [frame.right, down(y), frame.right + 4, down(y)]) : []),
    ])
    pen.font = `11px ${FONT}`
    pen.fillStyle = colours.quiet
    for (const [x, text] of below) { write(pen, text, across(x), frame.bottom + 6, "center", "top") }
    for (const [y, text] of beside) { write(pen, text, frame.left - 7, down(y), "right", "middle") }
    for (const [x, text] of date_places) { write(pen, text, Math.min(Math.max(x, 36), canvas.clientWidth - 36), frame.top - 6, "center", "bottom") }
    if (fluxes) { for (const [y] of beside) { write(pen, flux_of(y), frame.right + 7, down(y), "left", "middle") } }
    pen.fillStyle = colours.text
    write(pen, drawing.x_label, frame.left + frame.width / 2, frame.bottom + 21, "center", "top")
    const middle = frame.top + frame.height / 2
    write_up(pen, drawing.y_label, 3, middle, 2 * middle)
  }

  // The hand

  let start = null
  const within = (event) => {
    const box = canvas.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top]
    return drawing !== null && frame !== null && x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom ? [x, y] : null
  }
  canvas.addEventListener("wheel", (event) => {
    const at = within(event)
    if (at === null || event.ctrlKey) { return }
    event.preventDefault()
    const next = zoomed(seen.x, (at[0] - frame.left) / frame.width, event.deltaY)
    if (next[1] - next[0] > 20 * (home.x[1] - home.x[0])) { return }
    seen.x = next
    forget()
    request()
  }, {passive: false})
  canvas.addEventListener("pointerdown", (event) => {
    const at = within(event)
    if (at === null || event.button !== 0) { return }
    start = {at, seen: {...seen}}
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener("pointermove", (event) => {
    if (start === null) { return point(within(event)) }
    const box = canvas.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left - start.at[0], event.clientY - box.top - start.at[1]]
    const move = ([low, high], share) => [low + share * (high - low), high + share * (high - low)]
    seen = {
      x: move(start.seen.x, -x / frame.width),
      y: move(start.seen.y, (drawing.inverted ? -1 : 1) * y / frame.height),
    }
    forget()
    request()
  })
  const stop = () => { start = null }
  canvas.addEventListener("pointerup", stop)
  canvas.addEventListener("pointercancel", stop)
  canvas.addEventListener("pointerleave", () => forget())
  canvas.addEventListener("dblclick", () => {
    if (home === null) { return }
    seen = {...home}
    request()
  })

  // What is told of a point

  function forget() {
    ring.style.display = tip.style.display = "none"
  }
  function point(at) {
    const found = at === null ? null : nearest(...at)
    if (found === null) { return forget() }
    const [x, y, index, limit] = found
    tip.replaceChildren(...lines_of(drawing, table, index, limit).map(([text, name]) => {
      const element = document.createElement(name ?? "div")
      element.textContent = text
      return element
    }))
    Object.assign(ring.style, {display: "block", left: `${x}px`, top: `${y}px`})
    tip.style.display = "block"
    const [w, h] = [tip.offsetWidth, tip.offsetHeight]
    const left = x + 14 + w > root.clientWidth ? x - 14 - w : x + 14
    const top = Math.min(Math.max(y - h / 2, 2), Math.max(2, root.clientHeight - h - 2))
    Object.assign(tip.style, {left: `${Math.max(2, left)}px`, top: `${top}px`})
  }
  function nearest(to_x, to_y) {
    let best = REACH ** 2, found = null
    const look = (xs, ys, limit) => {
      for (let p = 0; p < xs.length; p++) {
        const x = across(xs[p])
        if (Math.abs(x - to_x) > REACH) { continue }
        const y = down(ys[p]), far = (x - to_x) ** 2 + (y - to_y) ** 2
        if (far < best) { best = far; found = [x, y, p, limit] }
      }
    }
    look(table.x, table.y, false)
    look(table.limit_x, table.limit_y, true)
    return found
  }

  const resized = new ResizeObserver(request)
  resized.observe(root)
  model.on("drawing", take)
  model.on("colours", request)
  model.on("remove", () => { resized.disconnect(); cancelAnimationFrame(waiting) })
  document.fonts?.load(`11px Inter`).then(request, () => {})
  take()
  return root
}
