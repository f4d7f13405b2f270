import { escapeHtml } from '../../effects/html-text.ts'

/** HTML that is safe to send. Only `html` makes it, so text cannot become markup by accident. */
export type Markup = { readonly markup: string }

type Part = Markup | string | number | readonly Markup[]

const rendered = (part: Part): string => {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'markup' in part ? part.markup : part.map(rendered).join('')
}

/** A template that escapes texts and inserts markup unchanged. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.reduce((text, string, index) => {
    const part = parts[index - 1]
    return text + (part === undefined ? '' : rendered(part)) + string
  }),
})

export const nothing: Markup = { markup: '' }

export const joined = (markups: readonly Markup[], separator: string): Markup => ({
  markup: markups.map(rendered).join(escapeHtml(separator)),
})

/** One line of prose; backticks mark `code`. */
export const prose = (text: string): Markup =>
  joined(
    text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`)),
    '',
  )

export const paragraphs = (text: string): Markup =>
  html`${text.split('\n\n').map((paragraph) => html`<p>${prose(paragraph)}</p>`)}`

/** A path that may break after each of its slashes. */
export const breakable = (path: string): Markup => ({
  markup: escapeHtml(path)
    .replaceAll('/', '<wbr>/')
    .replace(/^<wbr>/, ''),
})

/** Scrolls by keyboard; the script adds a button that copies it. */
export const code = (label: string, text: string): Markup =>
  html`<div class="sample"><pre tabindex="0" role="group" aria-label="${label}"><code>${text}</code></pre></div>`
