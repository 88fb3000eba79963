// The sky around an object. Aladin Lite runs in a sandboxed frame: it sees neither the page nor
// its cookies, and talks with it by messages alone.

const PATIENCE = 15000

function frame_for(model) {
  const settings = JSON.stringify({
    target: `${model.ra} ${model.dec}`, fov: model.field, survey: model.survey, cooFrame: "ICRS",
    showReticle: true, showCooGridControl: false, showSimbadPointerControl: false,
    showProjectionControl: false, showLayersControl: false, showFullscreenControl: false,
    showFrame: false, showCooLocation: false, showStackLayerControl: false, showGotoControl: false,
    showZoomControl: false, showShareControl: false, showSettingsControl: false, showStatusBar: false,
    showContextMenu: false, showFov: true,
  }).replaceAll("<", "\\u003c")
  const frame = document.createElement("iframe")
  frame.sandbox = "allow-scripts"
  frame.title = "Image of the sky"
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><style>html,body,#sky{margin:0;width:100%;height:100%;background:#000}</style>
    <div id="sky"></div><script>
    // A frame without an origin has no storage, and Aladin asks it for a theme.
    const nothing = {getItem: () => null, setItem() {}, removeItem() {}};
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, {value: nothing, configurable: true});
    const tell = (state) => parent.postMessage({sky: state}, "*");
    function begin() {
      A.init.then(() => {
        const aladin = A.aladin("#sky", ${settings});
        addEventListener("message", ({data}) => {
          aladin.setImageSurvey(data.survey);
          aladin.gotoRaDec(data.ra, data.dec);
        });
        tell("here");
      }).catch((error) => tell("failed: " + error));
    }
    addEventListener("error", (event) => { if (event.message) tell("failed: " + event.message) });
    </script><script src="${model.address}" onload="begin()" onerror="tell('failed')"></script>`
  return frame
}

export function render({ model }) {
  const root = document.createElement("div")
  root.className = "sky"
  const site = new URL(model.address).host
  let frame = null, timer = null, here = false
  const offer = (said, button) => {
    frame = null
    here = false
    clearTimeout(timer)
    root.innerHTML = `<div class="offer"><span class="small"></span><button class="control" type="button"></button></div>`
    root.querySelector("span").textContent = said
    root.querySelector("button").textContent = button
    root.querySelector("button").onclick = load
  }
  const fail = () => offer(
    `No image: this browser got no answer from ${site}. Without the network, use the position and the links; else check the firewall and try again.`, "Try again")
  function load() {
    frame = frame_for(model)
    root.replaceChildren(frame)
    const wait = document.createElement("div")
    wait.className = "wait small"
    wait.textContent = `loading from ${site} …`
    root.append(wait)
    timer = setTimeout(fail, PATIENCE)
  }
  const heard = ({ source, data }) => {
    if (!frame || source !== frame.contentWindow || typeof data?.sky !== "string") return
    if (data.sky !== "here") return here ? null : fail()
    clearTimeout(timer)
    here = true
    root.querySelector(".wait")?.remove()
  }
  const move = () => {
    if (here) frame.contentWindow.postMessage({ ra: model.ra, dec: model.dec, survey: model.survey }, "*")
    else if (frame) load()
  }
  window.addEventListener("message", heard)
  model.on("ra", move)
  model.on("dec", move)
  model.on("remove", () => window.removeEventListener("message", heard))
  offer(`Loaded from ${site} only when asked for.`, "Show the sky")
  return root
}
