const fileName = /ServiceTags_Public_(\d{8})\.json/g
const longestLink = 500
/** What cannot stand inside a link: blanks, quotes, brackets. */
const linkStart = /[^\s"'<>()[\]{},;=]*$/

/**
 * Finds the newest service tag file that a text names: the download page links it, and its address changes every week.
 *
 * @param pageUrl what a relative link is resolved against
 * @returns an absolute URL, or undefined when the text names none
 */
export const findServiceTagsUrl = (pageText: string, pageUrl: string): string | undefined => {
  // The page carries its links in HTML attributes and inside JSON, where a slash may be written \/ or \u002f.
  const text = pageText.replaceAll(/\\u002f|\\\/|&#x2f;/gi, '/')
  let newest: { day: string; link: string; isBare: boolean } | undefined
  for (const found of text.matchAll(fileName)) {
    const [name, day = ''] = found
    const before = text.slice(Math.max(0, found.index - longestLink), found.index)
    const folder = linkStart.exec(before)?.[0] ?? ''
    // The page shows the bare name as well, which is no link.
    const isBetter = newest === undefined || day > newest.day || (day === newest.day && newest.isBare)
    if (isBetter) newest = { day, link: `${folder}${name}`, isBare: folder === '' }
  }
  if (newest === undefined || !URL.canParse(newest.link, pageUrl)) return undefined
  return new URL(newest.link, pageUrl).href
}
