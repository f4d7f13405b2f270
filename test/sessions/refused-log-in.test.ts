import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { passwordHasher } from '../../lib/secrets/password-hasher.ts'
import type { PasswordHash } from '../../lib/secrets/password-text.ts'
import type { LogInDependencies, SessionRequest } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import type { Key } from '../../lib/table/keys.ts'
import { keys } from '../../lib/table/keys.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { PrepareRanges } from '../../lib/whitelist/provider-ranges.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'

const password = 'a passphrase of the owner'
const wrong = 'a guess of the attacker'

let scene: AccessScene
let otherId: OrganizationId
const userIds = new Map<string, UserId>()

const set = (item: Key, field: string, value: unknown) =>
  scene.dependencies.write([
    {
      label: field,
      update: item,
      set: 'SET #field = :value',
      names: { '#field': field },
      values: { ':value': value },
    },
  ])
const idOf = (username: string): UserId => userIds.get(username) ?? 'usr_none'

beforeAll(async () => {
  scene = await accessScene()
  const other = await scene.makeOrganization('other')
  otherId = other.organizationId
  const shut = await scene.makeOrganization('shut')
  const make = async (username: string, body: object = {}, from = scene.make) => {
    const made = await from({ username, password, ...body })
    userIds.set(username, made.user.userId)
    return made
  }
  await make('known')
  await make('off')
  await make('elsewhere')
  await make('in-a-cloud')
  await make('keyholder', { password: undefined })
  await make('inside-shut', {}, shut.make)
  const guest = await make('guest')
  await make('invited')
  for (const username of ['guest', 'invited'])
    await createUser(scene.dependencies, await other.admin(), { username }, origin)
  await acceptOwnInvitation(scene.dependencies, guest.caller, otherId, origin)
  await set(keys.user(idOf('off')), 'status', 'disabled')
  await set(keys.user(idOf('elsewhere')), 'whitelist', ['192.0.2.1'])
  await set(keys.user(idOf('in-a-cloud')), 'whitelist', ['AWS:eu-west-1'])
  await set(keys.organization(shut.organizationId), 'status', 'inactive')
})

let verified: PasswordHash[]
let heard: { reason: string; userId: UserId | null; address: string; nameHash: string }[]
let sessions: SessionRequest[]
beforeEach(() => {
  verified = []
  heard = []
  sessions = []
})

type Asked = {
  readonly username?: string
  readonly password?: string
  readonly organizationId?: OrganizationId
  readonly from?: string
  readonly prepareRanges?: PrepareRanges
}
/** `ok`, or what a login is answered. */
const answerTo = async ({ username = 'known', from = '203.0.113.1', organizationId, ...asked }: Asked) => {
  const hasher = passwordHasher(scene.dependencies.hasher)
  const dependencies: LogInDependencies = {
    ...scene.dependencies,
    ...openLogins(scene.table),
    spendSession: () => Promise.resolve(),
    hasher: {
      ...hasher,
      verify: (stored, text) => {
        verified.push(stored)
        return hasher.verify(stored, text)
      },
    },
    issueSession: async (request) => {
      sessions.push(request)
      return { text: 'signed', sessionId: 'ses_0123456789abcdefghij' }
    },
    onRefused: (reason, account, { address }, nameHash) =>
      void heard.push({ reason, userId: account?.user.userId ?? null, address, nameHash }),
    ...(asked.prepareRanges === undefined ? {} : { prepareRanges: asked.prepareRanges }),
  }
  const given = { username, password: asked.password ?? password, organizationId }
  try {
    return await logIn(dependencies, given, { ...origin, address: from })
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { code: error.code, detail: error.detail, errors: error.errors }
  }
}

/** Of the cost that the scene hashes with. */
const ownHash = /^\$argon2id\$v=19\$m=8,t=1,p=1\$/
const refused = {
  code: 'invalid_credentials',
  detail: 'The username or the password is wrong.',
  errors: [],
}

describe('L1: a login that is refused', () => {
  it.each<[name: string, asked: Asked, reason: string, isKnown: boolean]>([
    ['a wrong password', { password: wrong }, 'wrong_password', true],
    ['a name that nobody has', { username: 'nobody' }, 'wrong_password', false],
    ['a name that nobody can have', { username: 'nobody \u{1f511}' }, 'wrong_password', false],
    ['no password, guessed at', { username: 'keyholder' }, 'wrong_password', true],
    [
      'no password, and that of which the decoy is',
      { username: 'keyholder', password: 'decoy' },
      'wrong_password',
      true,
    ],
    [
      'nobody, and the password of the decoy',
      { username: 'nobody', password: 'decoy' },
      'wrong_password',
      false,
    ],
    ['a disabled user', { username: 'off' }, 'user_disabled', true],
    ['a disabled user, guessed at', { username: 'off', password: wrong }, 'wrong_password', true],
    ['an organization that is switched off', { username: 'inside-shut' }, 'organization_inactive', true],
    ['another address than the whitelist has', { username: 'elsewhere' }, 'whitelist_no_match', true],
    ['a whitelist that cannot be evaluated', { username: 'in-a-cloud' }, 'whitelist_unevaluable', true],
    ['an organization without a membership', { organizationId: 'org_other' }, 'wrong_password', false],
    ['an organization that is not there', { organizationId: 'org_0123456789' }, 'wrong_password', false],
    ['an invitation', { username: 'invited', organizationId: 'org_other' }, 'membership_inactive', true],
    [
      'an invitation, guessed at',
      { username: 'invited', organizationId: 'org_other', password: wrong },
      'membership_inactive',
      true,
    ],
  ])('is answered alike after one hash: %s', async (_name, asked, reason, isKnown) => {
    const organizationId = asked.organizationId === 'org_other' ? otherId : asked.organizationId
    const given = {
      ...asked,
      ...(organizationId === undefined ? {} : { organizationId }),
      from: '203.0.113.7',
    }
    expect(await answerTo(given)).toEqual(refused)
    expect(verified).toEqual([expect.stringMatching(ownHash)])
    expect(sessions).toEqual([])
    const userId = isKnown ? idOf(asked.username ?? 'known') : null
    expect(heard).toEqual([
      { reason, userId, address: '203.0.113.7', nameHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ])
  })

  it('is refused for a suspended membership, and not for the same one while it is active', async () => {
    const asked = { username: 'guest', organizationId: otherId }
    expect(await answerTo(asked)).toMatchObject({ tokenType: 'Bearer' })
    expect(sessions).toMatchObject([{ userId: idOf('guest'), organizationId: otherId }])
    await set(keys.membership(idOf('guest'), otherId), 'status', 'suspended')
    expect(await answerTo(asked)).toEqual(refused)
    expect(heard).toMatchObject([{ reason: 'membership_inactive', userId: idOf('guest') }])
  })

  it('looks the address up in the published ranges that the whitelist names', async () => {
    const prepareRanges: PrepareRanges = async (wanted) => (entry) =>
      wanted.includes(entry)
        ? { state: 'ready', providerVersion: '1', prefixOf: () => '203.0.113.0/24' }
        : undefined
    expect(await answerTo({ username: 'in-a-cloud', prepareRanges })).toMatchObject({ tokenType: 'Bearer' })
  })

  it('makes the same calls whether the password was right or wrong', async () => {
    const callsOf = async (asked: Asked) => {
      const calls: string[] = []
      scene.table.client.middlewareStack.add(
        (next, context) => (args) => {
          calls.push(context.commandName ?? 'unknown')
          return next(args)
        },
        { step: 'initialize', name: 'count' },
      )
      const prepareRanges: PrepareRanges = async () => {
        calls.push('ranges')
        return () => undefined
      }
      try {
        expect(await answerTo({ ...asked, prepareRanges, from: '203.0.113.40' })).toEqual(refused)
      } finally {
        scene.table.client.middlewareStack.remove('count')
      }
      return calls.toSorted()
    }
    for (const username of ['off', 'elsewhere', 'in-a-cloud'])
      expect(await callsOf({ username })).toEqual(await callsOf({ username, password: wrong }))
    expect(await callsOf({ username: 'in-a-cloud' })).toContain('ranges')
  })

  it('is answered alike when the ranges that the whitelist needs cannot be read', async () => {
    const prepareRanges: PrepareRanges = () => Promise.reject(new DomainError('temporarily_unavailable'))
    const asked = { username: 'in-a-cloud', prepareRanges, from: '203.0.113.41' }
    const right = await answerTo(asked)
    expect(right).toMatchObject({ code: 'temporarily_unavailable' })
    expect(await answerTo({ ...asked, password: wrong })).toEqual(right)
  })

  it('is told under one name for all spellings, which says nothing of the text that was typed', async () => {
    for (const username of [
      'Mistyped',
      'MISTYPED',
      '\uff2d\uff29\uff33\uff34\uff39\uff30\uff25\uff24',
      'another',
    ])
      await answerTo({ username, password: wrong })
    const [first, second, third, another] = heard.map(({ nameHash }) => nameHash)
    expect([second, third]).toEqual([first, first])
    expect(another).not.toBe(first)
    expect(JSON.stringify(await allItems(scene.table)).toLowerCase()).not.toContain('mistyped')
  })
})

describe('L2: one network that guesses at one account', () => {
  it('has ten wrong ones verified in all spellings of its name together, then not even the right one', async () => {
    const spellings = ['known', 'KNOWN', 'Known', '\uff2b\uff2e\uff2f\uff37\uff2e']
    const from = '203.0.113.20'
    for (let index = 0; index < 10; index += 1)
      expect(await answerTo({ username: spellings[index % 4] ?? '', password: wrong, from })).toEqual(refused)
    verified = []
    heard = []
    for (const username of spellings)
      expect(await answerTo({ username, from })).toMatchObject({
        code: 'too_many_requests',
        detail: 'Too many failed attempts from this address.',
      })
    expect(verified).toEqual([])
    expect(heard.map(({ reason, userId }) => [reason, userId])).toEqual(
      spellings.map(() => ['throttled', null]),
    )
    expect(await answerTo({ from: '203.0.113.21' })).toMatchObject({ tokenType: 'Bearer' })
  })
})

describe('L4: a password of more than 1024 bytes', () => {
  it('is refused before it is hashed or counted', async () => {
    const from = '203.0.113.30'
    for (let index = 0; index <= 10; index += 1)
      expect(await answerTo({ password: `${'é'.repeat(512)}x`, from })).toMatchObject({
        code: 'invalid_request',
        errors: [{ path: 'password', message: 'must have at most 1024 bytes' }],
      })
    expect(verified).toEqual([])
    expect(await answerTo({ password: 'é'.repeat(512), from })).toEqual(refused)
    expect(await answerTo({ from })).toMatchObject({ tokenType: 'Bearer' })
  })
})
