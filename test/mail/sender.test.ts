import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, mailboxText, nameOf } from '../../lib/mail/sender.ts'

const address = 'no-reply@postern.example'

/** As a mail program reads it (RFC 2047 section 2, RFC 5322 quoted-string). */
const displayedName = (mailbox: string): string => {
  const phrase = mailbox.slice(0, -` <${address}>`.length)
  const words = [...phrase.matchAll(/=\?UTF-8\?B\?([A-Za-z0-9+/=]+)\?=/g)]
  if (words.length > 0) return words.map(([, text]) => Buffer.from(text ?? '', 'base64').toString()).join('')
  return phrase.slice(1, -1).replace(/\\(.)/g, '$1')
}

describe('the sender of a mail', () => {
  it('shows a plain name as it is', () => {
    expect(mailboxText('Example, Inc.', address)).toBe(`"Example, Inc." <${address}>`)
    expect(mailboxText('', address)).toBe(address)
    expect(mailboxText('"A" \\ B', address)).toBe(`"\\"A\\" \\\\ B" <${address}>`)
  })

  it.each([
    'Evil\r\nBcc: victim@evil.example',
    'Evil" <evil@evil.example>, "',
    'Back\\slash" <evil@evil.example>',
    'Evil\u2028Subject: x',
    '\u0000',
  ])('lets no name end the header or add an address: %j', (name) => {
    const text = mailboxText(name, address)
    expect(text).not.toMatch(/[^\x20-\x7e]/)
    expect(text.replace(/"(?:[^"\\]|\\.)*"/, '').match(/@/g)).toHaveLength(1)
  })

  it('lets no control character or line end of Unicode into what is displayed', () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
    const breaking = units.filter((unit) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(unit))
    expect(breaking).toHaveLength(67)
    for (const unit of breaking)
      expect(displayedName(mailboxText(`é one${unit}two`, address))).toBe('é one two')
  })

  it('carries any text through, in lines that a mail header may have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (name) => {
        const text = mailboxText(name, address)
        expect(text).toMatch(/^[\x20-\x7e]+$/)
        for (const word of text.split(' ').filter((part) => part.startsWith('=?')))
          expect(word.length).toBeLessThanOrEqual(75)
        const expected = name
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they become blanks.
          .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
          .trim()
        if (expected !== '') expect(displayedName(text)).toBe(expected)
      }),
    )
  })

  it('takes the address out of MAIL_FROM', () => {
    expect(addressOf('Postern <a@b.example>')).toBe('a@b.example')
    expect(addressOf('a@b.example')).toBe('a@b.example')
  })

  it.each([
    ['Postern <a@b.example>', 'Postern'],
    ['"Postern, Inc." <a@b.example>', 'Postern, Inc.'],
    ['"A \\"quoted\\" name" <a@b.example>', 'A "quoted" name'],
    ['<a@b.example>', ''],
    ['a@b.example', ''],
  ])('takes the name out of MAIL_FROM: %s', (sender, name) => {
    expect(nameOf(sender)).toBe(name)
  })
})
