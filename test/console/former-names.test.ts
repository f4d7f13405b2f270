import { expect, it } from 'vitest'
import { formerNamesOf, targetKey } from '../../console/parts/former-names.ts'

type Row = Parameters<typeof formerNamesOf>[0][number]

const row = (action: string, targetId: string, field: string, before: unknown, after: unknown): Row => ({
  ...{ action, targetId, targetUserId: null },
  changes: [{ field, before, after }],
})
/** @param rows newest first */
const nameOf = (action: string, targetId: string, ...rows: readonly Row[]) =>
  formerNamesOf(rows).get(targetKey(action, targetId))

it('calls what is gone by the last name that it had', () => {
  const made = row('role.created', '1000', 'role', null, { name: 'Reader' })
  const renamed = row('role.changed', '1000', 'name', 'Reader', 'Clerk')
  const gone = row('role.deleted', '1000', 'role', { name: 'Clerk' }, null)
  expect(nameOf('role.created', '1000', gone, renamed, made)).toBe('Clerk')
  expect(nameOf('role.created', '1000', renamed, made)).toBe('Clerk')
  expect(nameOf('role.created', '1000', made)).toBe('Reader')
})

it('calls no account group by the name of a role with the same number', () => {
  const rows = [
    row('role.deleted', '1000', 'role', { name: 'Clerk' }, null),
    row('account-group.deleted', '1000', 'name', 'Europe', null),
  ]
  expect(nameOf('role.changed', '1000', ...rows)).toBe('Clerk')
  expect(nameOf('account-group.changed', '1000', ...rows)).toBe('Europe')
})

it('calls no API by the name of one of its sections', () => {
  const gone = row('api.deleted', 'api_1', 'api', { name: 'shop' }, null)
  const ofSection = row('section.created', 'api_1', 'section', null, { name: 'orders' })
  expect(nameOf('api.deleted', 'api_1', ofSection, gone)).toBe('shop')
})

it('knows a user that is gone', () => {
  const gone = {
    ...{ action: 'user.deleted', targetId: null, targetUserId: 'usr_1' },
    changes: [{ field: 'user', before: { username: 'dana', name: 'Dana' }, after: null }],
  }
  expect(formerNamesOf([gone]).get('usr_1')).toBe('dana')
})
