import { expect, it } from 'vitest'
import type { Names } from '../../console/parts/change-lines.ts'
import { readChange } from '../../console/parts/change-lines.ts'
import { texts } from '../../console/texts/en.ts'
import { withoutMarks } from '../../console/texts/isolated-names.ts'

const names: Names = {
  api: (apiId) => (apiId === 'api_7' ? 'shop' : apiId),
  role: (roleId) => (roleId === 4 ? 'Admin' : String(roleId)),
  group: (aid) => (aid === 2 ? 'Berlin' : String(aid)),
  vendor: (vendorId) => (vendorId === 'vnd_1' ? 'Heron' : vendorId),
  credential: (keyId) => (keyId === 'key_1' ? 'production' : keyId),
}
const ends = '2026-11-21T09:16:00.000Z'
/** `- x` is removed, `+ x` added, `x: a > b` changed; ` ` stands before a value that has no name. */
const shown = (field: string, before: unknown, after: unknown) =>
  readChange({ field, before, after }, names).lines.map((line) => {
    const text = (value: string | null) => withoutMarks([line.name, value].filter((each) => each).join(' '))
    if (line.name === '') return `${line.before} > ${line.after}`
    if (line.before === null) return `+ ${text(line.after)}`
    return line.after === null
      ? `- ${text(line.before)}`
      : withoutMarks(`${line.name}: ${line.before} > ${line.after}`)
  })

it.each([
  ['status', 'active', 'disabled', ['Active > Disabled']],
  // A name that is a word of the API elsewhere.
  ['username', 'active', 'read', ['active > read']],
  ['email', null, 'a@b.example', ['null > a@b.example']],
  ['emailVerified', true, false, ['Yes > No']],
  ['user', null, { hasPassword: true }, ['+ Has a password Yes']],
  ['user', null, { username: 'dana', email: '', permissions: {}, roles: [] }, ['+ Username dana']],
  ['rateLimitPerMinute', null, 0, ['null > 0']],
  ['whitelist', ['192.0.2.1', '192.0.2.2'], ['192.0.2.2', '192.0.2.3'], ['- 192.0.2.1', '+ 192.0.2.3']],
  ['whitelist', ['192.0.2.1'], ['192.0.2.1'], []],
  [
    'permissions',
    { 'api_7/orders': 'read', 'postern-users': 'write', old: 'read' },
    { 'api_7/orders': 'write', 'postern-users': 'write', new: 'read' },
    ['shop/orders: Read > Write', '- old Read', '+ new Read'],
  ],
  ['replacedBy', null, 'key_1', ['null > production']],
  ['replaces', null, 'key_1', ['null > production']],
  ['expiresAt', null, ends, [`null > ${texts.changes.time(new Date(ends))}`]],
  ['permissions', null, { 'api_7/orders': 'read' }, ['+ shop/orders Read']],
  ['endpoints', [], ['api_7 GET /orders/*'], ['+ shop GET /orders/*']],
  ['endpoints', [], ['GET /of/api_7/orders'], ['+ GET /of/api_7/orders']],
  ['sections', [{ name: 'a', title: 'A' }], [{ title: 'A', name: 'a' }], []],
  [
    'everySection',
    [{ api: 'api_7', level: 'read', except: [] }],
    [{ api: 'api_7', level: 'read', except: ['prices'] }],
    ['Every section of shop: Read > Read (except prices)'],
  ],
  [
    'role',
    null,
    { everySection: [{ apiId: 'api_7', level: 'read', except: [] }] },
    ['+ Every section Every section of shop: Read'],
  ],
  [
    'share',
    null,
    { everySection: { level: 'read', except: ['prices'] } },
    ['+ Every section Read (except prices)'],
  ],
  ['allAccountGroupRoles', [4], [9], ['- Admin', '+ 9']],
  ['accountGroupRoles', [{ aid: 2, roles: [4, 9] }], [{ aid: 2, roles: [9] }], ['- Admin in Berlin']],
  [
    'accountGroupRoles',
    [{ aid: 2, roles: [4] }],
    [{ aid: 3, roles: [4] }],
    ['- Admin in Berlin', '+ Admin in 3'],
  ],
  ['loginAccountGroup', null, 2, ['null > Berlin']],
  ['user', null, { loginAccountGroup: 2 }, ['+ Login account group Berlin']],
  ['description', null, `${ends} or so`, [`null > ${ends} or so`]],
  [
    'share',
    { sections: { endpoints: 'read' } },
    { sections: { endpoints: 'write', status: 'read', constructor: 'read' } },
    ['Sections: endpoints: Read > endpoints: Write, status: Read, constructor: Read'],
  ],
  [
    'api',
    null,
    {
      name: 'shop',
      sections: [{ name: 'endpoints', endpoints: [{ endpoint: 'GET /orders', level: 'read' }] }],
    },
    ['+ Name shop', '+ Sections Name: endpoints, Single endpoints: Endpoint: GET /orders, Level: Read'],
  ],
  [
    'user',
    null,
    {
      username: 'dana',
      status: 'active',
      email: null,
      whitelist: [],
      permissions: { 'api_7/orders': 'read' },
      integrationVendor: 'vnd_1',
    },
    ['+ Username dana', '+ Status Active', '+ Permissions shop/orders: Read', '+ Integration vendor Heron'],
  ],
])('says of %s what is added, removed and changed', (field, before, after, lines) => {
  expect(shown(field, before, after)).toEqual(lines)
})

/** Two roles, APIs or groups can have one name: another organization's, or of an id that nobody knows. */
const alike: Names = {
  ...names,
  role: () => 'Clerk',
  group: (aid) => (aid === 2 ? 'Berlin' : 'B in Berlin'),
  api: () => 'shop',
}

it.each([
  ['a role by another of the same name', 'allAccountGroupRoles', [4], [9]],
  ['an API by another of the same name', 'permissions', { 'api_1/a': 'read' }, { 'api_2/a': 'read' }],
  [
    'a right that another entry of the same name still has',
    'everySection',
    [{ api: 'api_2', level: 'write', except: ['prices'] }],
    [
      { api: 'api_1', level: 'write', except: [] },
      { api: 'api_2', level: 'write', except: ['prices'] },
    ],
  ],
  ['a time within its minute', 'expiresAt', '2026-11-21T09:16:01.000Z', '2026-11-21T09:16:59.000Z'],
  [
    'a field by another of the same label',
    'user',
    { kind: 'api', accessLevel: 'dashboard' },
    { kind: 'dashboard', accessLevel: 'dashboard' },
  ],
])('hides no change of %s', (_, field, before, after) => {
  const { lines } = readChange({ field, before, after }, alike)
  expect(lines).not.toEqual([])
  for (const line of lines) expect(line.before).not.toBe(line.after)
  expect(readChange({ field, before, after: structuredClone(before) }, alike).lines).toEqual([])
})

it('says of a thing that is made or deleted that it is the whole of it, and of rights each by itself', () => {
  const whole = (field: string, before: unknown, after: unknown) =>
    readChange({ field, before, after }, names).whole
  expect(whole('role', null, { name: 'Reader' })).toBe('added')
  expect(whole('role', { name: 'Reader' }, null)).toBe('removed')
  expect(whole('role', { name: 'Reader' }, { name: 'Writer' })).toBeNull()
  expect(whole('permissions', null, { 'api_7/orders': 'read' })).toBeNull()
  expect(whole('permissions', { 'api_7/orders': 'read' }, null)).toBeNull()
  expect(whole('status', null, 'active')).toBeNull()
})
