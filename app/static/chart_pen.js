// What charts on a canvas draw with.

const FONT = "Inter, 'Segoe UI', system-ui, sans-serif"
const TAU = 2 * Math.PI

function bytes_of(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) { bytes[i] = characters.charCodeAt(i) }
  return bytes
}

// A pen over a canvas of so many CSS pixels, wiped.
function pen_of(canvas, w, h) {
  const ratio = window.devicePixelRatio || 1, [width, height] = [Math.round(w * ratio), Math.round(h * ratio)]
  if (canvas.width !== width || canvas.height !== height) { Object.assign(canvas, {width, height}) }
  const pen = canvas.getContext("2d")
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, w, h)
  pen.lineWidth = 1
  pen.font = `11px ${FONT}`
  return pen
}

// Lines across and down, each on whole pixels.
function segments(pen, ends) {
  const crisp = (at) => Math.round(at - 0.5) + 0.5
  pen.beginPath()
  for (const [x0, y0, x1, y1] of ends) {
    pen.moveTo(crisp(x0), crisp(y0))
    pen.lineTo(crisp(x1), crisp(y1))
  }
  pen.stroke()
}

function dashed(pen, dashes, ends) {
  pen.setLineDash(dashes)
  segments(pen, ends)
  pen.setLineDash([])
}

function write(pen, text, x, y, align, baseline) {
  pen.textAlign = align
  pen.textBaseline = baseline
  pen.fillText(text, x, y)
}

// Upwards beside an axis; where the axis is short, without what stands in brackets.
function write_up(pen, text, x, y, room = Infinity) {
  pen.save()
  if (pen.measureText(text).width > room) { text = text.split(" (")[0] }
  pen.translate(x, y)
  pen.rotate(-TAU / 4)
  write(pen, text, 0, 0, "center", "top")
  pen.restore()
}

// Part of an axis that the wheel leaves in sight, about the place under the pointer.
function zoomed([low, high], share, wheel) {
  const span = (high - low) * Math.exp(Math.min(Math.max(wheel, -600), 600) / 600), middle = low + share * (high - low)
  return [middle - share * span, middle + (1 - share) * span]
}
