import { describe, expect, it } from 'vitest'
import { letterBodies } from '../../lib/mail/letter.ts'

describe('a letter', () => {
  it('shows every text as text in its HTML', () => {
    const evil = `<img src=x onerror=alert(1)> & "quotes" 'n`
    const { html, text } = letterBodies({
      title: evil,
      paragraphs: [evil, { link: 'https://a.example/?a=1&b="x"', title: evil }],
    })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot; &#39;n')
    expect(html).toContain('href="https://a.example/?a=1&amp;b=&quot;x&quot;"')
    expect(text).toContain(evil)
    expect(text).toContain('https://a.example/?a=1&b="x"')
  })

  it('loads nothing from elsewhere', () => {
    const { html } = letterBodies({ title: 't', paragraphs: ['p'] })
    expect(html).not.toMatch(/https?:|<img|<link|<script|url\(/)
  })
})
