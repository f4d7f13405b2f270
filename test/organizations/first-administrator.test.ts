import { expect, it } from 'vitest'
import { createFirstOrganization } from '../../lib/organizations/first-organization.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { mailScene, newPassword, tokenIn } from '../passwords/reset-scene.ts'
import { wrongCounts } from '../users/true-counts.ts'
import { callerWith, origin } from './organization.ts'

const mistyped = { username: 'admin', email: 'yuo@example.com' }
const right = { username: 'admin', email: 'you@example.com' }

const installed = async () => {
  const table = await freshTable()
  const scene = mailScene(table)
  const { dependencies } = scene
  const run = (
    { username, email }: { username: string; email: string | null },
    credentials: 'mailed' | 'shown' = 'mailed',
    more: { organization?: string; rateLimitPerMinute?: number } = {},
    hooks: Partial<Pick<typeof dependencies, 'readMember'>> = {},
  ) =>
    createFirstOrganization(
      { ...dependencies, ...hooks },
      {
        organization: 'Example',
        username,
        email,
        credentials,
        api: { name: 'default', gateways: [], sections: [] },
        ...more,
      },
    )
  const first = await run(mistyped)
  if (!first.created) throw new Error('the table was not empty')
  /** The token of the last mail to an address. */
  const linkOf = async (email: string) => {
    await scene.deliverPending()
    return tokenIn(scene.mails.findLast(({ to }) => to === email))
  }
  return { ...scene, run, first, linkOf }
}

const said = /^Nothing was changed: the first administrator has already signed in/

it('replaces an administrator that never got in: the new address gets a link, and the old link is dead', async () => {
  const { run, first, linkOf, confirm, table, dependencies } = await installed()
  const oldLink = await linkOf(mistyped.email)
  const again = await run(right)
  if (!again.created) throw new Error(again.reason)
  expect(again).toMatchObject({ replacedUserId: first.userId, organizationId: first.organizationId })
  expect(await refusalCode(confirm(oldLink))).toBe('reset_token_invalid')

  await confirm(await linkOf(right.email))
  expect(await wrongCounts(table)).toEqual([])
  const member = await dependencies.readMember(again.userId, first.organizationId)
  expect(member?.user).toMatchObject({ ...right, hasPassword: true, emailVerified: true })
  // Of the old one its number and what the audit says are left.
  const left = (await allItems(table)).filter((item) => JSON.stringify(item).includes(first.userId))
  expect([...new Set(left.map(({ kind }) => kind))].toSorted()).toEqual(['audit', 'uid-claim'])
})

it('replaces a mistyped username and whatever else the run gives of the organization', async () => {
  const { run, first, linkOf, itemsOfKind, dependencies, table } = await installed()
  const again = await run({ ...right, username: 'root' }, 'mailed', {
    organization: 'Examples',
    rateLimitPerMinute: 600,
  })
  if (!again.created) throw new Error(again.reason)
  expect(await dependencies.readUsernameHolder('admin')).toBeUndefined()
  expect(await dependencies.readUsernameHolder('root')).toMatchObject({ userId: again.userId })
  const [organization] = await dependencies.readOrganizations([first.organizationId])
  expect(organization).toMatchObject({ name: 'Examples', rateLimitPerMinute: 600, version: 2 })
  expect(await itemsOfKind('organization')).toHaveLength(1)
  // The mail that was asked for under the old name goes to nobody.
  await linkOf(right.email)
  expect(await wrongCounts(table)).toEqual([])
})

it('shows the credentials when the mail does not arrive, and then never again', async () => {
  const { run, table } = await installed()
  const shown = await run({ username: 'admin', email: null }, 'shown')
  if (!shown.created) throw new Error(shown.reason)
  expect((await callerWith(table, shown.token ?? '')).subject.userId).toBe(shown.userId)
  expect(await wrongCounts(table)).toEqual([])
  const before = await allItems(table)
  expect(await run(right)).toEqual({ created: false, reason: expect.stringMatching(said) })
  expect(await run(right, 'shown')).toEqual({ created: false, reason: expect.stringMatching(said) })
  expect(await allItems(table)).toEqual(before)
})

it('is no back door: once the administrator has set a password, nothing brings the run back', async () => {
  const { run, linkOf, confirm, table, dependencies, first } = await installed()
  await confirm(await linkOf(mistyped.email))
  expect(await run(right)).toEqual({ created: false, reason: expect.stringMatching(said) })
  expect(await run(right, 'shown')).toEqual({ created: false, reason: expect.stringMatching(said) })
  expect(await wrongCounts(table)).toEqual([])
  expect(await dependencies.readMember(first.userId, first.organizationId)).toBeDefined()
})

it('stays shut when the first administrator is deleted by another', async () => {
  const { run, table, dependencies } = await installed()
  const shown = await run(mistyped, 'shown')
  if (!shown.created) throw new Error(shown.reason)
  const body = { username: 'second', roles: ['Admin'], generate: 'token' as const }
  const { credential } = await createUser(
    dependencies,
    await callerWith(table, shown.token ?? ''),
    body,
    origin,
  )
  const second = await callerWith(table, credential?.token ?? '')
  await deleteUser(dependencies, second, shown.userId, null, origin)
  expect(await run(right)).toEqual({ created: false, reason: expect.stringMatching(said) })
  expect(await wrongCounts(table)).toEqual([])
})

it('changes nothing when the password is set between what the run reads and what it writes', async () => {
  const { run, linkOf, confirm, table, first, dependencies } = await installed()
  const link = await linkOf(mistyped.email)
  const readMember = async (...of: [UserId, OrganizationId]) => {
    const member = await dependencies.readMember(...of)
    if (member?.user.hasPassword === false) await confirm(link)
    return member
  }
  expect(await run(right, 'shown', {}, { readMember })).toMatchObject({ created: false })
  const member = await dependencies.readMember(first.userId, first.organizationId)
  expect(member?.user).toMatchObject({ ...mistyped, hasPassword: true, credentialCount: 0 })
  expect(await wrongCounts(table)).toEqual([])
})

it('refuses the old link when the run comes between its check and the password', async () => {
  const { run, linkOf, dependencies, nextOrigin, table } = await installed()
  const token = await linkOf(mistyped.email)
  const hash = async (password: Parameters<typeof dependencies.hasher.hash>[0]) => {
    expect(await run(right)).toMatchObject({ created: true })
    return await dependencies.hasher.hash(password)
  }
  const body = { token, newPassword, confirmPassword: newPassword }
  const late = completeReset({ ...dependencies, hasher: { hash } }, body, nextOrigin())
  expect(await refusalCode(late)).toBe('reset_token_invalid')
  expect((await allItems(table)).filter(({ kind }) => kind === 'password')).toEqual([])
  expect(await wrongCounts(table)).toEqual([])
})

it('mails nothing to the old address when the run comes while its mail is being made', async () => {
  const { run, pending, deliver, mails } = await installed()
  const records = await pending()
  expect(await run(right)).toMatchObject({ created: true })
  await deliver(records)
  expect(mails.map(({ to }) => to)).not.toContain(mistyped.email)
})

it('leaves one administrator, with one good link, when it runs several times at once', async () => {
  const { run, linkOf, confirm, table, itemsOfKind } = await installed()
  const outcomes = await Promise.all([right, right, right].map((who) => run(who)))
  expect(outcomes.some(({ created }) => created)).toBe(true)
  expect(await itemsOfKind('user')).toHaveLength(1)
  await confirm(await linkOf(right.email))
  expect(await wrongCounts(table)).toEqual([])
})
