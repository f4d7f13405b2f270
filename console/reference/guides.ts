import { Marked } from 'marked'
import type { Guide } from '../../lib/reference/page/guide.ts'
import { guidePath } from '../../lib/reference/page/guide.ts'
import { code, html } from '../../lib/reference/page/markup.ts'

/** The pages of `docs/` that people read who use the API, in the order of the contents. The others are for those who run Postern. */
export const guideNames = [
  'access',
  'search',
  'credentials',
  'whitelist',
  'password-reset',
  'invitations',
  'rate-limits',
  'denials',
  'audit',
  'migration',
  'drop-in',
  'security',
] as const

/** What the reference page itself shows. */
const inReference: Readonly<Record<string, string>> = { 'errors.md': '/docs#errors' }

/** GitHub's name of a heading in a link. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')

/** @returns undefined if the page is not served */
const targetOf = (href: string): string | undefined => {
  if (/^(?:https:|#)/.test(href)) return href
  const [file = '', anchor] = href.split('#')
  const name = guideNames.find((guide) => file === `${guide}.md`)
  const page = name === undefined ? inReference[file] : guidePath(name)
  return page === undefined || anchor === undefined || page.includes('#') ? page : `${page}#${anchor}`
}

/** @param markdown a page of `docs/` @throws Error if it has no title, or HTML of its own */
export const guideFrom = (name: string, markdown: string): Guide => {
  const headings: { anchor: string; title: string }[] = []
  let title: string | undefined
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = anchorOf(text)
        const plain = text.replaceAll('`', '')
        if (depth === 1) title = plain
        if (depth === 2) headings.push({ anchor, title: plain })
        const content = this.parser.parseInline(tokens)
        const linked = depth === 1 ? content : `<a href="#${anchor}">${content}</a>`
        return `<h${depth} id="${anchor}">${linked}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const target = targetOf(href)
        const content = this.parser.parseInline(tokens)
        return target === undefined ? content : html`<a href="${target}">${{ markup: content }}</a>`.markup
      },
      code: ({ text, lang }) => code(`Example${lang === undefined ? '' : ` (${lang})`}`, text).markup,
      // A header without text has no name for a screen reader: it is an empty cell.
      tablecell({ header, tokens, text }) {
        const tag = header && text !== '' ? 'th' : 'td'
        return `<${tag}>${this.parser.parseInline(tokens)}</${tag}>\n`
      },
      html: ({ text }) => {
        throw new Error(`docs/${name}.md has HTML of its own: ${text}`)
      },
    },
  })
  const content = { markup: marked.parse(markdown, { async: false }) }
  if (title === undefined) throw new Error(`docs/${name}.md has no title`)
  return { name, title, headings, content }
}
