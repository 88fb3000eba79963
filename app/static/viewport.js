// Keeps the map's aspect, and what the person last looked at in view, when its size changes; tells
// the server once a frame what is in view. Runs some time after the change that called it.
const width = plot.inner_width, height = plot.inner_height
const {x_range: x, y_range: y} = plot
const memory = plot.astra ??= {width: 0, height: 0, wanted: null, fitted: "", waiting: false}
const ranges = () => [x.start, x.end, y.start, y.end]

function fit([x_low, x_high, y_low, y_high]) {
  const scale = Math.max((x_high - x_low) / width, (y_high - y_low) / height)
  const [x_middle, y_middle] = [(x_low + x_high) / 2, (y_low + y_high) / 2]
  x.setv({start: x_middle - scale * width / 2, end: x_middle + scale * width / 2})
  y.setv({start: y_middle - scale * height / 2, end: y_middle + scale * height / 2})
  memory.fitted = ranges().join()
}

function tell() {
  memory.waiting = false
  const {inner_width, inner_height} = plot
  viewport.data = {view: [...ranges(), inner_width, inner_height, window.devicePixelRatio]}
}

if (width > 1 && height > 1) {
  if (width !== memory.width || height !== memory.height) {
    memory.width = width
    memory.height = height
    memory.wanted ??= ranges()
    fit(memory.wanted)
  } else if (ranges().join() !== memory.fitted) {
    memory.wanted = ranges()
  }
  if (!memory.waiting) {
    memory.waiting = true
    requestAnimationFrame(tell)
  }
}
