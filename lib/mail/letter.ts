import { escapeHtml } from '../effects/html-text.ts'

/** A paragraph of text, or a link. */
export type Paragraph = string | { readonly link: string; readonly title: string }

export type Letter = { readonly title: string; readonly paragraphs: readonly Paragraph[] }

const style = 'font:16px/1.5 -apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif'

/** The letter as plain text and as HTML without remote content, which would disclose when the mail is read. */
export const letterBodies = (letter: Letter): { text: string; html: string } => ({
  text: `${letter.paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')}\n`,
  html: [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(letter.title)}</title></head>`,
    `<body style="margin:0;padding:24px;${style}"><div style="max-width:36em">`,
    `<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">${escapeHtml(letter.title)}</h1>`,
    ...letter.paragraphs.map(paragraphHtml),
    '</div></body></html>',
    '',
  ].join('\n'),
})

const paragraphHtml = (part: Paragraph): string => {
  if (typeof part === 'string') return `<p style="margin:0 0 16px">${escapeHtml(part)}</p>`
  const link = escapeHtml(part.link)
  return [
    `<p style="margin:0 0 16px"><a href="${link}" style="display:inline-block;padding:10px 18px;border-radius:6px;`,
    `background:#1f4f8f;color:#ffffff;text-decoration:none">${escapeHtml(part.title)}</a></p>`,
    `<p style="margin:0 0 16px;font-size:14px;word-break:break-all">Or open this address: ${link}</p>`,
  ].join('')
}
