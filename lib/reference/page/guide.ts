import type { PageAssets } from './frame.ts'
import { framed } from './frame.ts'
import type { Markup } from './markup.ts'
import { html, nothing } from './markup.ts'

/** A page of `docs/` that people read who use the API. */
export type Guide = {
  /** The name of its file, without the ending. */
  readonly name: string
  readonly title: string
  readonly headings: readonly { readonly anchor: string; readonly title: string }[]
  readonly content: Markup
}

export type GuideLink = Pick<Guide, 'name' | 'title'>

export const guidePath = (name: string): string => `/docs/guides/${name}`

/** The links to all guides; the current one with its parts. */
export const guideList = (guides: readonly GuideLink[], current?: Guide): Markup =>
  html`<li><a href="${guidePath(guides[0]?.name ?? '')}">Guides</a>
<ul class="guides">${guides.map(
    ({ name, title }) =>
      html`<li><a href="${guidePath(name)}"${name === current?.name ? html` aria-current="page"` : ''}>${title}</a>${
        name === current?.name ? parts(current) : nothing
      }</li>`,
  )}</ul></li>`

const parts = ({ headings }: Guide): Markup =>
  html`<ul>${headings.map(({ anchor, title }) => html`<li><a href="#${anchor}">${title}</a></li>`)}</ul>`

export const guidePage = (guide: Guide, guides: readonly GuideLink[], assets: PageAssets): string =>
  framed({
    title: `${guide.title} – Postern`,
    subtitle: 'Guide',
    assets,
    controls: nothing,
    contents: html`<ul>
<li><a href="/docs">API reference</a></li>
${guideList(guides, guide)}
</ul>`,
    main: html`<div class="guide">${guide.content}</div>`,
    footer: 'Postern',
  })
