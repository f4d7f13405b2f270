import type { OpenApiDocument } from '../../lib/reference/openapi/document.ts'
import type { Guide } from '../../lib/reference/page/guide.ts'
import { guidePath } from '../../lib/reference/page/guide.ts'
import type { Found } from './browser/ranking.ts'

const wordsIn = (...texts: readonly string[]): string =>
  [
    ...new Set(
      texts
        .join(' ')
        .match(/[\p{L}\p{N}][\p{L}\p{N}_-]+/gu)
        ?.map((word) => word.toLowerCase()),
    ),
  ]
    .sort()
    .join(' ')

/** The texts of a page, by the element that an anchor names: what stands between it and the next one. */
const textAt = (page: string): Map<string, string> => {
  const parts = page.split(/<(?:article|section|h[1-6]|div)\b[^>]*\sid="([^"]+)"[^>]*>/)
  const texts = new Map<string, string>()
  for (let index = 1; index < parts.length; index += 2)
    texts.set(parts[index] ?? '', plainText(parts[index + 1] ?? ''))
  return texts
}

const plainText = (markup: string): string =>
  markup
    .replaceAll(/<pre[\s\S]*?<\/pre>/g, ' ')
    .replaceAll('<wbr>', '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&[a-z#0-9]+;/g, ' ')

/** @param page the reference @returns what the search looks through, in the order of the pages */
export const searchIndex = (document: OpenApiDocument, page: string, guides: readonly Guide[]): Found[] => {
  const texts = textAt(page)
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(
      ([method, { operationId, summary }]): Found => ({
        kind: 'endpoint',
        title: summary,
        detail: `${method.toUpperCase()} ${path}`,
        url: `/docs#${operationId}`,
        words: wordsIn(operationId, texts.get(operationId) ?? '', texts.get(`${operationId}-title`) ?? ''),
      }),
    ),
  )
  const errors = document['x-postern-errors'].map(
    ({ code, title, status, meaning, remedy }): Found => ({
      kind: 'error',
      title: code,
      detail: `${status} ${title}`,
      url: `/docs#error-${code}`,
      words: wordsIn(meaning, remedy),
    }),
  )
  const shapes = Object.entries(document.components.schemas).map(
    ([name, { description = '', properties = {} }]): Found => ({
      kind: 'shape',
      title: name,
      detail: description,
      url: `/docs#schema-${name}`,
      words: wordsIn(...Object.keys(properties)),
    }),
  )
  const parts = guides.flatMap(({ name, title, headings, content }) => {
    const here = textAt(content.markup)
    return headings.map(
      ({ anchor, title: heading }): Found => ({
        kind: 'guide',
        title: heading,
        detail: title,
        url: `${guidePath(name)}#${anchor}`,
        words: wordsIn(here.get(anchor) ?? ''),
      }),
    )
  })
  return [...operations, ...parts, ...errors, ...shapes]
}
