import { describe, expect, it } from 'vitest'
import type { PageReply } from '../../lib/http/pages/page-reply.ts'
import { openedForgotPage, submitForgotPage } from '../../lib/passwords/forgot-page.ts'
import { donePage, formPage, linkEndedPage } from '../../lib/passwords/reset-page.ts'
import { openedPage } from '../../lib/passwords/reset-page-reply.ts'
import { expectClosed, hostile, sampleBrand } from '../http/sample-brand.ts'

const onFault = () => {
  throw new Error('no fault of ours')
}
const closedReply = ({ html, headers }: PageReply) => ({
  html,
  policy: headers['content-security-policy'] ?? '',
})
const everyPage = [
  formPage('pst_rx'),
  formPage('pst_rx', { message: 'no', errors: [{ path: 'confirmPassword', message: 'differs' }] }),
  donePage(sampleBrand, { isFirst: true, isNoticed: true }),
  donePage({ ...sampleBrand, shades: null, logo: null }, { isFirst: false, isNoticed: false }),
  linkEndedPage(),
  closedReply(openedForgotPage()),
  ...(await Promise.all(
    ['login=a', 'login=', 'password=%3Cscript%3E'].map(async (form) =>
      closedReply(await submitForgotPage({ requestReset: async () => {}, onFault }, form)),
    ),
  )),
]

describe('the reset page', () => {
  it('shows a token as text, whatever is in it', () => {
    const html = openedPage(hostile).html
    expect(html).toContain(
      'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;x&#39;&gt;&amp;amp;"',
    )
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
  })

  it('allows itself one style sheet, by its hash, and images of its own origin where it has one', () => {
    for (const page of everyPage) expectClosed(page)
  })

  it('shows the look of the organization whose user has shown a valid link, and its name as text', () => {
    const { html } = donePage({ ...sampleBrand, name: hostile }, { isFirst: false, isNoticed: true })
    expect(html).toContain(
      '<img src="v1/organizations/org_1/logo/ab" width="80" height="40" alt="">&quot;&gt;&lt;script',
    )
    expect(html).toContain(':root{--deed:#00664b;--on-deed:#ffffff}')
    expect(html).not.toContain('<script')
    // Anybody can open a link, so the form tells nothing.
    expect(formPage('pst_rx').html).not.toMatch(/class="brand"|<img/)
  })

  it('gives every field a label, every error an alert, and the document a language and a title', () => {
    for (const { html } of everyPage) {
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
    expect(formPage('t').html.match(/autocomplete="new-password"/g)).toHaveLength(2)
  })

  it('says that a link without a token is not complete', () => {
    expect(openedPage('').html).toContain('is incomplete')
    expect(openedPage('').html).not.toContain('type="password"')
  })
})
