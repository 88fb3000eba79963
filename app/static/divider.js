// Over the maps of Compare: the divider of Slide, and the control of Morph. What they show is told
// to the server only for Morph, at most once a frame's time; the divider moves in the browser alone.
const PAUSE = 70, SECONDS = 2.4
const still = matchMedia("(prefers-reduced-motion: reduce)")

export function render({ model }) {
  const root = document.createElement("div")
  root.innerHTML = `
    <div class="handle" role="slider" tabindex="0" aria-label="Divider between the maps"><i></i></div>
    <div class="morph"><span>A</span><button type="button" aria-label="Play">play_arrow</button>
    <input type="range" min="0" max="1" step="0.01" value="0" aria-label="From A to B"><span>B</span></div>`
  const [divider, morph] = root.children
  const [button, range] = [morph.querySelector("button"), morph.querySelector("input")]
  let told = 0, waiting = null, playing = null, share = 50

  function slide(percent) {
    share = Math.min(Math.max(percent, 0), 100)
    document.documentElement.style.setProperty("--astra-slide", `${share}%`)
    divider.setAttribute("aria-valuenow", Math.round(share))
  }
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId)
    event.preventDefault()
  })
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) { return }
    const box = root.getRootNode().host.getBoundingClientRect()
    slide(100 * (event.clientX - box.left) / box.width)
  })
  divider.addEventListener("dblclick", () => slide(share < 50 ? 100 : 0))
  divider.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft" || key === "ArrowRight") { slide(share + (key === "ArrowLeft" ? -2 : 2)) }
  })

  function tell() {
    clearTimeout(waiting)
    const rest = told + PAUSE - performance.now()
    if (rest > 0) { waiting = setTimeout(tell, rest); return }
    told = performance.now()
    model.send_msg({ share: Number(range.value) })
  }
  function stop() { cancelAnimationFrame(playing); playing = null; button.textContent = "play_arrow" }
  function play() {
    if (playing !== null) { return stop() }
    const [from, to] = range.value > 0.99 ? [1, 0] : [Number(range.value), 1]
    if (still.matches) { range.value = to; return tell() }
    const begin = performance.now()
    button.textContent = "pause"
    const step = (now) => {
      const done = Math.min((now - begin) / (1000 * SECONDS * Math.abs(to - from)), 1)
      range.value = from + (to - from) * done
      tell()
      if (done < 1) { playing = requestAnimationFrame(step) } else { stop() }
    }
    playing = requestAnimationFrame(step)
  }
  range.addEventListener("input", () => { stop(); tell() })
  button.addEventListener("click", play)

  function draw() {
    divider.hidden = model.mode !== "slide"
    morph.hidden = model.mode !== "morph"
    if (model.mode === "slide") { slide(share) }
    if (model.mode === "morph") { range.value = 0 }
  }
  model.on("mode", draw)
  model.on("remove", stop)
  draw()
  return root
}
