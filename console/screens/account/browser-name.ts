const browsers = [
  ['Edge', /Edg(?:A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Firefox', /(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|CriOS)\//],
  ['Safari', /Safari\//],
] as const
const systems = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X|Macintosh/],
  ['Linux', /Linux/],
] as const

const firstIn = (list: readonly (readonly [string, RegExp])[], text: string): string | undefined =>
  list.find(([, sign]) => sign.test(text))?.[0]

/** Browser and system of a User-Agent header, such as `Firefox, Windows`; undefined if it names neither. It is a hint, never a proof. */
export const browserName = (userAgent: string): string | undefined => {
  const names = [firstIn(browsers, userAgent), firstIn(systems, userAgent)].filter(
    (name) => name !== undefined,
  )
  return names.length === 0 ? undefined : names.join(', ')
}
