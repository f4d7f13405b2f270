import { expect, it } from 'vitest'
import type { StoredPassword } from '../../lib/identity/stored-password.ts'
import type { PasswordHash } from '../../lib/secrets/password-text.ts'
import { keys } from '../../lib/table/keys.ts'
import { put } from '../../lib/table/stored-item.ts'
import type { Write } from '../../lib/table/transaction.ts'
import { notExists } from '../../lib/table/transaction.ts'

const userId = 'usr_0123456789abcdef'
const item = {
  ...keys.password(userId),
  kind: 'password',
  userId,
  passwordHash: '$argon2id$' as PasswordHash,
  changedAt: '2026-11-21T12:00:00.000Z',
} as const

it('a put holds the item as it is, its label and its condition', () => {
  const write = put<typeof StoredPassword>('password', item, { condition: notExists })
  expect(write).toEqual({ label: 'password', put: item, condition: 'attribute_not_exists(pk)' })
})

it('a put of anything else than its stored schema describes does not compile', () => {
  const { changedAt: _, ...incomplete } = item
  // @ts-expect-error an attribute is missing
  put<typeof StoredPassword>('password', incomplete)
  // @ts-expect-error of another kind
  put<typeof StoredPassword>('password', { ...item, kind: 'user' })
  // @ts-expect-error an attribute that the schema does not have
  put<typeof StoredPassword>('password', { ...item, name: 'x' })
  // @ts-expect-error a text that nobody has hashed
  put<typeof StoredPassword>('password', { ...item, passwordHash: 'correct horse' })
  // @ts-expect-error no schema is named
  put('password', item)
})

it('only `put` makes what a transaction puts', () => {
  const made = put<typeof StoredPassword>('password', item)
  // @ts-expect-error made by hand
  const raw: Write = { label: 'password', put: item }
  // @ts-expect-error changed after it was made
  const changed: Write = { ...made, put: { ...made.put, kind: 'user' } }
  // @ts-expect-error only copied
  const copied: Write = { ...made, put: { ...made.put } }
  expect([raw, changed, copied]).toHaveLength(3)
})
