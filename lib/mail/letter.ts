import type { Brand } from '../brand/brand.ts'
import { brandOf, fitted } from '../brand/brand.ts'
import { escapeHtml } from '../effects/html-text.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { Message } from './message.ts'
import { logoContentId } from './message.ts'

/** A paragraph of text, or a link. */
type Paragraph = string | { readonly link: string; readonly title: string }

export type Letter = { readonly title: string; readonly paragraphs: readonly Paragraph[] }

/**
 * A mail in the name of an organization has its sender name, its colour and its logo.
 *
 * @param organization null = in the name of none: the sender is the one in `MAIL_FROM`, and the mail has nothing that somebody chose
 */
export const letterFrom = (organization: StoredOrganization | null, to: string, letter: Letter): Message => ({
  to,
  senderName: organization?.resetMailSenderName ?? null,
  subject: letter.title,
  ...letterBodies(letter, organization === null ? null : brandOf(organization)),
  logoOf: organization?.logo ? organization.organizationId : null,
})

const style = 'font:16px/1.5 -apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif'

/** Mail programs make a dark look of the light one by themselves. */
const ownAccent = { accent: '#1f4f8f', on: '#ffffff' }

/** The letter as plain text and as HTML without remote content, which would disclose when the mail is read. */
export const letterBodies = (letter: Letter, brand: Brand | null): { text: string; html: string } => ({
  text: `${letter.paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')}\n`,
  html: [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(letter.title)}</title></head>`,
    `<body style="margin:0;padding:24px;${style}"><div style="max-width:36em">`,
    ...(brand === null ? [] : [headHtml(brand)]),
    `<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">${escapeHtml(letter.title)}</h1>`,
    ...letter.paragraphs.map((part) => paragraphHtml(part, brand)),
    '</div></body></html>',
    '',
  ].join('\n'),
})

const accentOf = (brand: Brand | null) => brand?.shades?.light ?? ownAccent

const headHtml = (brand: Brand): string => {
  const { name, logo } = brand
  const line = `margin:0 0 24px;padding:0 0 12px;border-bottom:3px solid ${accentOf(brand).accent}`
  return `<p style="${line};font-weight:600">${logo === null ? '' : logoHtml(logo)}${escapeHtml(name)}</p>`
}

/** Outlook reads the size from the attributes only. The name stands beside it, so the image needs no text. */
const logoHtml = (logo: NonNullable<Brand['logo']>): string => {
  const { width, height } = fitted(logo, { width: 160, height: 40 })
  const look = 'vertical-align:middle;margin:0 12px 0 0;border:0;background:#ffffff'
  return `<img src="cid:${logoContentId}" width="${width}" height="${height}" alt="" style="${look}">`
}

const paragraphHtml = (part: Paragraph, brand: Brand | null): string => {
  if (typeof part === 'string') return `<p style="margin:0 0 16px">${escapeHtml(part)}</p>`
  const link = escapeHtml(part.link)
  const { accent, on } = accentOf(brand)
  return [
    `<p style="margin:0 0 16px"><a href="${link}" style="display:inline-block;padding:10px 18px;border-radius:6px;`,
    `background:${accent};color:${on};text-decoration:none">${escapeHtml(part.title)}</a></p>`,
    `<p style="margin:0 0 16px;font-size:14px;word-break:break-all">Or open this address: ${link}</p>`,
  ].join('')
}
