import { escapeHtml } from '../../effects/html-text.ts'
import { contentSecurityPolicy, style } from './page-style.ts'

/** Headers of every page that a mailed link opens. */
export const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'content-type': 'text/html;charset=UTF-8',
} as const

/** @param parts HTML; user text in it must be escaped. */
export const pageDocument = (title: string, parts: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${title}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    ...parts,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')

export const alertBox = (message: string): string =>
  `<div class="alert" role="alert"><p>${escapeHtml(message)}</p></div>`

/** Hidden field with the token of the link. */
export const tokenField = (token: string): string =>
  `<input type="hidden" name="token" value="${escapeHtml(token)}">`
