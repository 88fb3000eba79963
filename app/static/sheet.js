// A page of light curves in small, on one canvas each; picked by drag, click and keys.
// The server sends numbers; what is picked is told at once, where the focus is a moment later.

const FULL = 65535
const SHOWN = 1.5 // cycles
const TEXT = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button])"
const TOLD = new Set([..."0123456789febuzt", "Shift+z", "PageUp", "PageDown"])

// They are filled and not outlined, so that nothing needs to be closed.
const MARKERS = {
  triangle: (p, x, y, r) => { p.moveTo(x, y - r); p.lineTo(x + r, y + 0.8 * r); p.lineTo(x - r, y + 0.8 * r) },
  inverted_triangle: (p, x, y, r) => { p.moveTo(x, y + r); p.lineTo(x + r, y - 0.8 * r); p.lineTo(x - r, y - 0.8 * r) },
  circle: (p, x, y, r) => { p.moveTo(x + r, y); p.arc(x, y, 0.9 * r, 0, 2 * Math.PI) },
  diamond: (p, x, y, r) => { p.moveTo(x, y - 1.1 * r); p.lineTo(x + 1.1 * r, y); p.lineTo(x, y + 1.1 * r); p.lineTo(x - 1.1 * r, y) },
  square: (p, x, y, r) => p.rect(x - 0.8 * r, y - 0.8 * r, 1.6 * r, 1.6 * r),
}
MARKERS.hex = MARKERS.circle
MARKERS.star = MARKERS.diamond

function points_of(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) { bytes[i] = characters.charCodeAt(i) }
  return new Uint16Array(bytes.buffer)
}

// Where a point is drawn: once, or folded, in every cycle in sight.
function places(x, folded, left, width) {
  if (!folded) { return [left + x / FULL * width] }
  const at = left + x / FULL * width / SHOWN
  return x < FULL * (SHOWN - 1) ? [at, at + width / SHOWN] : [at]
}

function draw(canvas, [w, h], cell, styles, points, first) {
  if (!w || !h) { return }
  const ratio = window.devicePixelRatio || 1
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)]
  const pen = canvas.getContext("2d")
  if (canvas.width !== width || canvas.height !== height) { Object.assign(canvas, {width, height}) }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, w, h)
  const r = w > 150 ? 2.2 : w > 100 ? 1.7 : 1.4
  const margin = r + 2
  const [across, down] = [w - 2 * margin, h - 2 * margin]
  let i = 3 * first
  for (const [style, count] of cell.marks) {
    const [marker, colour] = styles[style]
    const put = MARKERS[marker] || MARKERS.square
    const [dots, bars] = [new Path2D(), new Path2D()]
    for (const end = i + 3 * count; i < end; i += 3) {
      const y = margin + points[i + 1] / FULL * down
      const half = points[i + 2] / FULL * down
      for (const x of places(points[i], cell.folded, margin, across)) {
        put(dots, x, y, r)
        if (half > r) { bars.moveTo(x, y - half); bars.lineTo(x, y + half) }
      }
    }
    pen.strokeStyle = pen.fillStyle = colour
    pen.lineWidth = 0.8
    pen.globalAlpha = 0.55
    pen.stroke(bars)
    pen.globalAlpha = 1
    pen.fill(dots)
  }
}

export function render({model, view}) {
  const grid = document.createElement("div")
  grid.className = "sheet"
  grid.tabIndex = 0
  grid.setAttribute("role", "listbox")
  grid.setAttribute("aria-multiselectable", "true")
  grid.setAttribute("aria-label", "Contact sheet")
  const band = document.createElement("i")
  band.className = "band"
  const said = document.createElement("span")
  said.className = "drawn"
  said.setAttribute("role", "status")
  grid.append(band, said)

  let page = {styles: [], cells: [], rows: []}, points = new Uint16Array(), tiles = []
  let picked = new Set(), focus = -1, anchor = -1, telling = 0, sizes = [], laid = ""

  const columns = () => model.columns
  const tell_focus = () => {
    clearTimeout(telling)
    telling = setTimeout(() => model.send_msg({focus: page.rows[focus] ?? null}), 90)
  }
  const tell_picked = () => model.send_msg({picked: [...picked]})

  function mark() {
    tiles.forEach((tile, i) => {
      const on = picked.has(page.rows[i])
      tile.setAttribute("aria-selected", on)
      tile.classList.toggle("focus", i === focus)
    })
    if (tiles[focus]) { grid.setAttribute("aria-activedescendant", tiles[focus].id) }
  }
  function pick(rows, mode) {
    if (mode === "replace") { picked = new Set(rows) }
    for (const row of rows) { mode === "subtract" ? picked.delete(row) : picked.add(row) }
    tell_picked()
    mark()
  }
  function move(to, extend) {
    if (!tiles.length) { return }
    focus = Math.min(Math.max(to, 0), tiles.length - 1)
    if (extend) {
      if (anchor < 0) { anchor = focus }
      const [low, high] = [Math.min(anchor, focus), Math.max(anchor, focus)]
      pick(page.rows.slice(low, high + 1), "replace")
    } else {
      anchor = focus
      mark()
    }
    tell_focus()
  }

  function tile_of(i) {
    const tile = document.createElement("div")
    tile.className = "tile"
    tile.id = `tile-${i}`
    tile.setAttribute("role", "option")
    tile.append(document.createElement("canvas"), document.createElement("div"))
    tile.lastChild.className = "caption"
    grid.append(tile)
    return tile
  }
  function build() {
    const before = page.rows[focus]
    page = model.page ? JSON.parse(model.page) : {styles: [], cells: [], rows: []}
    points = points_of(page.points || "")
    tiles.splice(page.cells.length).forEach((tile) => tile.remove())
    while (tiles.length < page.cells.length) { tiles.push(tile_of(tiles.length)) }
    grid.style.setProperty("--columns", columns())
    grid.style.setProperty("--lines", Math.max(1, Math.ceil(page.size / columns())))
    grid.classList.toggle("dense", page.size > 48)
    picked = new Set(model.picked)
    focus = Math.max(0, page.rows.indexOf(page.rows.includes(before) ? before : model.focused))
    anchor = focus
    write()
    mark()
    redraw()
  }
  function write() {
    const captions = JSON.parse(model.captions || "[]")
    tiles.forEach((tile, i) => {
      const [html, words] = captions[i] || ["", ""]
      tile.lastChild.innerHTML = html
      tile.title = words
      tile.setAttribute("aria-label", words)
    })
  }
  function redraw() {
    let first = 0
    page.cells.forEach((cell, i) => tiles[i].classList.toggle("empty", cell === null))
    // All are measured before the first is drawn, and no more while the grid stays as it is: to
    // measure has the browser lay it at once.
    const grid_now = `${tiles.length} ${columns()} ${page.size}`
    if (laid !== grid_now) {
      sizes = tiles.map(({firstChild: canvas}) => [canvas.clientWidth, canvas.clientHeight])
      laid = sizes.length && sizes[0][0] ? grid_now : ""
    }
    page.cells.forEach((cell, i) => {
      if (cell === null) { return }
      draw(tiles[i].firstChild, sizes[i], cell, page.styles, points, first)
      for (const [, count] of cell.marks) { first += count }
    })
    said.textContent = page.words || ""
  }

  // The hand

  let start = null
  const index_of = (event) => tiles.indexOf(event.target.closest?.(".tile"))
  grid.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) { return }
    start = {x: event.clientX, y: event.clientY, dragged: false}
    grid.setPointerCapture(event.pointerId)
  })
  grid.addEventListener("pointermove", (event) => {
    if (start === null) { return }
    const far = Math.hypot(event.clientX - start.x, event.clientY - start.y) > 4
    start.dragged = start.dragged || far
    if (!start.dragged) { return }
    const box = box_to(event)
    const origin = grid.getBoundingClientRect()
    Object.assign(band.style, {
      display: "block", left: `${box.left - origin.left}px`, top: `${box.top - origin.top}px`,
      width: `${box.right - box.left}px`, height: `${box.bottom - box.top}px`,
    })
    const inside = new Set(within(box))
    tiles.forEach((tile, i) => tile.classList.toggle("within", inside.has(i)))
  })
  const box_to = (event) => ({
    left: Math.min(start.x, event.clientX), right: Math.max(start.x, event.clientX),
    top: Math.min(start.y, event.clientY), bottom: Math.max(start.y, event.clientY),
  })
  const within = (box) => tiles.flatMap((tile, i) => {
    const r = tile.getBoundingClientRect()
    return r.left < box.right && r.right > box.left && r.top < box.bottom && r.bottom > box.top ? [i] : []
  })
  const mode_of = (event) => event.altKey ? "subtract" : event.shiftKey || event.ctrlKey || event.metaKey ? "add" : "replace"
  grid.addEventListener("pointerup", (event) => {
    if (start === null) { return }
    if (start.dragged) {
      const inside = within(box_to(event))
      if (inside.length) { focus = anchor = inside[0]; tell_focus() }
      pick(inside.map((i) => page.rows[i]), mode_of(event))
    } else {
      click(event)
    }
    stop()
  })
  const stop = () => {
    start = null
    band.style.display = "none"
    tiles.forEach((tile) => tile.classList.remove("within"))
  }
  grid.addEventListener("pointercancel", stop)
  function click(event) {
    // The pointer was captured: the grid is the target, the tile lies below.
    const below = grid.getRootNode().elementFromPoint(event.clientX, event.clientY)
    const i = tiles.indexOf(below?.closest(".tile"))
    if (i < 0) { return pick([], "replace") }
    const row = page.rows[i]
    if (event.shiftKey) { return move(i, true) }
    focus = anchor = i
    tell_focus()
    if (event.ctrlKey || event.metaKey || event.altKey) { return pick([row], picked.has(row) ? "subtract" : "add") }
    pick(picked.size === 1 && picked.has(row) ? [] : [row], "replace")
  }
  grid.addEventListener("dblclick", (event) => {
    const i = index_of(event)
    if (i >= 0) { model.send_msg({open: page.rows[i]}) }
  })

  // The keys: while the sheet is in sight they are its own.

  const in_sight = () => grid.isConnected && grid.clientWidth > 0 && grid.checkVisibility?.({visibilityProperty: true}) !== false
  const steps = () => ({ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns(), Home: -FULL, End: FULL})
  function pressed(event) {
    if (!in_sight() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) { return }
    const path = event.composedPath()
    if (path.some((node) => node.matches?.(TEXT))) { return }
    const on_button = path.some((node) => node.matches?.("button, a"))
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const name = event.shiftKey && /^[a-z]$/.test(key) ? `Shift+${key}` : key
    const step = steps()[key]
    if (step !== undefined) {
      move(focus + step, event.shiftKey)
    } else if (key === "x" || (key === " " && !on_button)) {
      const row = page.rows[focus]
      if (row !== undefined) { pick([row], picked.has(row) ? "subtract" : "add") }
    } else if (key === "a") {
      pick(page.rows, "replace")
    } else if (key === "Enter" && !on_button) {
      if (page.rows[focus] !== undefined) { model.send_msg({open: page.rows[focus]}) }
    } else if (key === "Escape" && picked.size) {
      pick([], "replace")
    } else if (TOLD.has(name) || model.keys.includes(name)) {
      model.send_msg({key: name})
    } else {
      return
    }
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  window.addEventListener("keydown", pressed, {capture: true})

  let size = ""
  const resized = new ResizeObserver(([{contentRect}]) => {
    const now = `${contentRect.width} ${contentRect.height}`
    if (now === size) { return }
    size = now
    laid = ""
    redraw()
  })
  resized.observe(grid)
  // A page comes with its captions, in one message: it is laid once, when all of it is there.
  const heard = new Set()
  function follow() {
    const [new_page, new_captions] = [heard.has("page"), heard.has("captions")]
    heard.clear()
    if (new_page) { return build() }
    if (new_captions) { write() }
    picked = new Set(model.picked)
    mark()
  }
  for (const what of ["page", "captions", "picked"]) {
    model.on(what, () => {
      if (!heard.size) { queueMicrotask(follow) }
      heard.add(what)
    })
  }
  model.on("remove", () => {
    resized.disconnect()
    window.removeEventListener("keydown", pressed, {capture: true})
  })
  build()
  return grid
}
