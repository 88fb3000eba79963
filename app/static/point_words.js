// What is told of one observation: time, magnitude, flux, band, flags. Numbers are those of the
// survey; only text nodes are made of them.

const NARROW = "\u202f"

function plain(value, decimals) {
  return value.toFixed(decimals).replace("-", "−")
}
function apart(number, decimals) {
  const [whole, rest] = number.toFixed(decimals).split(".")
  return `${whole.replace(/\B(?=(\d{3})+$)/g, NARROW)}.${rest}`
}
// A value and its error, to two digits of the error.
function with_error(value, error) {
  if (!(error > 0)) { return `${said(Number(value.toPrecision(5)))}, error unknown` }
  const decimals = Math.min(Math.max(0, 1 - Math.floor(Math.log10(error))), 6)
  return `${plain(value, decimals)} ± ${plain(error, decimals)}`
}

function lines_of(drawing, table, index, limit) {
  const pick = (name) => table[limit ? `limit_${name}` : name][index]
  const [mjd, flux, error] = [pick("mjd"), pick("flux"), pick("error")]
  let place = 0, band = null
  for (const one of drawing.bands) {
    place += limit ? one.limits : one.points
    if (index < place) { band = one; break }
  }
  const lines = [[band.name, "b"], [`MJD ${apart(mjd, 5)}`], [date_of(drawing, mjd)]]
  if (!drawing.folded && drawing.event) { lines.push([`${plain(mjd - drawing.zero_mjd, 3)} d after ${drawing.event}`]) }
  if (drawing.folded) { lines.push([`phase ${plain(((table.x[index] % 1) + 1) % 1, 4)}`]) }
  if (limit) { lines.push([`5 σ limit ${plain(23.9 - 2.5 * Math.log10(5 * error), 2)} mag ${band.system}`]) }
  else if (flux > 0) { lines.push([`${with_error(23.9 - 2.5 * Math.log10(flux), 1.0857362 * error / flux)} mag ${band.system}`]) }
  const {scale, unit, name} = drawing.flux
  const given = limit && flux === 0
  if (!given) { lines.push([`${name} ${with_error(scale * flux, scale * error)} ${unit}`]) }
  const flags = limit ? 0 : table.kind[index]
  if (given) { lines.push(["limit given by the survey"]) } else if (limit) { lines.push(["below 3 σ: not detected"]) }
  if (flags & FLAGGED) { lines.push(["flagged by the survey"]) }
  if (flags & NEGATIVE) { lines.push(["negative flux"]) }
  return lines
}

function date_of(drawing, mjd) {
  const date = new Date((mjd - MJD_OF_1970) * MS_PER_DAY).toISOString()
  return `${date.slice(0, 10)} ${date.slice(11, 19)}, ${drawing.time_scale}`
}
