import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { formatOf } from '../../../infra/local/data-format.ts'

const files = [
  'decision/section.ts',
  'identity/stored-user.ts',
  'identity/user-fields.ts',
  'factors/stored-factors.ts',
  'providers/provider-state.ts',
  'sessions/log-out.ts',
  'table/keys.ts',
  'table/schema.ts',
  'users/change-user.ts',
]
const now = new Map(files.map((file) => [file, readFileSync(`lib/${file}`, 'utf8')]))
/** The format of a build in which one line is another. */
const formatWith = (file: string, line: string, other: string): string => {
  const source = now.get(file) ?? ''
  expect(source).toContain(line)
  return formatOf(new Map([...now, [file, source.replace(line, other)]]))
}

it.each([
  ['a field of an item', 'identity/stored-user.ts', '  hasPassword: z.boolean(),\n', ''],
  ['a part of an item', 'factors/stored-factors.ts', '  lastUsedAt: z.nullable(z.string()),\n', ''],
  ['a field that a table declares', 'identity/user-fields.ts', 'loginAccountGroup:', 'loginGroup:'],
  ['a part in another file', 'providers/provider-state.ts', '  version: z.string(),\n', ''],
  ['an item beside its use', 'sessions/log-out.ts', 'replaced: z.nullable', 'next: z.nullable'],
  ['a key', 'table/keys.ts', 'LOGOUT#', 'ENDED#'],
  ['a kind of items', 'table/schema.ts', "'console-session'", "'session'"],
  ['an index', 'table/schema.ts', ", 'word6'", ''],
  ['the values of a field', 'decision/section.ts', "['read', 'write']", "['read', 'change']"],
])('data of a build with another format is told: %s', (_, file, line, other) => {
  expect(formatWith(file, line, other)).not.toBe(formatOf(now))
})

it.each([
  ['a comment', 'identity/stored-user.ts', '/** How many of them are imported. */', ''],
  ['a comment on keys', 'table/keys.ts', '/**', '/** Also:'],
  ['what is done with items', 'sessions/log-out.ts', 'ending = replaced.by', 'ending = sessionId'],
  ['a function beside values', 'decision/section.ts', "'GET', 'HEAD'", "'GET'"],
  ['a rule', 'users/change-user.ts', 'if (setsLogin && isSelf)', 'if (isSelf)'],
])('is the same format: %s', (_, file, line, other) => {
  expect(formatWith(file, line, other)).toBe(formatOf(now))
})
