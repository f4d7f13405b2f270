import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { resetMailPerAddress, resetMailPerAddressAndOrganization } from '../../lib/limits/throttle-rule.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, dependenciesOf, origin } from '../organizations/organization.ts'
import type { Scene } from './reset-scene.ts'
import { makeScene, tokenIn } from './reset-scene.ts'

const address = 'victim@partner.example'
const perOrganization = resetMailPerAddressAndOrganization.attempts
const windowMilliseconds = resetMailPerAddress.windowSeconds * 1000
/** More than the mails of one address (12) and the users of it that are considered in one organization (5). */
const crowd = 14

let scene: Scene
let victim: UserId
beforeEach(async () => {
  scene = await makeScene()
  victim = (await scene.makeUser({ username: 'victim', email: address })).userId
})

/** Another organization, and its administrator. */
const makeOrganization = async (name: string): Promise<Caller> => {
  const made = await createOrganization(
    dependenciesOf(scene.table),
    scene.admin,
    { name, administrator: { username: `${name}-admin` } },
    origin,
  )
  return await callerWith(scene.table, made.credential.token ?? '')
}

type Body = Parameters<typeof createUser>[2]
const makeStranger = async (admin: Caller, body: Body) =>
  (await createUser(dependenciesOf(scene.table), admin, body, origin)).user.userId

/** Users of one other organization that have the victim's address; one of them has it as its username, too. */
const makeStrangers = async (count: number, name = 'strangers'): Promise<string[]> => {
  const admin = await makeOrganization(name)
  const usernames = Array.from({ length: count }, (_, index) => `${name}-${index}`)
  // One by one: at once they conflict in their organization's counts, and are repeated.
  for (const username of usernames)
    await makeStranger(admin, {
      username,
      email: index(username) % 2 === 0 ? address : address.toUpperCase(),
    })
  return usernames
}
const index = (username: string): number => Number(username.split('-').at(-1))

const askAndDeliver = async (logins: readonly string[]) => {
  for (const login of logins) await scene.ask(login)
  expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
}

const userOf = (token: string) => `usr_${token.slice('pst_r'.length, 'pst_r'.length + 16)}` as const
/** The tokens that were mailed to the victim's address for one user. */
const tokensFor = (userId: UserId): string[] =>
  scene.mails
    .filter(({ to, text }) => to.toLowerCase() === address && text.includes('token='))
    .map(tokenIn)
    .filter((token) => userOf(token) === userId)

const expectTheVictimResets = async () => {
  const token = tokensFor(victim).at(-1) ?? 'none'
  expect(await refusalCode(scene.confirm(token))).toBe('ok')
}

describe('strangers who register the address of a victim in another organization (R10)', () => {
  describe.each([['verified'], ['unverified']])('when it is %s', (state) => {
    beforeEach(async () => {
      if (state === 'verified') await scene.verify(victim)
    })

    it.each([['victim'], [address]])(
      'do not keep its reset from coming, asked for as %s after theirs',
      async (login) => {
        const strangers = await makeStrangers(crowd)
        await askAndDeliver(strangers)
        expect(tokensFor(victim)).toEqual([])
        await askAndDeliver([login])
        expect(tokensFor(victim)).toHaveLength(1)
        await expectTheVictimResets()
      },
    )

    it('do not keep it from coming by asking for the address again and again', async () => {
      await makeStrangers(crowd)
      for (let window = 0; window < 2; window += 1) {
        await askAndDeliver(Array.from({ length: crowd }, () => address))
        await askAndDeliver([address])
        await expectTheVictimResets()
        scene.clock.milliseconds += windowMilliseconds
      }
    })

    it('do not take its place by having the address as their username', async () => {
      const admin = await makeOrganization('namesakes')
      const elsewhere = 'stranger@evil.example'
      await makeStranger(admin, { username: address, email: elsewhere })
      await askAndDeliver([address])
      expect(scene.mails.map(({ to }) => to).toSorted()).toEqual([elsewhere, address])
      await expectTheVictimResets()
    })
  })

  it('get few mails to it, whatever they ask for', async () => {
    const strangers = await makeStrangers(crowd)
    for (let round = 0; round < 3; round += 1) await askAndDeliver([...strangers, address])
    const theirs = scene.mails.length - tokensFor(victim).length
    expect(theirs).toBe(perOrganization)
    expect(tokensFor(victim)).toHaveLength(perOrganization)
  })

  it('do not keep it from coming from five organizations at the same time, at the first try', async () => {
    const organizations = ['a', 'b', 'c', 'd', 'e']
    const strangers = (await Promise.all(organizations.map((name) => makeStrangers(4, name)))).flat()
    await askAndDeliver(strangers)
    expect(scene.mails).toHaveLength(organizations.length * perOrganization)
    await askAndDeliver([address])
    expect(tokensFor(victim)).toHaveLength(1)
    await expectTheVictimResets()
  })

  it('get no more than a dozen mails to it from any number of organizations, and nothing out of a verified owner’s', async () => {
    const organizations = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const strangers = (await Promise.all(organizations.map((name) => makeStrangers(3, name)))).flat()
    await askAndDeliver([...strangers, ...strangers])
    expect(scene.mails).toHaveLength(resetMailPerAddress.attempts)
    await scene.verify(victim)
    await askAndDeliver(['victim', address, address, 'victim', address, address])
    expect(tokensFor(victim)).toHaveLength(5)
    expect(scene.mails).toHaveLength(resetMailPerAddress.attempts + 5)
    await expectTheVictimResets()
  })

  it('cost the reset of a verified owner no try of its own when theirs are refused', async () => {
    const admin = await makeOrganization('strangers')
    const stranger = await makeStranger(admin, { username: 'stranger', email: address })
    await askAndDeliver(Array.from({ length: 6 }, () => 'stranger'))
    expect(tokensFor(stranger)).toHaveLength(perOrganization)
    await scene.verify(stranger)
    await askAndDeliver(['stranger'])
    expect(tokensFor(stranger)).toHaveLength(perOrganization + 1)
  })
})

describe('a mail to an address that is not verified (R10)', () => {
  const typed = ['canary-username', 'Canary Organization', 'Canary Sender', 'Canary Name', 'Canary Text']

  const makeCanary = async () => {
    const { organizationId } = scene.admin.subject.organization
    await scene.dependencies.write([
      {
        label: 'organization',
        update: { pk: `ORG#${organizationId}`, sk: 'SETTINGS' },
        set: 'SET #name = :name, resetMailSenderName = :sender',
        names: { '#name': 'name' },
        values: { ':name': typed[1], ':sender': typed[2] },
      },
    ])
    const { userId } = await scene.makeUser({
      username: 'canary-username',
      email: 'canary@partner.example',
      name: 'Canary Name',
      firstName: 'Canary Name',
      description: 'Canary Text',
    })
    return userId
  }

  it('holds no text that anybody typed, and comes in the name of the deployment', async () => {
    const userId = await makeCanary()
    await askAndDeliver(['canary-username'])
    const [mail] = scene.mails
    expect(mail).toMatchObject({
      to: 'canary@partner.example',
      subject: 'Choose a new password',
      senderName: null,
    })
    for (const text of typed) expect([text, JSON.stringify(mail).includes(text)]).toEqual([text, false])
    // An id tells several links to one mailbox apart, and nobody chooses it.
    expect(mail?.text).toContain(userId)
  })

  it('names the user, the organization and its sender once the address is verified', async () => {
    await makeCanary()
    await scene.confirm(await scene.mailedToken('canary-username'))
    await scene.deliverPending()
    await askAndDeliver(['canary-username'])
    const [, notice, link] = scene.mails
    for (const mail of [notice, link]) {
      expect(mail?.senderName).toBe('Canary Sender')
      expect(mail?.subject).toContain('canary-username')
      expect(mail?.text).toContain('canary-username at Canary Organization')
    }
  })
})
