import { problems } from '../../lib/contract/problem.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { buildOpenApi } from '../../lib/reference/openapi/openapi.ts'
import { originInPage } from '../../lib/reference/page/frame.ts'
import { guidePage } from '../../lib/reference/page/guide.ts'
import { referencePage } from '../../lib/reference/page/reference-page.ts'
import { guideFrom, guideNames } from './guides.ts'
import { searchIndex } from './search-index.ts'

/** What the pages load. */
export const referenceEntries = {
  script: 'console/reference/browser/reference.ts',
  style: 'console/reference/reference.css',
} as const

export type ReferenceEntry = keyof typeof referenceEntries

/**
 * The reference, its guides, and what their search looks through.
 *
 * @param urlOf where an entry is on the server
 * @param readGuide gives a page of `docs/`
 * @param hashOf the part of a file's name that changes with its content
 * @returns the reference, and the other texts by file name
 */
export const referencePages = (
  urlOf: (entry: ReferenceEntry) => string,
  readGuide: (name: string) => string,
  hashOf: (content: string) => string,
): { readonly reference: string; readonly pages: ReadonlyMap<string, string> } => {
  const guides = guideNames.map((name) => guideFrom(name, readGuide(name)))
  const document = buildOpenApi({ endpoints, problems, origin: originInPage })
  const assets = { script: urlOf('script'), style: urlOf('style') }
  const draft = referencePage(document, guides, { ...assets, searchIndex: '' })
  const index = JSON.stringify(searchIndex(document, draft, guides))
  const searchFile = `assets/search-${hashOf(index)}.json`
  const found = { ...assets, searchIndex: `/console/${searchFile}` }
  const guideFiles = guides.map(
    (guide) => [`guides/${guide.name}.html`, guidePage(guide, guides, found)] as const,
  )
  return {
    reference: referencePage(document, guides, found),
    pages: new Map([[searchFile, index], ...guideFiles]),
  }
}
