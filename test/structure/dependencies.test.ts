import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { consoleFloors, floors, rules } from './rules.ts'
import { readSourceFiles, sourceFile } from './source-file.ts'

const files = readSourceFiles(['lib', 'functions', 'infra', 'console', 'test'])

describe('the source of Postern', () => {
  it('is seen: files with imports in every room', () => {
    for (const room of ['lib/', 'functions/', 'infra/aws/', 'infra/local/', 'test/']) {
      const imports = files.filter(({ path }) => path.startsWith(room)).flatMap((file) => file.imports)
      expect(imports.length, room).toBeGreaterThan(10)
    }
  })

  it.each(Object.entries(rules))('keeps the rule %s', (_name, rule) => {
    expect(rule(files)).toEqual([])
  })
})

/** Made-up files, each of which breaks one rule, and what is said about it. */
const breaches: readonly (readonly [rule: string, path: string, code: string, said: string])[] = [
  ['roomsAreClosed', 'lib/a.ts', `import { x } from '../functions/b.ts'`, 'lib may import only from lib'],
  [
    'roomsAreClosed',
    'lib/a.ts',
    `import type { x } from '../infra/aws/b.ts'`,
    'lib may import only from lib',
  ],
  ['roomsAreClosed', 'lib/users/a.ts', `export * from '../../test/b.ts'`, 'imports test/b.ts'],
  ['roomsAreClosed', 'functions/a.ts', `import { x } from '../infra/aws/b.ts'`, 'functions may import only'],
  [
    'roomsAreClosed',
    'infra/aws/a.ts',
    `import { x } from '../../lib/users/b.ts'`,
    'infra/aws may import only',
  ],
  [
    'roomsAreClosed',
    'infra/aws/a.ts',
    `import { x } from '../../lib/table/read.ts'`,
    'infra/aws may import only',
  ],
  [
    'roomsAreClosed',
    'infra/aws/a.ts',
    `const x = await ${'import'}('../../functions/b.ts')`,
    'infra/aws may import only',
  ],
  ['roomsAreClosed', 'infra/local/a.ts', `import { x } from '../aws/b.ts'`, 'infra/local may import only'],
  ['roomsAreClosed', 'lib/a.ts', `import type { x } from '../console/b.ts'`, 'lib may import only from lib'],
  [
    'roomsAreClosed',
    'console/a.tsx',
    `import type { x } from '../functions/b.ts'`,
    'console may import only',
  ],
  ['theBrowserGetsTypesOfTheServer', 'console/a.tsx', `import { x } from '../lib/users/b.ts'`, 'only types'],
  [
    'roomsStandOnFloors',
    'lib/table/a.ts',
    `import type { x } from '../users/b.ts'`,
    'users stands above table',
  ],
  ['roomsStandOnFloors', 'lib/a.ts', '', 'is in no room'],
  ['roomsStandOnFloors', 'lib/attic/a.ts', '', 'is in no room'],
  [
    'theConsoleStandsOnFloors',
    'console/parts/a.tsx',
    `import type { x } from '../screens/b.tsx'`,
    'screens stands above parts',
  ],
  ['theConsoleStandsOnFloors', 'console/a.tsx', '', 'is in no room'],
  ['filesFormNoCircle', 'lib/users/a.ts', `import type { x } from './a.ts'`, 'is in a circle'],
  ['importsAreReadable', 'lib/users/a.mts', '', 'is no .ts file'],
  ['importsAreReadable', 'lib/users/a.ts', `import type { x } from '#users/b.ts'`, 'use a relative path'],
  ['importsAreReadable', 'lib/users/a.ts', `const x = await ${'import'}(name)`, 'in a literal'],
  ['importsAreReadable', 'lib/users/a.ts', `const x = await ${'import'}('./b.ts', {})`, 'in a literal'],
  [
    'roomsStandOnFloors',
    'lib/table/a.ts',
    `import { 'x' as x } from '../users/b.ts'`,
    'users stands above table',
  ],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const { now } = Date`, 'uses = Date'],
  ['onlyTheEdgeReadsTheEnvironment', 'lib/a.ts', `const { env } = process`, 'uses process'],
  ['roomsAreNotHalls', 'lib/users/a.ts', 'x\n'.repeat(1001), 'holds 100 % of the lines'],
  [
    'onlyStoresSpeakDynamodb',
    'lib/users/a.ts',
    `import {\n  x,\n} from '@aws-sdk/lib-dynamodb'`,
    'only *-store.ts',
  ],
  [
    'onlyStoresSpeakDynamodb',
    'functions/a.ts',
    `import type { x } from '@aws-sdk/client-dynamodb'`,
    'only *-store',
  ],
  ['putsAreTyped', 'lib/a.ts', `put<z.ZodMiniType<Key>>('x', item)`, 'name the stored schema'],
  ['putsAreTyped', 'lib/a.ts', 'const x = { label, put: item as StoredItem }', 'only put makes one'],
  [
    'putsAreTyped',
    'lib/users/a-store.ts',
    `import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'`,
    'only writeTransaction',
  ],
  ['onlyTheEdgeReadsTheEnvironment', 'lib/a.ts', `const x = process.env['X']`, 'uses process'],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const x = Date.now()`, 'uses Date.now'],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const x = { now: Date.now }`, 'uses Date.now'],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const x = new Date()`, 'uses new Date()'],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const x = Math.random()`, 'uses Math.random'],
  ['timeAndChanceArePassedIn', 'lib/a.ts', `const x = crypto.randomUUID()`, 'uses crypto.randomUUID'],
  [
    'timeAndChanceArePassedIn',
    'lib/a.ts',
    `import { randomBytes as x } from 'node:crypto'`,
    'pass randomness in',
  ],
  ['theDomainIsPure', 'lib/a/decide.ts', `import { x } from './user-store.ts'`, 'imports only pure files'],
  ['theDomainIsPure', 'lib/a/decide.ts', `import { x } from '../table/read.ts'`, 'imports only pure files'],
  [
    'theDomainIsPure',
    'lib/a/decide.ts',
    `import { exists, x } from '../table/transaction.ts'`,
    'only pure files',
  ],
  ['theDomainIsPure', 'lib/a/decide.ts', `import { readFile } from 'node:fs'`, 'no input or output'],
  ['theDomainIsPure', 'lib/a/decide.ts', `import 'some-package'`, 'no input or output'],
  ['everyNameSaysSomething', 'lib/utils/a.ts', '', 'is named utils'],
  ['everyNameSaysSomething', 'lib/users/helpers.ts', '', 'is named helpers'],
  ['everyNameSaysSomething', 'infra/local/types/a.ts', '', 'is named types'],
  ['noBarrels', 'lib/users.ts', `export { x } from './users/a.ts'`, 're-exports'],
  ['noBarrels', 'lib/users.ts', `export type { X } from './users/a.ts'`, 're-exports'],
  ['filesAreSmall', 'functions/a.ts', 'x\n'.repeat(351), 'has 351 lines'],
  [
    'theAuthorizerIsLight',
    'functions/authorizer.ts',
    `import { x } from '@node-rs/argon2'`,
    '-> @node-rs/argon2',
  ],
  ['theAuthorizerIsLight', 'functions/authorizer.ts', `import * as z from 'zod'`, '-> zod'],
  ['theAuthorizerIsLight', 'functions/a.ts', '', 'does not exist'],
  ['everyImportIsFound', 'lib/a.ts', `import { x } from './b.ts'`, 'there is no such file'],
]

describe('each rule', () => {
  it.each(breaches)('%s sees breach %# in %s', (name, path, code, said) => {
    const found = rules[name]?.([sourceFile(path, code)]) ?? []
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(said)
  })

  it('sees a circle of two files in both, and not in who imports them', () => {
    const circle = [
      sourceFile('lib/users/a.ts', `import type { x } from './b.ts'`),
      sourceFile('lib/users/b.ts', `import { y } from './a.ts'`),
      sourceFile('lib/users/c.ts', `import { y } from './a.ts'`),
    ]
    expect(rules['filesFormNoCircle']?.(circle)).toEqual([
      'lib/users/a.ts is in a circle',
      'lib/users/b.ts is in a circle',
    ])
  })

  it('is broken by at least one of the examples', () => {
    expect(Object.keys(rules).filter((name) => !breaches.some(([rule]) => rule === name))).toEqual([])
  })

  it('follows the authorizer through several files and names the way', () => {
    const chain = [
      sourceFile('functions/authorizer.ts', `import { a } from '../lib/admission/a.ts'`),
      sourceFile('lib/admission/a.ts', `import { b } from './b.ts'`),
      sourceFile('lib/admission/b.ts', `import { c } from '../contract/c.ts'`),
    ]
    expect(rules['theAuthorizerIsLight']?.(chain)).toEqual([
      'the authorizer loads functions/authorizer.ts -> lib/admission/a.ts -> lib/admission/b.ts -> lib/contract/c.ts',
    ])
  })

  it('takes no offence at comments, texts, types and what is allowed', () => {
    const blameless = [
      sourceFile(
        'lib/decision/decide.ts',
        [
          '/**',
          ' * Never calls Date.now() or process.env; see',
          " * import { x } from '../functions/b.ts'",
          ' */',
          "import * as z from 'zod'",
          "import { type Table, exists } from '../table/transaction.ts'",
          "import type { Store } from './user-store.ts'",
          "import { createHash } from 'node:crypto'",
          'const at = new Date(0) // not new Date()',
        ].join('\n'),
      ),
      sourceFile('lib/decision/user-store.ts', `import { GetCommand } from '@aws-sdk/lib-dynamodb'`),
      sourceFile('lib/table/transaction.ts', ''),
      sourceFile('functions/authorizer.ts', `import type { x } from '../lib/decision/decide.ts'`),
    ]
    for (const [name, rule] of Object.entries(rules)) expect(rule(blameless), name).toEqual([])
  })
})

describe('docs/architecture.md', () => {
  it('lists the rooms on their floors, top first', () => {
    const page = readFileSync('docs/architecture.md', 'utf8')
    const rows = [...page.matchAll(/^\| (\d+) \| `([a-z-]+)` \| [^|]+ \|$/gm)]
    const listed = rows.map(([, floor, room = '']) => ({ floor: Number(floor), room }))
    expect(listed).toEqual(floors.map((room, index) => ({ floor: index + 1, room })).toReversed())
  })
})

describe('docs/console.md', () => {
  it('lists the parts of the application on their floors, top first', () => {
    const page = readFileSync('docs/console.md', 'utf8')
    const listed = [...page.matchAll(/^\| (\d+) \| `([a-z.]+)` \| [^|]+ \|$/gm)]
    const expected = consoleFloors.map((part, index) => [`${index + 1}`, part]).toReversed()
    expect(listed.map(([, floor, part]) => [floor, part])).toEqual(expected)
  })
})
