import { beforeEach, describe, expect, it } from 'vitest'
import { withholding } from '../../lib/http/request-writes.ts'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import {
  linkMailAddressesPerOrganization,
  resetMailPerAddress,
  windowAt,
} from '../../lib/limits/throttle-rule.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { mailResetLink } from '../../lib/passwords/mail-reset-link.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { callerWith, dependenciesWithKey, origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import type { Scene } from './reset-scene.ts'
import { makeScene } from './reset-scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await makeScene()
})

const address = 'team@console.example'
const onItsWay = { mailed: true, limit: null, retryAt: null }
const asked = (username: string, email = address): NewUserBody => ({
  username,
  email,
  mailPasswordLink: true,
})
const add = (body: NewUserBody) => createUser(scene.dependencies, scene.admin, body, scene.nextOrigin())
const linkOf = async (body: NewUserBody) => (await add(body)).passwordLink
const mailedTo = async () => {
  await scene.deliverPending()
  return scene.mails.map(({ to }) => to).toSorted()
}

/** The organization's own count, with room for `left` further addresses. */
const useUpOrganization = async (by: 'administrators' | 'anybody', left = 0) => {
  const subject = `${scene.admin.subject.organization.organizationId}\n${by}`
  const attempt = { rule: linkMailAddressesPerOrganization, subject, at: scene.clock.milliseconds }
  const ids = Array.from({ length: linkMailAddressesPerOrganization.attempts - left }, (_, at) => `id-${at}`)
  for (const id of ids) expect(await spendOnce(scene.table, attempt, id)).toBe(true)
}
const nextHour = () => {
  const { endSeconds } = windowAt(linkMailAddressesPerOrganization, scene.clock.milliseconds)
  return endSeconds * 1000
}

describe('an administrator who has a link mailed to a new user', () => {
  it('learns that the mail is on its way, and nothing of mails without asking for one', async () => {
    expect(await linkOf(asked('one'))).toEqual(onItsWay)
    expect(await linkOf({ ...asked('two'), mailPasswordLink: false })).toBeUndefined()
    expect(await mailedTo()).toEqual([address])
  })

  it('learns which limit kept it back and until when, and the user and its credential are there', async () => {
    for (const username of ['one', 'two']) expect(await linkOf(asked(username))).toEqual(onItsWay)
    const { user, credential, passwordLink } = await add({ ...asked('three'), generate: 'token' })
    expect(passwordLink).toEqual({ mailed: false, limit: 'address', retryAt: '2026-11-21T12:15:00.000Z' })
    expect([user.username, credential?.kind]).toEqual(['three', 'token'])
    expect(await mailedTo()).toEqual([address, address])
    scene.clock.milliseconds = Date.parse('2026-11-21T12:15:00.000Z')
    expect(await linkOf(asked('four'))).toEqual(onItsWay)
  })

  it('uses up nothing by what is refused, nor by a dry run, which foresees the answer', async () => {
    await linkOf(asked('one'))
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await refusal(add(asked('one')))).toMatchObject({ code: 'username_taken' })
    const { write } = withholding(scene.dependencies.write)
    const foresee = async (username: string) => {
      const dependencies = { ...scene.dependencies, write }
      return (await createUser(dependencies, scene.admin, asked(username), origin)).passwordLink
    }
    expect([await foresee('two'), await foresee('two')]).toEqual([onItsWay, onItsWay])
    expect(await linkOf(asked('two'))).toEqual(onItsWay)
    expect(await foresee('three')).toMatchObject({ mailed: false, limit: 'address' })
    expect(await mailedTo()).toEqual([address, address])
  })

  it('gets the same answer again with the same key, whatever has been used up since', async () => {
    const again = (body: NewUserBody) => {
      const kept = dependenciesWithKey(scene.table, scene.admin, body, `the key of ${body.username}`)
      const dependencies = { ...kept, now: scene.dependencies.now }
      return dependencies.once(() => createUser(dependencies, scene.admin, body, scene.nextOrigin()))
    }
    const first = await again(asked('one'))
    await again(asked('two'))
    const third = await again(asked('three'))
    expect(third.passwordLink).toMatchObject({ mailed: false })
    expect([await again(asked('one')), await again(asked('three'))]).toEqual([first, third])
    expect(await mailedTo()).toHaveLength(2)
  })

  it('gets each mail that was promised, even if the mailer comes to it in the next window', async () => {
    const promise = async (usernames: readonly string[]) => {
      for (const username of usernames) expect(await linkOf(asked(username))).toEqual(onItsWay)
    }
    scene.clock.milliseconds = Date.parse('2026-11-21T12:14:59.000Z')
    await promise(['one', 'two'])
    scene.clock.milliseconds += 1000
    await promise(['three', 'four'])
    expect(await mailedTo()).toHaveLength(4)
  })

  it('of one account group learns nothing of mails to users elsewhere who have the same address', async () => {
    for (const username of ['one', 'two']) await linkOf(asked(username))
    const ofGroup = { ...scene.admin, reach: new Set([1]) }
    const body = { ...asked('three'), loginAccountGroup: 1 }
    const given = [scene.dependencies, ofGroup] as const
    const { user, passwordLink } = await createUser(...given, body, scene.nextOrigin())
    expect(passwordLink).toEqual(onItsWay)
    expect(await mailResetLink(...given, user.userId, origin)).toEqual(onItsWay)
    expect(await mailedTo()).toEqual([address, address])
  })

  it('learns nothing of mails for other organizations, which use up what they all have of an address', async () => {
    const attempt = { rule: resetMailPerAddress, subject: address, at: scene.clock.milliseconds }
    for (let mail = 0; mail < resetMailPerAddress.attempts; mail += 1)
      expect(await spendOnce(scene.table, attempt, `elsewhere-${mail}`)).toBe(true)
    expect(await linkOf(asked('one'))).toEqual(onItsWay)
    expect(await mailedTo()).toEqual([])
    expect(scene.logged).toContainEqual(
      expect.objectContaining({ event: 'reset_skipped', reason: 'address_throttled' }),
    )
  })
})

describe('the limit of addresses that an organization mails links to', () => {
  it('holds for what its administrators request, by the hour, and counts an address once', async () => {
    await useUpOrganization('administrators', 1)
    expect(await linkOf(asked('one'))).toEqual(onItsWay)
    expect(await linkOf(asked('two', 'other@console.example'))).toEqual({
      mailed: false,
      limit: 'organization',
      retryAt: new Date(nextHour()).toISOString(),
    })
    expect(await linkOf(asked('three', address.toUpperCase()))).toEqual(onItsWay)
    expect(await mailedTo()).toEqual([address.toUpperCase(), address])
    scene.clock.milliseconds = nextHour()
    expect(await linkOf(asked('four', 'other@console.example'))).toEqual(onItsWay)
    expect(await mailedTo()).toHaveLength(3)
  })

  it('holds for what anybody requests for users whose address is not verified, and nobody is told', async () => {
    await useUpOrganization('anybody')
    const verified = await scene.makeUser({ username: 'verified', email: 'verified@console.example' })
    await scene.verify(verified.userId)
    await scene.makeUser({ username: 'unverified', email: address })
    for (const login of ['unverified', 'verified']) await scene.ask(login)
    expect(await mailedTo()).toEqual(['verified@console.example'])
    expect(scene.logged).toContainEqual(
      expect.objectContaining({ event: 'reset_skipped', reason: 'organization_throttled' }),
    )
    // What strangers use up is not what administrators have.
    expect(await linkOf(asked('added', 'added@console.example'))).toEqual(onItsWay)
    expect(await mailedTo()).toContain('added@console.example')
  })

  it('holds for the address that the user has when the mailer comes to it', async () => {
    await useUpOrganization('administrators', 1)
    const usernames = ['one', 'two']
    for (const username of usernames) {
      const email = `${username}@console.example`
      const { userId } = await scene.makeUser({ username, email })
      await scene.verify(userId)
      const given = [scene.dependencies, scene.admin, userId] as const
      expect(await mailResetLink(...given, origin)).toEqual(onItsWay)
      const changed = { email: `${username}@stranger.example` }
      await changeUser(...given, changed, { version: null, ifMatch: null }, origin)
    }
    expect(await mailedTo()).toHaveLength(1)
    expect(scene.logged).toContainEqual(
      expect.objectContaining({ event: 'reset_skipped', reason: 'organization_throttled' }),
    )
  })

  it('is not used up by repeated requests for one user', async () => {
    await useUpOrganization('anybody', 2)
    for (const username of ['one', 'two'])
      await scene.makeUser({ username, email: `${username}@console.example` })
    for (const login of ['one', 'one', 'one', 'one', 'two']) await scene.ask(login)
    expect(await mailedTo()).toEqual([...Array(2).fill('one@console.example'), 'two@console.example'])
  })

  it('keeps no link from users who were not changed for 7 days, however many logins a stranger knows', async () => {
    scene.clock.milliseconds = Date.now()
    const { user } = await add({ username: 'settled', email: address })
    scene.clock.milliseconds += 7 * 86_400_000 - 1000
    await useUpOrganization('anybody')
    await scene.ask('settled')
    expect(await mailedTo()).toEqual([])
    scene.clock.milliseconds = nextHour()
    await useUpOrganization('anybody')
    await scene.ask('settled')
    expect(await mailedTo()).toEqual([address])
    const changed = { email: 'stranger@console.example' }
    const anything = { version: null, ifMatch: null }
    await changeUser(scene.dependencies, scene.admin, user.userId, changed, anything, origin)
    await scene.ask('settled')
    expect(await mailedTo()).toEqual([address])
  })

  it('of administrators leaves what anybody requests', async () => {
    await useUpOrganization('administrators')
    await scene.makeUser({ username: 'one', email: address })
    await scene.ask('one')
    expect(await mailedTo()).toEqual([address])
  })
})

describe('administrators who have links mailed at once', () => {
  it('all get an answer, as many mails as the limits leave, and no user without one', async () => {
    await useUpOrganization('administrators', 10)
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    const links = await Promise.all(
      numbers.map((number) => linkOf(asked(`user-${number}`, `user-${number}@console.example`))),
    )
    expect(links.filter((link) => link?.mailed === true)).toHaveLength(10)
    expect(links.filter((link) => link?.limit === 'organization')).toHaveLength(10)
    expect(await mailedTo()).toHaveLength(10)
  })
})

describe('the first administrator of another organization', () => {
  const create = (name: string, administrator: { email?: string; mailPasswordLink?: boolean }) =>
    createOrganization(
      scene.dependencies,
      scene.admin,
      { name, administrator: { username: `${name}-admin`, ...administrator } },
      origin,
    )

  it('is mailed a link for 7 days if that is asked for', async () => {
    const { passwordLink } = await create('mailed', { email: address, mailPasswordLink: true })
    expect(passwordLink).toEqual(onItsWay)
    expect((await create('silent', { email: address })).passwordLink).toBeUndefined()
    expect(await mailedTo()).toEqual([address])
    expect(scene.mails[0]?.text).toContain('within 7 days')
  })

  it('needs an address for it', async () => {
    expect(await refusal(create('none', { mailPasswordLink: true }))).toMatchObject({
      code: 'invalid_request',
      paths: ['administrator.mailPasswordLink'],
    })
  })

  it('counts for the organization of whoever adds it, and is added without a mail if that has none left', async () => {
    await useUpOrganization('administrators', 1)
    const first = await create('first', { email: address, mailPasswordLink: true })
    const second = await create('second', { email: 'second@console.example', mailPasswordLink: true })
    expect([first.passwordLink, second.passwordLink]).toMatchObject([
      onItsWay,
      { mailed: false, limit: 'organization' },
    ])
    expect(second.user.username).toBe('second-admin')
    expect(await mailedTo()).toEqual([address])
    // Those that it adds itself count for itself.
    const theirs = await callerWith(scene.table, second.credential.token ?? '')
    const body = asked('third', 'third@console.example')
    const { passwordLink } = await createUser(scene.dependencies, theirs, body, scene.nextOrigin())
    expect(passwordLink).toEqual(onItsWay)
  })
})
