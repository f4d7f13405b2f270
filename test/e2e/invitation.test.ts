import { describe, expect } from 'vitest'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { resetTokenFor } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop, Mail } from './laptop.ts'
import { ask } from './laptop.ts'
import { bearer, codeOf, makeUser } from './tester.ts'

let laptop: Laptop
it.beforeAll(({ laptop: running }) => {
  laptop = running
})

const email = 'ops@partner.example'
const password = 'a passphrase of the partner'

/** Another organization, and its administrator as a caller. */
const makeHost = async (name: string, username: string) => {
  const made = await laptop.admin('/v1/organizations', { body: { name, administrator: { username } } })
  expect(made.status).toBe(201)
  const { organization, credential } = made.json as {
    organization: { organizationId: OrganizationId }
    credential: { token: string }
  }
  return { organizationId: organization.organizationId, headers: bearer(credential.token) }
}

const linkIn = ({ text }: Mail): string => /https?:\/\/\S+\/invitations\?token=\S+/.exec(text)?.[0] ?? ''
const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? ''
const accept = (token: string) => ask(`${laptop.api}/v1/invitations/accept`, { body: { token } })

describe('an invitation by mail', () => {
  it('leads from the mailbox of the user into the other organization, once', async () => {
    const { user } = await makeUser(laptop, { username: 'partner-42', email, generate: 'token' })
    const { api } = laptop
    const host = await makeHost('Visited', 'host')
    const unmailed = await makeHost('Too early', 'early-host')
    const invite = (headers: Readonly<Record<string, string>>) =>
      ask(`${api}/v1/users`, { body: { username: 'partner-42', role: 'Read Only' }, headers })

    // Before the address is verified nothing is mailed about invitations.
    expect((await invite(unmailed.headers)).json).toMatchObject({ user: { membership: 'invited' } })
    const token = await resetTokenFor(laptop, 'partner-42', email)
    const body = { token, newPassword: password, confirmPassword: password }
    expect((await ask(`${api}/v1/password-resets/confirm`, { body })).status).toBe(204)

    const invited = await invite(host.headers)
    expect([invited.status, invited.json]).toMatchObject([201, { user: { membership: 'invited' } }])
    const mail = await laptop.mailTo(email, (each) => linkIn(each) !== '')
    expect(mail.text).toContain(`"Visited" (${host.organizationId})`)
    const link = linkIn(mail)
    expect(link.startsWith(`${api}/invitations?token=pst_i`)).toBe(true)
    const links = (await laptop.mails(email)).filter((each) => linkIn(each) !== '')
    expect(links).toHaveLength(1)

    const membership = async (headers: Readonly<Record<string, string>>) =>
      (await ask(`${api}/v1/users/${user.userId}`, { headers })).json
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET'])
      expect((await ask(link, { method })).status).toBe(200)
    expect(await membership(host.headers)).toMatchObject({ user: { membership: 'invited' } })

    const form = new URLSearchParams({ token: tokenOf(link) }).toString()
    const submitted = await ask(`${api}/invitations`, {
      raw: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(submitted.status).toBe(200)
    expect(submitted.text).toContain('You are now a guest of Visited')
    expect(await membership(host.headers)).toMatchObject({ user: { membership: 'guest' } })
    expect(await membership(unmailed.headers)).toMatchObject({ user: { membership: 'invited' } })
    const login = { username: 'partner-42', password, organizationId: host.organizationId }
    expect((await ask(`${api}/v1/auth/login`, { body: login })).status).toBe(200)

    const again = await accept(tokenOf(link))
    expect([again.status, codeOf(again)]).toEqual([400, 'invitation_invalid'])
    const path = `/v1/audit?action=guest.accepted&target=${user.userId}`
    const audits = [laptop.admin(path), ask(`${api}${path}`, { headers: host.headers })]
    for (const { json } of await Promise.all(audits)) {
      const accepted = { action: 'guest.accepted', actor: { kind: 'self', userId: user.userId } }
      expect(json).toMatchObject({ rows: [accepted] })
    }
  })
})
