import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pageHeaders } from '../../lib/http/pages/link-page.ts'
import { openedForgotPage, submitForgotPage } from '../../lib/passwords/forgot-page.ts'
import { donePage, formPage, linkEndedPage } from '../../lib/passwords/reset-page.ts'
import { openedPage } from '../../lib/passwords/reset-page-reply.ts'

const onFault = () => {
  throw new Error('no fault of ours')
}
const everyPage = [
  formPage('pst_rx'),
  formPage('pst_rx', { message: 'no', errors: [{ path: 'confirmPassword', message: 'differs' }] }),
  donePage(),
  linkEndedPage(),
  openedForgotPage().html,
  ...(await Promise.all(
    ['login=a', 'login=', 'password=%3Cscript%3E'].map(
      async (form) => (await submitForgotPage({ requestReset: async () => {}, onFault }, form)).html,
    ),
  )),
]
const policy = pageHeaders['content-security-policy']

describe('the reset page', () => {
  it('shows a token as text, whatever is in it', () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='x'>&amp;`
    const html = openedPage(hostile).html
    expect(html).toContain(
      'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;x&#39;&gt;&amp;amp;"',
    )
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
  })

  it('allows itself one style sheet, by its hash, and nothing else', () => {
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    )
    for (const html of everyPage) {
      const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? ''
      expect(policy).toContain(createHash('sha256').update(style).digest('base64'))
      expect(html).not.toMatch(/<script|\son[a-z]+=|\sstyle=|https?:|<link|<img|url\(|@import/)
    }
  })

  it('gives every field a label, every error an alert, and the document a language and a title', () => {
    for (const html of everyPage) {
      expect(html).toContain('<html lang="en">')
      expect(html).toMatch(/<title>[^<]+<\/title>/)
      expect(html.match(/<h1>/g)).toHaveLength(1)
      const described = [...html.matchAll(/aria-describedby="([^"]+)"/g)].flatMap(
        ([, ids]) => ids?.split(' ') ?? [],
      )
      for (const id of described) expect(html).toContain(`id="${id}"`)
      for (const [, id] of html.matchAll(/<input id="([^"]+)"/g))
        expect(html).toContain(`<label for="${id}">`)
      expect(html.includes('role="alert"')).toBe(html.includes('<title>Error:'))
    }
    expect(formPage('t').match(/autocomplete="new-password"/g)).toHaveLength(2)
  })

  it('says that a link without a token is not complete', () => {
    expect(openedPage('').html).toContain('is incomplete')
    expect(openedPage('').html).not.toContain('type="password"')
  })
})
