// A periodogram on one canvas: zoomed by the wheel; a press chooses a peak, a drag moves the fold.

const LEFT = 46, RIGHT = 10, TOP = 6, BOTTOM = 34, APART = 10
const LOW = 150, LOW_BOTTOM = 20, TITLE = 92

export function render({model}) {
  const root = document.createElement("div"), canvas = document.createElement("canvas"), said_here = document.createElement("div")
  root.className = "chart"
  said_here.className = "here"
  canvas.setAttribute("role", "img")
  root.append(canvas, said_here)
  let marks = null, curve = null, seen = [0, 1], frame = null, waiting = 0, telling = 0

  const numbers = (text) => new Float32Array(bytes_of(text).buffer)
  function request() {
    if (!waiting) { waiting = requestAnimationFrame(() => { waiting = 0; draw() }) }
  }
  function take_marks() {
    marks = model.marks ? JSON.parse(model.marks) : null
    canvas.setAttribute("aria-label", marks?.words ?? "Periodogram")
    request()
  }
  function take_curve() {
    const both = numbers(model.curve), half = both.length / 2
    curve = {x: both.subarray(0, half), y: both.subarray(half)}
    request()
  }
  const across = (x) => frame.left + (x - seen[0]) / (seen[1] - seen[0]) * frame.width
  const down = (y) => frame.bottom - y / (marks?.top ?? 1) * frame.height

  function draw() {
    const [w, h] = [root.clientWidth, root.clientHeight]
    if (w < LEFT + 40 || h < TOP + BOTTOM + 10) { return }
    const low = h < LOW, bottom = low ? LOW_BOTTOM : BOTTOM
    frame = {left: LEFT, right: w - RIGHT, top: TOP, bottom: h - bottom, width: w - LEFT - RIGHT, height: h - TOP - bottom}
    const pen = pen_of(canvas, w, h), colours = model.colours
    const beside = round_ticks(0, marks?.top ?? 1, Math.max(2, Math.min(4, frame.height / 34)))
    const below = round_ticks(...seen, Math.max(2, Math.min(7, frame.width / 60)))
    pen.strokeStyle = colours.grid
    segments(pen, beside.map(([y]) => [frame.left, down(y), frame.right, down(y)]))
    if (marks !== null) {
      pen.save()
      pen.beginPath()
      pen.rect(frame.left, frame.top, frame.width, frame.height)
      pen.clip()
      draw_marks(pen, colours)
      pen.restore()
    }
    pen.strokeStyle = colours.line
    segments(pen, [
      [frame.left, frame.bottom, frame.right, frame.bottom], [frame.left, frame.top, frame.left, frame.bottom],
      ...below.map(([x]) => [across(x), frame.bottom, across(x), frame.bottom + 4]),
      ...beside.map(([y]) => [frame.left - 4, down(y), frame.left, down(y)]),
    ])
    pen.fillStyle = colours.quiet
    // A low chart has the name of its axis in the line of the ticks, in place of the last ones.
    const told = below.filter(([x]) => !low || across(x) < frame.right - TITLE)
    for (const [x, text] of told) { write(pen, model.in_days ? days_of(x) : text, across(x), frame.bottom + 6, "center", "top") }
    for (const [y, text] of beside) { write(pen, text, frame.left - 7, down(y), "right", "middle") }
    pen.fillStyle = colours.text
    const name = model.in_days ? "Period [d]" : "Frequency [1/d]"
    if (low) { write(pen, name, frame.right, frame.bottom + 6, "right", "top") }
    else { write(pen, name, frame.left + frame.width / 2, frame.bottom + 20, "center", "top") }
    write_up(pen, "Power", 3, frame.top + frame.height / 2)
    root.seen = {x: seen, frame, fold: model.fold, points: curve?.x.length ?? 0}
    window.dispatchEvent(new CustomEvent("astra-drawn", {detail: "periodogram"}))
  }
  function days_of(place) {
    const days = 10 ** place
    return said(days >= 1000 || days < 0.001 ? days.toExponential(0) : Number(days.toPrecision(2)))
  }
  function draw_marks(pen, colours) {
    pen.strokeStyle = colours.warn
    pen.lineWidth = 1.2
    dashed(pen, [2, 3], marks.rhythms.map((x) => [across(x), frame.top, across(x), frame.bottom]))
    dashed(pen, [5, 3], [[frame.left, down(marks.level), frame.right, down(marks.level)]])
    if (model.fold !== null) {
      pen.strokeStyle = colours.accent
      pen.lineWidth = 1.5
      segments(pen, [[across(model.fold), frame.top, across(model.fold), frame.bottom]])
    }
    pen.strokeStyle = colours.text
    pen.lineWidth = 1
    pen.lineJoin = "round"
    pen.beginPath()
    curve?.x.forEach((x, i) => pen[i ? "lineTo" : "moveTo"](across(x), down(curve.y[i])))
    pen.stroke()
    // A number that would stand on another is left out: the list has them all.
    const written = []
    marks.peaks.forEach(({x, y, suspect}, i) => {
      const [at, to] = [across(x), down(y)]
      pen.strokeStyle = suspect ? colours.warn : colours.accent
      pen.fillStyle = suspect ? colours.ground : colours.accent
      pen.beginPath()
      pen.moveTo(at, to - 1)
      pen.lineTo(at - 4, to - 8)
      pen.lineTo(at + 4, to - 8)
      pen.closePath()
      pen.fill()
      pen.stroke()
      if (written.some(([x1, y1]) => Math.abs(x1 - at) < APART && Math.abs(y1 - to) < 14)) { return }
      written.push([at, to])
      pen.fillStyle = colours.name
      write(pen, String(i + 1), at, Math.max(to - 10, frame.top + 11), "center", "bottom")
    })
  }

  // The hand

  let start = null, moving = 0
  const within = (event, anywhere = false) => {
    if (frame === null || marks === null) { return null }
    const box = canvas.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top]
    if (!anywhere && (x < frame.left || x > frame.right || y < frame.top || y > frame.bottom)) { return null }
    return seen[0] + (x - frame.left) / frame.width * (seen[1] - seen[0])
  }
  function look(at, tell = true) {
    const [low, high] = marks.limits
    seen = [Math.max(at[0], low), Math.min(at[1], high)]
    request()
    clearTimeout(telling)
    if (tell) { telling = setTimeout(() => model.send_msg({seen}), 120) }
  }
  canvas.addEventListener("wheel", (event) => {
    const at = within(event)
    if (at === null || event.ctrlKey) { return }
    event.preventDefault()
    look(zoomed(seen, (at - seen[0]) / (seen[1] - seen[0]), event.deltaY))
  }, {passive: false})
  canvas.addEventListener("pointerdown", (event) => {
    const at = within(event)
    if (at === null || event.button !== 0) { return }
    start = {x: event.clientX, dragged: false}
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener("pointermove", (event) => {
    const at = within(event, start !== null)
    said_here.textContent = at === null ? "" : words_of(at)
    if (start === null) { return }
    start.dragged = start.dragged || Math.abs(event.clientX - start.x) > 3
    if (!start.dragged || moving) { return }
    moving = requestAnimationFrame(() => { moving = 0; model.send_msg({gesture: "drag", x: at}) })
  })
  canvas.addEventListener("pointerup", (event) => {
    if (start === null) { return }
    cancelAnimationFrame(moving)
    moving = 0
    model.send_msg({gesture: start.dragged ? "dropped" : "tap", x: within(event, true)})
    start = null
  })
  canvas.addEventListener("pointercancel", () => { start = null })
  canvas.addEventListener("pointerleave", () => { said_here.textContent = "" })
  canvas.addEventListener("dblclick", () => { if (marks !== null) { look(marks.home) } })
  function words_of(place) {
    const frequency = model.in_days ? 10 ** -place : place
    return `${Number(frequency.toPrecision(4))} /d, ${Number((1 / frequency).toPrecision(4))} d`
  }

  const resized = new ResizeObserver(request)
  resized.observe(root)
  model.on("marks", take_marks)
  model.on("curve", take_curve)
  model.on("msg:custom", ({view}) => { seen = view; request() })
  for (const what of ["fold", "colours", "in_days"]) { model.on(what, request) }
  model.on("remove", () => { resized.disconnect(); cancelAnimationFrame(waiting) })
  document.fonts?.load("11px Inter").then(request, () => {})
  seen = model.view
  take_marks()
  take_curve()
  return root
}
