import { describe, expect, it } from 'vitest'
import { letterBodies, letterFrom } from '../../lib/mail/letter.ts'
import { hostile, sampleBrand } from '../http/sample-brand.ts'
import { storedOrganization } from '../identity/sample-membership.ts'

describe('a letter', () => {
  it('shows every text as text in its HTML', () => {
    const evil = `<img src=x onerror=alert(1)> & "quotes" 'n`
    const { html, text } = letterBodies(
      {
        title: evil,
        paragraphs: [evil, { link: 'https://a.example/?a=1&b="x"', title: evil }],
      },
      null,
    )
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot; &#39;n')
    expect(html).toContain('href="https://a.example/?a=1&amp;b=&quot;x&quot;"')
    expect(text).toContain(evil)
    expect(text).toContain('https://a.example/?a=1&b="x"')
  })

  it('loads nothing from elsewhere, with or without a logo', () => {
    for (const brand of [null, sampleBrand])
      expect(letterBodies({ title: 't', paragraphs: ['p'] }, brand).html).not.toMatch(
        /https?:|<img src="(?!cid:)|<link|<script|url\(/,
      )
  })
})

describe('a letter in the name of an organization', () => {
  const letter = { title: 't', paragraphs: ['p', { link: 'https://a.example', title: 'Open' }] }
  const look = (changes: Parameters<typeof storedOrganization>[0]) =>
    letterFrom(storedOrganization(changes), 'to@partner.example', letter)

  it('has its sender name, its name, its colour and its logo, which has a place of its size', () => {
    const logo = { hash: 'ab', width: 400, height: 50 }
    const { html, ...mail } = look({
      name: 'Heron',
      resetMailSenderName: 'Heron IT',
      colour: '#0b6e4f',
      logo,
    })
    expect(mail).toMatchObject({ senderName: 'Heron IT', subject: 't', logoOf: 'org_1' })
    expect(html).toMatch(
      /border-bottom:3px solid #0b6e4f[^>]*><img src="cid:logo" width="160" height="20" alt=""[^>]*>Heron</,
    )
    expect(html).toContain('background:#0b6e4f;color:#ffffff')
  })

  it('has colours that can be read, and own ones where there is none', () => {
    expect(look({ colour: '#ffff00' }).html).not.toMatch(/#ffff00|#1f4f8f/)
    const plain = look({ colour: null })
    expect(plain.html).toContain('background:#1f4f8f;color:#ffffff')
    expect(plain.logoOf).toBeNull()
    expect(plain.html).not.toContain('<img')
  })

  it('shows a hostile name as text, and lets no colour out of its place', () => {
    const { html } = look({ name: hostile, colour: '#fff"><script>' })
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)')
    expect(html).not.toContain('<script')
    expect(html).toContain('solid #1f4f8f')
  })

  it('has nothing that somebody chose where it is in the name of none', () => {
    const { html, senderName, logoOf } = letterFrom(null, 'to@partner.example', letter)
    expect({ senderName, logoOf }).toEqual({ senderName: null, logoOf: null })
    expect(html).not.toMatch(/<img|border-bottom/)
  })
})
