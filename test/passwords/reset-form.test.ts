import { describe, expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { submitResetPage } from '../../lib/passwords/submit-reset-page.ts'
import { storedOrganization } from '../identity/sample-membership.ts'

const organization = storedOrganization({
  name: 'Heron & Co',
  colour: '#0b6e4f',
  logo: { hash: 'ab', width: 24, height: 16 },
})

const submit = async (
  form: string | null,
  completeReset: () => Promise<void> = async () => {},
  { isFirst = false, isNoticed = true } = {},
) => {
  const bodies: unknown[] = []
  const faults: DomainError[] = []
  const reply = await submitResetPage(
    {
      completeReset: async (body) => {
        bodies.push(body)
        await completeReset()
        return { organization, isFirst, isNoticed }
      },
      onFault: (error) => void faults.push(error),
    },
    form,
  )
  return { ...reply, bodies, faults }
}
const refusing = (error: Error) => () => Promise.reject(error)
const good = 'token=pst_rx&newPassword=a+new%20passphrase&confirmPassword=a+new%20passphrase'

describe('the form of the page', () => {
  it('hands over exactly what was typed', async () => {
    const { status, bodies } = await submit(
      'token=t&newPassword=+a%26b%3D%C3%A9%F0%9F%94%91%2B+&confirmPassword=x',
    )
    expect(status).toBe(200)
    expect(bodies).toEqual([{ token: 't', newPassword: ' a&b=é🔑+ ', confirmPassword: 'x' }])
  })

  it('is answered in the look of the organization once the password is set, and in no other way before', async () => {
    const { html, headers } = await submit(good)
    expect(html).toContain('<img src="v1/organizations/org_1/logo/ab"')
    expect(html).toContain('>Heron &amp; Co</p>')
    expect(html).toContain('--deed:#0b6e4f')
    expect(headers['content-security-policy']).toContain("img-src 'self'")
    const refused = await submit(good, refusing(new DomainError('reset_token_invalid')))
    expect(refused.html).not.toMatch(/Heron|<img|#0b6e4f/)
  })

  it('is answered for a first password without a word of an old one', async () => {
    const first = await submit(good, async () => {}, { isFirst: true })
    expect(first.html).toContain('<h1>The password is set</h1>')
    expect(first.html).not.toMatch(/old password|new password/i)
    const later = await submit(good)
    expect(later.html).toContain('<h1>The new password is set</h1>')
    expect(later.html).toContain('wherever you used the old password')
  })

  it('is answered with a word of a notice only if one is mailed', async () => {
    const noticed = await submit(good)
    expect(noticed.html).toContain('A notice is on its way')
    const silent = await submit(good, async () => {}, { isNoticed: false })
    expect(silent.html).not.toMatch(/notice|e-mail/i)
  })

  it.each([
    ['a second password', `${good}&newPassword=another`],
    ['a second token', `${good}&token=pst_ry`],
    ['an unknown field', `${good}&userId=usr_1`],
    ['a field named __proto__', `${good}&__proto__=x`],
    ['a missing field', 'token=pst_rx&newPassword=a'],
    ['bytes that are no UTF-8', 'token=pst_rx&newPassword=%ff%fe&confirmPassword=%ff%fe'],
    ['nothing', ''],
  ])('refuses %s', async (_name, form) => {
    const { status, bodies, html } = await submit(form)
    expect(status).toBe(400)
    expect(bodies).toEqual([])
    expect(html).toContain('role="alert"')
  })

  it('refuses a body of another kind', async () => {
    await expect(submit(null)).rejects.toMatchObject({ code: 'unsupported_media_type' })
  })

  it('shows what was wrong beside its field, keeps the token and never the passwords', async () => {
    const rejected = new DomainError('password_rejected', {
      errors: [{ path: 'newPassword', message: 'must not contain the character <' }],
    })
    const { status, html } = await submit(good, refusing(rejected))
    expect(status).toBe(400)
    expect(html).toContain('<input type="hidden" name="token" value="pst_rx">')
    expect(html).toContain('must not contain the character &lt;.')
    expect(html).toMatch(/id="newPassword"[^>]*aria-describedby="newPassword-fault newPassword-hint"/)
    expect(html).toMatch(/id="newPassword"[^>]*aria-invalid="true"/)
    expect(html).not.toContain('passphrase')
  })

  it('says of a dead link that it is dead, and offers to ask for another one', async () => {
    const { status, html } = await submit(good, refusing(new DomainError('reset_token_invalid')))
    expect(status).toBe(400)
    expect(html).toContain('role="alert"')
    expect(html).toContain('<form method="post" action="forgot-password">')
    expect(html).not.toContain('type="password"')
    expect(html).not.toContain('pst_rx')
  })

  it('answers a throttled and a disturbed try with a page, Retry-After and the token kept', async () => {
    for (const [code, expected] of [
      ['too_many_requests', 429],
      ['temporarily_unavailable', 503],
    ] as const) {
      const refusal = new DomainError(code, { retryAfterSeconds: 7 })
      const { status, headers, html, faults } = await submit(good, refusing(refusal))
      expect(status).toBe(expected)
      expect(headers['retry-after']).toBe('7')
      expect(html).toContain('value="pst_rx"')
      expect(faults).toEqual(expected === 503 ? [refusal] : [])
    }
  })

  it('passes on what it does not know', async () => {
    await expect(submit(good, refusing(new Error('a bug')))).rejects.toThrow('a bug')
  })
})
