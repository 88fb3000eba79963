// Where the ticks of an axis stand and what they say.

const MS_PER_DAY = 86400000, MJD_OF_1970 = 40587
const MINUTES = [1, 2, 5, 10, 30, 60, 120, 180, 360, 720]
const DAYS = [1, 2, 5, 10], MONTHS = [1, 2, 3, 6], YEARS = [1, 2, 5, 10, 20, 50]

// Multiples of a round step, about so many of them; mantissas lie between 1 and 10.
function round_ticks(low, high, wanted, mantissas = [1, 2, 5, 10]) {
  const span = high - low
  if (!(span > 0) || !isFinite(span)) { return [] }
  const power = 10 ** Math.floor(Math.log10(span / wanted))
  const off = (step) => Math.abs(span / step - wanted)
  const step = mantissas.map((m) => m * power).reduce((a, b) => off(b) < off(a) ? b : a)
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
  const decimals = Math.min(Math.max(0, 2 - Math.floor(Math.log10(step))), 12)
  const places = Array.from({length: Math.max(0, last - first + 1)}, (_, i) => (first + i) * step)
  return places.map((at) => [at, said(Number(at.toFixed(decimals)))])
}

function said(number) {
  return String(number).replace("-", "−")
}

// The first of each so many years or months, or multiples of days and minutes.
function calendar_ticks(low_mjd, high_mjd, most) {
  const [low, high] = [low_mjd, high_mjd].map((mjd) => (mjd - MJD_OF_1970) * MS_PER_DAY)
  if (!(high > low) || !isFinite(high - low)) { return [] }
  const days = (high - low) / MS_PER_DAY
  const fits = (lengths, length) => lengths.find((n) => days / (n * length) <= most)
  const minutes = fits(MINUTES, 1 / 1440), whole_days = fits(DAYS, 1), months = fits(MONTHS, 30.44)
  if (minutes || whole_days) {
    const step = minutes ? minutes * 60000 : whole_days * MS_PER_DAY
    return fixed_times(low, high, step, minutes ? [5, 16] : [0, 10])
  }
  return firsts(low, high, months || 12 * (fits(YEARS, 365.25) ?? 100), months ? 10 : 4)
}

function fixed_times(low, high, step, [from, to]) {
  const first = Math.ceil(low / step), count = Math.floor(high / step) - first + 1
  return Array.from({length: Math.max(0, count)}, (_, i) => {
    const at = (first + i) * step
    return [at / MS_PER_DAY + MJD_OF_1970, new Date(at).toISOString().slice(from, to).replace("T", " ")]
  })
}

function firsts(low, high, months, length) {
  const start = new Date(low)
  const month = start.getUTCFullYear() * 12 + start.getUTCMonth()
  const ticks = []
  for (let m = Math.ceil(month / months) * months; ; m += months) {
    const at = Date.UTC(Math.floor(m / 12), m % 12, 1)
    if (at > high) { return ticks }
    if (at >= low) { ticks.push([at / MS_PER_DAY + MJD_OF_1970, new Date(at).toISOString().slice(0, length)]) }
  }
}

// Flux of an AB magnitude, said in the unit that keeps it short.
function flux_of(magnitude) {
  const flux = 10 ** ((23.9 - magnitude) / 2.5), thousands = flux < 1000 ? 0 : flux < 1e6 ? 1 : 2
  return `${Number((flux / 1000 ** thousands).toPrecision(2))} ${["µJy", "mJy", "Jy"][thousands]}`
}
