/** In characters. Keeps a stored row at one or two write units. */
const maximumLength = 1024
const anySecret = /pst_[0-9A-Za-z_]{12,}/g
/** Base64url, the alphabet of a JSON Web Token's parts. */
const run = /[0-9A-Za-z_-]+/g
const header = /eyJ[0-9A-Za-z_-]{10}/
const payloadAndSignature = /\.[0-9A-Za-z_-]*(?:\.[0-9A-Za-z_-]*)?/y

/** A request's path without credentials: some clients put them into the path (F5). */
export const shownPath = (path: string): string => {
  const shown = withoutSessions(path.replace(anySecret, 'pst_…'))
  return shown.length <= maximumLength ? shown : `${shown.slice(0, maximumLength)}…`
}

/** Redacts JSON Web Tokens, signed or not. One pattern for a whole token would take quadratic time on long paths with many `eyJ`. */
const withoutSessions = (text: string): string => {
  let shown = ''
  let copied = 0
  for (const found of text.matchAll(run)) {
    const end = found.index + found[0].length
    if (found.index < copied || text[end] !== '.') continue
    const start = header.exec(found[0])?.index
    if (start === undefined) continue
    shown += `${text.slice(copied, found.index + start)}eyJ…`
    payloadAndSignature.lastIndex = end
    copied = end + (payloadAndSignature.exec(text)?.[0].length ?? 0)
  }
  return shown + text.slice(copied)
}
