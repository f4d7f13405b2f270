/**
 * IANA time zone names. They are case-insensitive (tzdata `theory.html`, "Names of timezones"), but are stored and shown in IANA's
 * spelling. Intl knows which names exist, but replaces links such as Asia/Kolkata or US/Pacific by its preferred name. Links must be kept,
 * so this file has their spelling.
 */

/** The areas before the first slash. ICU has more (`SystemV/EST5`), which are not IANA's. */
const areas =
  'Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US'
/** All names without an area; IANA adds no more. ICU has others, such as IST and CST, which are ambiguous. */
const bareNames =
  'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica ' +
  'Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal ' +
  'W-SU WET Zulu'
/** Links whose parts are not capitalized words. */
const unusualNames =
  'America/Argentina/ComodRivadavia America/Knox_IN Australia/ACT Australia/LHI Australia/NSW Brazil/DeNoronha Chile/EasterIsland ' +
  'Mexico/BajaNorte Mexico/BajaSur'

const byLowerCase = (names: string): ReadonlyMap<string, string> =>
  new Map(names.split(' ').map((name) => [name.toLowerCase(), name]))

const spelledAreas = byLowerCase(areas)
const spelledNames = byLowerCase(`${bareNames} ${unusualNames}`)

/** @returns the name in IANA's spelling; undefined for other texts, including offsets such as `+02:00` */
export const ianaTimeZone = (text: string): string | undefined => {
  if (!/^[a-z][a-z0-9/_+-]*$/i.test(text)) return undefined
  const lower = text.toLowerCase()
  const [firstPart = '', ...rest] = lower.split('/')
  const area = rest.length === 0 ? undefined : spelledAreas.get(firstPart)
  const isListed = spelledNames.has(lower)
  if (area === undefined && !isListed) return undefined
  const preferred = preferredByIntl(text)
  if (preferred === undefined) return undefined
  if (preferred.toLowerCase() === lower) return preferred
  return spelledNames.get(lower) ?? [area, ...rest.map((part) => spelledPart(part, area))].join('/')
}

const preferredByIntl = (name: string): string | undefined => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** `port_of_spain` is Port_of_Spain, `etc/gmt+5` Etc/GMT+5, but `etc/universal` Etc/Universal. */
const spelledPart = (part: string, area: string | undefined): string => {
  const isAbbreviation = area === 'Etc' && /^(?:gmt|utc|uct)/.test(part)
  if (isAbbreviation) return part.toUpperCase()
  return part.replace(/(^|[_-])([a-z]+)/g, (_match, separator: string, word: string) =>
    /^(?:of|es|au)$/.test(word) && separator !== ''
      ? `${separator}${word}`
      : `${separator}${word.charAt(0).toUpperCase()}${word.slice(1)}`,
  )
}
