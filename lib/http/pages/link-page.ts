import type { Brand } from '../../brand/brand.ts'
import { fitted } from '../../brand/brand.ts'
import { escapeHtml } from '../../effects/html-text.ts'
import { contentSecurityPolicy, styleWith } from './page-style.ts'

/** A page that a mailed link opens, or that its form answers with. */
export type Page = { readonly html: string; readonly policy: string }

/**
 * @param parts HTML; user text in it must be escaped.
 * @param brand of the organization that the reader has shown to belong to; null = Postern's own look
 */
export const pageDocument = (title: string, parts: readonly string[], brand: Brand | null = null): Page => {
  const sheet = styleWith(brand?.shades ?? null)
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${title}</title>`,
    `<style>${sheet}</style>`,
    '</head>',
    '<body>',
    '<main>',
    ...(brand === null ? [] : [head(brand)]),
    ...parts,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
  return { html, policy: contentSecurityPolicy(sheet, (brand?.logo ?? null) !== null) }
}

const head = ({ name, logo }: Brand): string => {
  const { width, height } = logo === null ? { width: 0, height: 0 } : fitted(logo, { width: 160, height: 40 })
  // Relative, like the forms: the pages are at the root of the API.
  const image =
    logo === null
      ? ''
      : `<img src="${escapeHtml(logo.path.slice(1))}" width="${width}" height="${height}" alt="">`
  return `<p class="brand">${image}${escapeHtml(name)}</p>`
}

export const alertBox = (message: string): string =>
  `<div class="alert" role="alert"><p>${escapeHtml(message)}</p></div>`

/** Hidden field with the token of the link. */
export const tokenField = (token: string): string =>
  `<input type="hidden" name="token" value="${escapeHtml(token)}">`
