import { describe, expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { Acceptance } from '../../lib/guests/accept-invitation.ts'
import { acceptedPage, invitationEndedPage, invitationPage } from '../../lib/guests/invitation-page.ts'
import { openedInvitation, submitInvitationPage } from '../../lib/guests/invitation-page-reply.ts'
import { ownMembership } from '../../lib/guests/own-membership.ts'
import { expectClosed, hostile, sampleBrand } from '../http/sample-brand.ts'
import { storedMembership, storedOrganization, storedUser } from '../identity/sample-membership.ts'

const everyPage = [
  invitationPage('pst_ix'),
  invitationPage('pst_ix', 'no'),
  acceptedPage(sampleBrand, 'org_1'),
  invitationEndedPage(),
]

const submit = async (accept: () => Promise<Acceptance>) => {
  const faults: DomainError[] = []
  const reply = await submitInvitationPage(
    { accept, onFault: (error) => void faults.push(error) },
    'token=pst_ix',
  )
  return { ...reply, faults }
}

const refusing = (refusal: unknown) => () => Promise.reject(refusal)

describe('the page of an invitation', () => {
  it('shows a token and the name of an organization as text, whatever is in them', () => {
    for (const html of [
      openedInvitation(hostile).html,
      acceptedPage({ name: hostile, shades: null, logo: null }, 'org_1').html,
    ]) {
      expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)')
      expect(html).not.toContain('<script')
      expect(html).not.toContain('<img')
    }
  })

  it('allows itself one style sheet, by its hash, and images of its own origin where it has one', () => {
    for (const page of everyPage) expectClosed(page)
  })

  it('has a language, a title, one heading, and an alert for every error', () => {
    for (const { html } of everyPage) {
      expect(html).toContain('<html lang="en">')
      expect(html).toMatch(/<title>[^<]+<\/title>/)
      expect(html.match(/<h1>/g)).toHaveLength(1)
      expect(html.includes('role="alert"')).toBe(html.includes('<title>Error:'))
    }
  })

  it('accepts by nothing but its button, which sends the token in the body', () => {
    const { html } = openedInvitation('pst_ix')
    expect(html).toContain('<form method="post" action="invitations">')
    expect(html).toContain('<input type="hidden" name="token" value="pst_ix">')
    expect(html.match(/<button type="submit">/g)).toHaveLength(1)
    expect(html).not.toContain('<a ')
    expect(openedInvitation('').html).not.toContain('<form')
  })

  it('is answered in the look of the organization whose guest the user is now', async () => {
    const inviting = storedOrganization({ colour: '#0b6e4f', logo: { hash: 'ab', width: 24, height: 16 } })
    const { html } = await submit(async () => ({
      membership: ownMembership({ user: storedUser(), membership: storedMembership() }, inviting),
      inviting,
    }))
    expect(html).toContain('<img src="v1/organizations/org_1/logo/ab"')
    expect(html).toContain('--deed:#0b6e4f')
  })

  it('keeps the link usable while the refusal passes, and logs faults of ours', async () => {
    const wait = await submit(refusing(new DomainError('too_many_requests', { retryAfterSeconds: 60 })))
    expect(wait).toMatchObject({ status: 429, faults: [] })
    expect(wait.headers['retry-after']).toBe('60')
    const fault = new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    const unavailable = await submit(refusing(fault))
    expect(unavailable).toMatchObject({ status: 503, faults: [fault] })
    for (const { html } of [wait, unavailable]) expect(html).toContain('value="pst_ix"')
    expect((await submit(refusing(new DomainError('invitation_invalid')))).html).not.toContain('<form')
    await expect(submit(refusing(new Error('of ours')))).rejects.toThrow('of ours')
  })
})
