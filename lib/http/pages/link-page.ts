import { escapeHtml } from '../../effects/html-text.ts'
import { contentSecurityPolicy, style } from './page-style.ts'

/** Of every page that a mailed link opens. */
export const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'content-type': 'text/html;charset=UTF-8',
} as const

/** @param parts HTML, escaped where it holds anybody's text. */
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

/** The token of the link, which the form sends back. */
export const tokenField = (token: string): string =>
  `<input type="hidden" name="token" value="${escapeHtml(token)}">`
