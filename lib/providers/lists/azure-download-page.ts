const fileName = /ServiceTags_Public_(\d{8})\.json/g
const longestLink = 500
/** A link ends at blanks, quotes and brackets. */
const linkStart = /[^\s"'<>()[\]{},;=]*$/

/**
 * Finds the newest service tag file in a text: the download page links it, and its URL changes every week.
 *
 * @param pageUrl the base of relative links
 * @returns an absolute URL; undefined if there is none
 */
export const findServiceTagsUrl = (pageText: string, pageUrl: string): string | undefined => {
  // The page has links in HTML attributes and in JSON, where a slash may be written \/ or \u002f.
  const text = pageText.replaceAll(/\\u002f|\\\/|&#x2f;/gi, '/')
  let newest: { day: string; link: string; isBare: boolean } | undefined
  for (const found of text.matchAll(fileName)) {
    const [name, day = ''] = found
    const before = text.slice(Math.max(0, found.index - longestLink), found.index)
    const folder = linkStart.exec(before)?.[0] ?? ''
    // The page also shows the bare name, which is not a link.
    const isBetter = newest === undefined || day > newest.day || (day === newest.day && newest.isBare)
    if (isBetter) newest = { day, link: `${folder}${name}`, isBare: folder === '' }
  }
  if (newest === undefined || !URL.canParse(newest.link, pageUrl)) return undefined
  return new URL(newest.link, pageUrl).href
}
