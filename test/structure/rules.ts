import { posix } from 'node:path'
import type { Import, SourceFile } from './source-file.ts'

/** A rule returns one sentence for each breach. */
type Rule = (files: readonly SourceFile[]) => string[]

const isIn = (path: string, ...folders: string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`))
const rooms = ['lib', 'functions', 'infra', 'console', 'test']
const isOurs = ({ target }: Import): boolean => isIn(target, ...rooms)

const eachImport = (
  files: readonly SourceFile[],
  judge: (file: SourceFile, wanted: Import) => string | null,
): string[] =>
  files.flatMap((file) =>
    file.imports.flatMap((wanted) => {
      const why = judge(file, wanted)
      return why === null ? [] : [`${file.path} imports ${wanted.target}: ${why}`]
    }),
  )

/** Where the files of each room may import from; the more exact room comes first. */
const mayImport: readonly (readonly [room: string, from: readonly string[]])[] = [
  ['lib', ['lib']],
  ['functions', ['functions', 'lib']],
  [
    'infra/aws',
    [
      'infra/aws',
      'infra/replaced-packages.ts',
      'lib/contract/endpoint.ts',
      'lib/reference/endpoints.ts',
      'lib/table/schema.ts',
      'lib/table/keys.ts',
    ],
  ],
  // Not infra/aws: the laptop knows the stack by its template alone, or the two would drift.
  ['infra/local', ['infra/local', 'infra/replaced-packages.ts', 'lib/table/schema.ts', 'console/build.ts']],
  [
    'console/build.ts',
    ['lib/audit/audit-row.ts', 'lib/reference/endpoints.ts', 'console/reference/pages.ts'],
  ],
  ['console/reference/browser', ['console/reference/browser', 'lib']],
  ['console', ['console', 'lib']],
]

const roomsAreClosed: Rule = (files) =>
  eachImport(files, (file, wanted) => {
    const [room, from] = mayImport.find(([folder]) => isIn(file.path, folder)) ?? ['', rooms]
    const isAllowed = !isOurs(wanted) || isIn(wanted.target, ...from)
    return isAllowed ? null : `${room} may import only from ${from.join(', ')}`
  })

/** What runs when the console is built, not in the browser. */
const isOfBuild = (path: string): boolean =>
  path === 'console/build.ts' || (isIn(path, 'console/reference') && !isIn(path, 'console/reference/browser'))

/** What is no part of the application: what builds it, and the reference. */
const isOfPages = (path: string): boolean =>
  isOfBuild(path) || isIn(path, 'console/reference', 'console/built.d.ts')

/** Parsers without schemas: what they refuse while somebody types is what the API refuses. */
const runsInTheBrowser = ['lib/whitelist/entry.ts', 'lib/decision/endpoint-pattern.ts', 'lib/brand/shades.ts']

/** A schema in the browser would bring the whole of zod with it. */
const theBrowserGetsTypesOfTheServer: Rule = (files) =>
  eachImport(
    files.filter(({ path }) => isIn(path, 'console') && !isOfBuild(path)),
    (_file, { target, isTypeOnly }) =>
      isIn(target, 'lib') && !isTypeOnly && !runsInTheBrowser.includes(target)
        ? 'the console imports only types of the server'
        : null,
  )

/**
 * The rooms of `lib`, each on its floor, ground first. A file imports from its own room and from the floors below, types included.
 * docs/architecture.md draws them.
 */
export const floors: readonly string[] = [
  'effects',
  'secrets',
  'whitelist',
  'table',
  'limits',
  'decision',
  'identity',
  'contract',
  'audit',
  'brand',
  'mail',
  'policy',
  'apis',
  'providers',
  'sightings',
  'usage',
  'refusals',
  'admission',
  'http',
  'guests',
  'credentials',
  'explain',
  'factors',
  'sessions',
  'console',
  'users',
  'passwords',
  'organizations',
  'drop-in',
  'reference',
]

/** The parts of the console's application, ground first; docs/console.md says what each holds. */
export const consoleFloors: readonly string[] = [
  'texts',
  'client',
  'router.ts',
  'parts',
  'screens',
  'screens.ts',
  'shell',
  'app.tsx',
  'main.tsx',
]

/** Nothing imports upwards, so there is no circle of rooms either. */
const standOnFloors = (building: string, storeys: readonly string[]): Rule => {
  const floorOf = (path: string): number => storeys.indexOf(path.split('/')[1] ?? '')
  return (files) => {
    const inside = files.filter(({ path }) => isIn(path, building))
    const homeless = inside
      .filter(({ path }) => floorOf(path) === -1)
      .map(({ path }) => `${path} is in no room: give its folder a floor`)
    const upwards = eachImport(inside, ({ path }, { target }) =>
      isIn(target, building) && floorOf(target) > floorOf(path)
        ? `${storeys[floorOf(target)]} stands above ${storeys[floorOf(path)]}`
        : null,
    )
    return [...homeless, ...upwards]
  }
}

const roomsStandOnFloors = standOnFloors('lib', floors)

const theConsoleStandsOnFloors: Rule = (files) =>
  standOnFloors('console', consoleFloors)(files.filter(({ path }) => !isOfPages(path)))

/** Two files that need each other are one, or lack a third below both. Types count as well. */
const filesFormNoCircle: Rule = (files) => {
  const targetsOf = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]))
  const reached = (from: string): Set<string> => {
    const seen = new Set(targetsOf.get(from))
    for (const path of seen) for (const target of targetsOf.get(path) ?? []) seen.add(target)
    return seen
  }
  return files.filter(({ path }) => reached(path).has(path)).map(({ path }) => `${path} is in a circle`)
}

/** What the reading of imports cannot follow, so the other rules would not see it. */
const importsAreReadable: Rule = (files) => [
  ...files
    .filter(({ path }) => isIn(path, 'lib', 'functions', 'infra/aws') && !path.endsWith('.ts'))
    .map(({ path }) => `${path} is no .ts file`),
  ...eachImport(files, (_file, { target }) => (target.startsWith('#') ? 'use a relative path' : null)),
  ...eachMatch(
    files.filter(({ path }) => isIn(path, 'lib')),
    /\bimport\((?!'[^']+'\))/g,
    'name the module in a literal',
  ),
]

const largestShare = 0.15
const smallestHall = 1000

/** A room that holds more is two. */
const roomsAreNotHalls: Rule = (files) => {
  const domain = files.filter(({ path }) => isIn(path, 'lib'))
  const lines = (of: readonly SourceFile[]): number => of.reduce((sum, { lineCount }) => sum + lineCount, 0)
  return floors.flatMap((room) => {
    const own = lines(domain.filter(({ path }) => isIn(path, `lib/${room}`)))
    const share = own / lines(domain)
    return own > smallestHall && share > largestShare
      ? [`lib/${room} holds ${Math.round(share * 100)} % of the lines`]
      : []
  })
}

const speaksDynamodb = /^@aws-sdk\/(client-dynamodb|lib-dynamodb|util-dynamodb|client-dynamodb-streams)$/
const maySpeakDynamodb = ({ path }: SourceFile): boolean =>
  path.endsWith('-store.ts') || isIn(path, 'lib/table', 'infra/local', 'test')

const onlyStoresSpeakDynamodb: Rule = (files) =>
  eachImport(files, (file, wanted) =>
    speaksDynamodb.test(wanted.target) && !maySpeakDynamodb(file)
      ? 'only *-store.ts files and lib/table speak DynamoDB'
      : null,
  )

const eachMatch = (files: readonly SourceFile[], pattern: RegExp, why: string): string[] =>
  files.flatMap(({ path, code }) =>
    [...code.matchAll(pattern)].map(([found]) => `${path} uses ${found}: ${why}`),
  )

/** The type of a put is as good as the schema that it names, and it binds only what passes through the one door. */
const putsAreTyped: Rule = (files) => {
  const domain = files.filter(({ path }) => isIn(path, 'lib', 'functions'))
  return [
    ...eachMatch(domain, /\bput<(?!typeof Stored)[^(]*/g, 'name the stored schema of the item'),
    ...eachImport(
      domain.filter(({ path }) => path !== 'lib/table/transaction.ts'),
      (_file, { names }) =>
        names.includes('TransactWriteCommand') ? 'only writeTransaction starts transactions' : null,
    ),
    ...eachMatch(
      domain.filter(({ path }) => path !== 'lib/table/stored-item.ts'),
      /\bas StoredItem\b/g,
      'only put makes one',
    ),
  ]
}

const onlyTheEdgeReadsTheEnvironment: Rule = (files) =>
  eachMatch(
    files.filter(({ path }) => isIn(path, 'lib')),
    // An escaped placeholder is text: the reference shows code that reads the environment.
    /(?<!\\\$\{)\bprocess\b/g,
    'only functions and infra read the environment',
  )

const timeAndChanceArePassedIn: Rule = (files) => {
  const domain = files.filter(({ path }) => isIn(path, 'lib'))
  const random = /^(random\w*|getRandomValues|webcrypto)$/
  return [
    ...eachMatch(
      domain,
      /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|\bperformance\.now\b|= Date$/gm,
      'pass it in',
    ),
    ...eachMatch(domain, /\bcrypto\.(?:random\w+|getRandomValues)\b/g, 'pass it in'),
    ...eachImport(domain, (_file, { target, names }) =>
      target === 'node:crypto' && names.some((name) => random.test(name)) ? 'pass randomness in' : null,
    ),
  ]
}

/** Packages that only calculate. Every other, and every unknown one, counts as input or output. */
const calculating = new Set([
  'zod',
  '@zxcvbn-ts/language-common',
  'yaml',
  'otpauth',
  '@simplewebauthn/server',
  'node:crypto',
  'node:zlib',
  'node:buffer',
  'node:util',
  'node:url',
])
/** Beside the stores: each hands one thing of the outside world to the domain, and is small. */
const adapters = [
  'lib/secrets/argon2.ts',
  'lib/secrets/password-hasher.ts',
  'lib/http/http-function.ts',
  'lib/mail/ses-mailer.ts',
  'lib/sessions/kms-signer.ts',
  'lib/secrets/kms-seal.ts',
  'lib/providers/document-files.ts',
]
const pureOfTheTable = [
  'conditions',
  'keys',
  'schema',
  'stored-item',
  'timeline',
  'until-committed',
  'update-expression',
].map((name) => `lib/table/${name}.ts`)
const isAdapter = (path: string): boolean =>
  path.endsWith('-store.ts') ||
  adapters.includes(path) ||
  (isIn(path, 'lib/table') && !pureOfTheTable.includes(path))

/** The texts of conditions stand beside the transaction that they are for; to read them is no input or output. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  'lib/table/transaction.ts': ['exists', 'notExists'],
}

/** Rules, decisions, parsing and use cases alike: what does input and output is handed to them. */
const theDomainIsPure: Rule = (files) =>
  eachImport(
    files.filter(({ path }) => isIn(path, 'lib') && !isAdapter(path)),
    (_file, wanted) => {
      if (wanted.isTypeOnly) return null
      if (!isOurs(wanted))
        return calculating.has(wanted.target) ? null : 'a pure file does no input or output'
      const isHarmless = wanted.names.every((name) => harmless[wanted.target]?.includes(name))
      return isAdapter(wanted.target) && !isHarmless ? 'a pure file imports only pure files' : null
    },
  )

const vague = /(?:^|\/)(utils?|helpers?|common|services?|types?|misc|shared|index)(?:\.ts)?(?=\/|$)/

const everyNameSaysSomething: Rule = (files) =>
  files.flatMap(({ path }) => {
    const found = vague.exec(path)?.[1]
    return found === undefined ? [] : [`${path} is named ${found}: say what it is about`]
  })

const noBarrels: Rule = (files) =>
  files.flatMap(({ path, code }) => {
    const passesOn = [...code.matchAll(/^export\s[^;'"`]*?from\s+'[^']+'$/gm)].map(([statement]) => statement)
    return passesOn.length === 0 ? [] : [`${path} re-exports: import from the file that defines it`]
  })

const mostLines = 350

const filesAreSmall: Rule = (files) =>
  files
    .filter(({ path, lineCount }) => !isIn(path, 'test', 'console/texts') && lineCount > mostLines)
    .map(({ path, lineCount }) => `${path} has ${lineCount} lines, more than ${mostLines}`)

const tooHeavy =
  /^(@node-rs\/argon2|bcryptjs|@aws-sdk\/client-sesv2|@middy\/.*|zod(?:\/mini)?|lib\/contract\/.*|lib\/mail\/.*|lib\/.*-endpoints\.ts)$/

/** What the authorizer starts with: each of these would be waited for by somebody's request. */
const theAuthorizerIsLight: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Map([['functions/authorizer.ts', 'functions/authorizer.ts']])
  for (const [path, way] of reached) {
    for (const { target, isTypeOnly } of byPath.get(path)?.imports ?? [])
      if (!isTypeOnly && !reached.has(target)) reached.set(target, `${way} -> ${target}`)
  }
  if (!byPath.has('functions/authorizer.ts')) return ['functions/authorizer.ts does not exist']
  return [...reached]
    .filter(([target]) => tooHeavy.test(target))
    .map(([, way]) => `the authorizer loads ${way}`)
}

/** A path that leads nowhere would make every other rule blind. */
const everyImportIsFound: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path))
  return eachImport(files, (_file, wanted) => {
    const isSource = isOurs(wanted) && ['.ts', '.tsx'].includes(posix.extname(wanted.target))
    return isSource && !paths.has(wanted.target) ? 'there is no such file' : null
  })
}

export const rules: Readonly<Record<string, Rule>> = {
  roomsAreClosed,
  theBrowserGetsTypesOfTheServer,
  roomsStandOnFloors,
  theConsoleStandsOnFloors,
  filesFormNoCircle,
  roomsAreNotHalls,
  importsAreReadable,
  onlyStoresSpeakDynamodb,
  putsAreTyped,
  onlyTheEdgeReadsTheEnvironment,
  timeAndChanceArePassedIn,
  theDomainIsPure,
  everyNameSaysSomething,
  noBarrels,
  filesAreSmall,
  theAuthorizerIsLight,
  everyImportIsFound,
}
