import { hash, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { admit } from '../../lib/admission/admit.ts'
import type { AuthorizerAsked } from '../../lib/admission/authorize.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { readCallerSnapshot, snapshotReaders } from '../../lib/admission/snapshot-store.ts'
import { readApi } from '../../lib/apis/api-store.ts'
import type { CredentialImportBody } from '../../lib/credentials/credential-bodies.ts'
import { findImported, noteUse, readCredentials } from '../../lib/credentials/credential-store.ts'
import {
  importedBefore,
  importedCredential,
  importWrite,
  maximumImported,
} from '../../lib/credentials/imported-credential.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { credentialItem, maximumCredentials } from '../../lib/credentials/new-credential.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { readersOf } from '../functions/stored-scene.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { admissionOn, notesOn, otherOrganization } from '../refusals/refusal-notes.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const dependencies = () => dependenciesOf(table)
const userNamed = async (username: string) =>
  (await makeCaller(table, organization.admin, { username, permissions: { orders: 'read' } })).user.userId

const newSecret = () => `old_${randomBytes(24).toString('base64url')}`
const hashOf = (secret: string) => hash('sha256', secret, 'hex') as SecretHash
const importFor = (userId: UserId, secret: string, fields: Partial<CredentialImportBody> = {}) =>
  importCredential(
    dependencies(),
    organization.admin,
    userId,
    { name: 'from before', kind: 'token', hash: hashOf(secret), ...fields },
    origin,
  )

const me = {
  address: origin.address,
  method: 'GET',
  path: '/v1/users/me',
  aid: null,
  target: { kind: 'self', endsSession: false },
} as const
const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
/** Who a header stands for, or why it is refused. */
const outcomeOf = async (authorization: string): Promise<string> => {
  const nothing = () => Promise.resolve()
  const { decision } = await admit(admissionOn(table, nothing), authorization, me)
  return decision.allow ? `${decision.subject.provenBy.kind} of ${decision.subject.userId}` : decision.reason
}
const pointers = async () => (await allItems(table)).filter(({ kind }) => kind === 'imported-credential')

describe('an imported token', () => {
  it('is its user in every form in which a token is presented', async () => {
    const secret = newSecret()
    const userId = await userNamed('old-token')
    const credential = await importFor(userId, secret)
    expect(credential).toMatchObject({ kind: 'token', name: 'from before', imported: true, lastUsedAt: null })
    const forms = [
      `Bearer ${secret}`,
      `bearer ${secret}`,
      secret,
      basic('old-token', secret),
      basic('OLD-Token', secret),
      basic(credential.keyId, secret),
    ]
    for (const form of forms) expect([form, await outcomeOf(form)]).toEqual([form, `token of ${userId}`])
    for (const form of [basic('somebody-else', secret), basic('admin', secret), basic('old-tokén', secret)])
      expect([form, await outcomeOf(form)]).toEqual([form, 'credential_unknown'])
    for (const other of [`${secret}x`, secret.slice(0, -1), secret.toUpperCase(), hashOf(secret)])
      expect([other, await outcomeOf(`Bearer ${other}`)]).toEqual([other, 'credential_unknown'])
  })

  it('has the rights, the expiry and the last use of any other', async () => {
    const secret = newSecret()
    const userId = await userNamed('old-like-new')
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const { keyId } = await importFor(userId, secret, { expiresAt })
    const dependenciesLater = {
      ...admissionOn(table, () => Promise.resolve()),
      now: () => Date.now() + 61_000,
    }
    expect((await admit(dependenciesLater, secret, me)).decision).toMatchObject({
      reason: 'credential_expired',
    })
    expect(await refusalCode(importFor(userId, newSecret(), { expiresAt: '2020-01-01T00:00:00Z' }))).toBe(
      'invalid_request',
    )
    const change = { status: 'disabled' } as const
    const anything = { version: null, ifMatch: null }
    await changeUser(dependencies(), organization.admin, userId, change, anything, origin)
    expect(await outcomeOf(secret)).toBe('user_disabled')
    expect((await readCredentials(table, userId)).map((stored) => stored.keyId)).toContain(keyId)
  })

  it('is one user only: forty racers import a hash once', async () => {
    const secret = newSecret()
    const users = [await userNamed('racer-one'), await userNamed('racer-two')]
    const before = (await allItems(table)).length
    const codes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        refusalCode(importFor(users[index % 2] ?? 'usr_none', secret)),
      ),
    )
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(codes.filter((code) => code === 'already_imported')).toHaveLength(39)
    // The credential, its pointer and its audit row.
    expect(await allItems(table)).toHaveLength(before + 3)
  })

  it.each(['the credential', 'its user'])('never works again once %s was deleted', async (deleted) => {
    const secret = newSecret()
    const first = await userNamed(`leaving-${deleted.length}`)
    const second = await userNamed(`staying-${deleted.length}`)
    const { keyId } = await importFor(first, secret)
    expect(await refusalCode(importFor(second, secret))).toBe('already_imported')
    if (deleted === 'its user') await deleteUser(dependencies(), organization.admin, first, null, origin)
    else await deleteCredential(dependencies(), organization.admin, { userId: first, keyId }, origin)
    expect(await outcomeOf(secret)).toBe('credential_unknown')
    const key = { kind: 'key', clientId: 'shop' } as const
    for (const fields of [{}, key]) {
      expect(await refusalCode(importFor(second, secret, fields))).toBe('already_imported')
      if (deleted !== 'its user')
        expect(await refusalCode(importFor(first, secret, fields))).toBe('already_imported')
    }
    const other = await otherOrganization(table, `other-${deleted.length}`)
    const body = { name: 'again', kind: 'token', hash: hashOf(secret) } as const
    const elsewhere = importCredential(dependencies(), other.admin, other.userId, body, origin)
    expect(await refusalCode(elsewhere)).toBe('already_imported')
    expect(await outcomeOf(secret)).toBe('credential_unknown')
    expect(await outcomeOf(basic('shop', secret))).toBe('credential_unknown')
  })

  it('is rotated into one of ours, and lives on for the overlap', async () => {
    const secret = newSecret()
    const userId = await userNamed('rotating')
    const { keyId } = await importFor(userId, secret)
    const fresh = await rotateCredential(
      dependencies(),
      organization.admin,
      { userId, keyId },
      { endOldOnFirstUse: true },
      origin,
    )
    expect(fresh).toMatchObject({ kind: 'token', name: 'from before', token: expect.stringMatching(/^pst_/) })
    expect(fresh).not.toHaveProperty('imported')
    expect(await outcomeOf(secret)).toBe(`token of ${userId}`)
    const noting = {
      ...admissionOn(table, () => Promise.resolve()),
      noteUse: (...used: [Parameters<typeof noteUse>[1], string]) => noteUse(table, ...used),
    }
    expect((await admit(noting, `Bearer ${fresh.token}`, me)).decision.allow).toBe(true)
    expect(await outcomeOf(secret)).toBe('credential_expired')
  })
})

describe('an imported key', () => {
  it('is presented as its client id and its secret, and in no other way', async () => {
    const secret = newSecret()
    const userId = await userNamed('old-key')
    const clientId = 'Shop/production@2019'
    const credential = await importFor(userId, secret, { kind: 'key', clientId })
    expect(credential).toMatchObject({ kind: 'key', imported: true, clientId })
    expect(await outcomeOf(basic(clientId, secret))).toBe(`key of ${userId}`)
    const wrong = [
      `Bearer ${secret}`,
      secret,
      basic('old-key', secret),
      basic(credential.keyId, secret),
      basic(clientId.toLowerCase(), secret),
      basic(clientId, `${secret}x`),
    ]
    for (const form of wrong) expect([form, await outcomeOf(form)]).toEqual([form, 'credential_unknown'])
  })

  it.each([
    ['hash', { hash: 'f'.repeat(63) }],
    ['clientId', { kind: 'key' as const }],
    ['clientId', { kind: 'token' as const, clientId: 'shop' }],
  ])('is refused at %s for %j', async (path, fields) => {
    const attempt = importFor(organization.userId, newSecret(), fields)
    const refused: unknown = await attempt.catch((error: unknown) => error)
    expect(refused instanceof DomainError && [refused.code, refused.errors[0]?.path]).toEqual([
      'invalid_request',
      path,
    ])
  })
})

describe('imports', () => {
  it('leave the hash in the credential and its pointer, and in no audit row and no list', async () => {
    const secret = newSecret()
    const userId = await userNamed('listed')
    const { keyId } = await importFor(userId, secret, {
      hash: Buffer.from(hashOf(secret), 'hex').toString('base64'),
    })
    const holding = (await allItems(table)).filter((item) => JSON.stringify(item).includes(hashOf(secret)))
    expect(holding.map(({ kind }) => kind).toSorted()).toEqual(['credential', 'imported-credential'])
    const listed = await listCredentials(dependencies(), organization.admin, userId)
    expect(JSON.stringify(listed)).toContain(keyId)
    expect(JSON.stringify(listed)).not.toContain(hashOf(secret))
    const rows = (await allItems(table)).filter((item) => item['targetId'] === keyId)
    expect(rows).toMatchObject([{ action: 'credential.imported', targetUserId: userId }])
  })

  it('are bounded for each user, and leave room to delete it in one transaction', async () => {
    const userId = await userNamed('collector')
    const codes = await Promise.all(
      Array.from({ length: maximumImported + 5 }, () => refusalCode(importFor(userId, newSecret()))),
    )
    expect(codes.filter((code) => code === 'ok')).toHaveLength(maximumImported)
    expect(new Set(codes)).toEqual(new Set(['ok', 'key_limit_reached']))
    const rest = maximumCredentials - maximumImported - 1
    for (let made = 0; made < rest; made += 1) {
      const body = { name: 'ours', kind: 'key' } as const
      await createCredential(dependencies(), organization.admin, userId, body, origin)
    }
    const [, one] = (await readCredentials(table, userId)).filter(({ imported }) => imported !== null)
    const before = (await pointers()).length
    await deleteCredential(
      dependencies(),
      organization.admin,
      { userId, keyId: one?.keyId ?? ('key_' as const) },
      origin,
    )
    expect(await refusalCode(importFor(userId, newSecret()))).toBe('ok')
    expect(await refusalCode(importFor(userId, newSecret()))).toBe('key_limit_reached')
    expect(await pointers()).toHaveLength(before + 1)
    await deleteUser(dependencies(), organization.admin, userId, null, origin)
    expect(await readCredentials(table, userId)).toEqual([])
    // What was revoked stays revoked: its pointer is all that says so.
    expect(await pointers()).toHaveLength(before + 1)
  })

  it('survive a change of their user: what counts them stays', async () => {
    const userId = await userNamed('renamed-later')
    await importFor(userId, newSecret())
    const anything = { version: null, ifMatch: null }
    await changeUser(dependencies(), organization.admin, userId, { name: 'Renamed' }, anything, origin)
    const user = (await allItems(table)).find((item) => item['kind'] === 'user' && item['userId'] === userId)
    expect(user).toMatchObject({ name: 'Renamed', importedCount: 1, credentialCount: 2 })
  })

  it('are refused for users who may do more than the importer (U3), and of other organizations (U1)', async () => {
    const { token } = await makeCaller(table, organization.admin, {
      username: 'importer',
      permissions: { 'postern-credentials': 'write' },
    })
    const caller = await callerWith(table, token, 'postern-credentials')
    const body = { name: 'x', kind: 'token', hash: hashOf(newSecret()) } as const
    const attempt = (userId: UserId) => importCredential(dependencies(), caller, userId, body, origin)
    expect(await refusalCode(attempt(organization.userId))).toBe('grant_not_held')
    const other = await otherOrganization(table)
    expect(await refusalCode(attempt(other.userId))).toBe('not_found')
  })
})

describe('a text that nobody imported', () => {
  it('leaves no audit row and no decision: nobody is known whom it concerns', async () => {
    const before = await allItems(table)
    const { onDenied } = notesOn(table)
    const { decision, admitted } = await admit(admissionOn(table, onDenied), `Bearer ${newSecret()}`, me)
    expect([decision, admitted]).toMatchObject([{ allow: false, reason: 'credential_unknown' }, null])
    expect(await allItems(table)).toHaveLength(before.length)
  })
})

describe('the authorizer', () => {
  /** A request for an endpoint of the organization's API. */
  const asked: AuthorizerAsked = {
    address: origin.address,
    gateway: {
      gatewayId: 'gateway1',
      stage: '$default',
      method: 'GET',
      path: '/orders',
      route: '$default',
      isCustomDomain: false,
    },
  }
  const findEndpoint = async () => {
    const stored = await readApi(table, organization.apiId)
    if (stored === undefined) throw new Error('the organization has an API')
    return { path: '/orders', target: { kind: 'protected', api: protectedApiOf(stored) } } as const
  }
  const container = () => {
    const calls = { found: 0, reads: 0 }
    const authorize = makeAuthorizer(
      {
        ...admissionOn(table, () => Promise.resolve()),
        findEndpoint,
        findImported: (secretHash) => {
          calls.found += 1
          return findImported(table, secretHash)
        },
        snapshots: readersOf((wanted) => {
          calls.reads += 1
          return readCallerSnapshot(table, wanted)
        }),
      },
      { cacheSeconds: 60 },
    )
    return { calls, authorize }
  }

  it('reads once more for an imported credential, and nothing while it is kept', async () => {
    const secret = newSecret()
    await importFor(await userNamed('cold-and-warm'), secret)
    const { authorize, calls } = container()
    for (let index = 0; index < 5; index += 1)
      expect(await authorize(`Bearer ${secret}`, asked)).toMatchObject({ allow: true })
    expect(calls).toEqual({ found: 1, reads: 1 })
  })

  it('reads nothing more for a credential of ours, and one item for a guess', async () => {
    const { authorize, calls } = container()
    expect(await authorize(`Bearer ${organization.token}`, asked)).toMatchObject({ allow: true })
    expect(calls).toEqual({ found: 0, reads: 1 })
    expect(await authorize(`Bearer ${newSecret()}`, asked)).toMatchObject({ reason: 'credential_unknown' })
    expect(calls).toEqual({ found: 1, reads: 1 })
  })

  it('decides nothing when it cannot look up, and the own API says that it is unavailable', async () => {
    const broken: Table = { ...table, tableName: 'no-such-table' }
    const lost = {
      ...admissionOn(table, () => Promise.resolve()),
      findImported: (secretHash: Parameters<typeof findImported>[1]) => findImported(broken, secretHash),
    }
    const authorize = makeAuthorizer(
      { ...lost, snapshots: snapshotReaders(table), findEndpoint },
      { cacheSeconds: 5 },
    )
    expect(await refusalCode(authorize(`Bearer ${newSecret()}`, asked))).toBe('temporarily_unavailable')
    expect(await refusalCode(admit(lost, `Bearer ${newSecret()}`, me))).toBe('temporarily_unavailable')
  })
})

describe('an imported credential as it is stored', () => {
  const owner = { organizationId: 'org_abcdefghij', userId: 'usr_0123456789abcdef' } as const
  const secretHash = 'a'.repeat(64) as SecretHash
  const createdAt = '2026-11-21T12:00:00.000Z'

  it('is like one made here, and its hash points at it in the whole deployment', () => {
    const request = { kind: 'key', name: 'old', expiresAt: null, endsOnFirstUse: null } as const
    const zeros = (size: number) => new Uint8Array(size)
    const made = importedCredential(owner, request, { secretHash, clientId: 'crm' }, createdAt, zeros)
    expect(made).toEqual({
      ...credentialItem(owner, 'key_abcdefghij0123456789abcdef0000000000', request, secretHash, createdAt),
      imported: { clientId: 'crm' },
    })
    expect(importWrite(made)).toEqual({
      label: importedBefore,
      put: {
        ...keys.importedCredential(secretHash),
        kind: 'imported-credential',
        keyId: made.keyId,
      },
      condition: 'attribute_not_exists(pk)',
    })
    expect(importedBefore).toBe('import')
  })
})
