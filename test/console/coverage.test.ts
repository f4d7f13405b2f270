import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { SourceFile } from '../structure/source-file.ts'
import { readSourceFiles } from '../structure/source-file.ts'

/** What the console can do, read from its source: the operations that it calls, and the controls of the forms that call them. */

const files = readSourceFiles(['console']).filter(
  ({ path }) => !/^console\/(?:texts|reference)\/|^console\/build/.test(path),
)
const all: readonly Endpoint[] = endpoints

/** The session is called with its cookie, by paths below `/v1/console`. */
const cookieCalls = files
  .flatMap(({ code }) => [...code.matchAll(/callWithCookie\(\s*'(\w+)',\s*['`]([^'`]+)['`]/g)])
  .map(([, method, path = '']) => `${method} /v1/console/${path.replaceAll(/\$\{[^}]*\}/g, '{}')}`)

const textsOf = new Map(
  files.map((file) => [file, new Set([...file.code.matchAll(/'(\w+)'/g)].map(([, text]) => text))] as const),
)
const isCaller = (file: SourceFile, { operationId }: Endpoint): boolean =>
  textsOf.get(file)?.has(operationId) === true
const callersOf = (endpoint: Endpoint): readonly SourceFile[] =>
  files.filter((file) => isCaller(file, endpoint))

const isCalled = (endpoint: Endpoint): boolean =>
  callersOf(endpoint).length > 0 ||
  cookieCalls.includes(`${endpoint.method} ${endpoint.path.replaceAll(/\{[^}]*\}/g, '{}')}`)

/** Operations that no screen calls. */
const notForScreens: Readonly<Record<string, readonly string[]>> = {
  'programs get, check and end tokens with it': [
    ...['login', 'logout', 'issueToken', 'introspectToken', 'revokeToken'],
    ...['getKeys', 'getAuthorizationServerMetadata'],
  ],
  'a page without sign-in does the same for people': [
    ...['requestPasswordReset', 'confirmPasswordReset', 'acceptInvitation'],
  ],
  'migration sends batches and hashes from a script': [
    'createUsers',
    'createCredentials',
    'importCredential',
  ],
  'a call of the console answers the same and more': ['getWhitelist', 'getSection'],
  'the API has no list of organizations to choose from': ['switchOrganization'],
  'images load it by its address': ['getLogo'],
  'monitoring and tools read it': ['getHealth', 'getOpenApi'],
}

const isOfAnotherProduct = (endpoint: Endpoint): boolean => endpoint.function === 'drop-in'
/** What a browser opens: pages, their forms and files. */
const isOpenedByBrowsers = ({ response, path }: Endpoint): boolean =>
  response.mediaType === 'text/html' || path === '/' || path.startsWith('/console')

describe('an operation of the API', () => {
  const reasons = Object.values(notForScreens).flat()
  const forScreens = all.filter((each) => !isOfAnotherProduct(each) && !isOpenedByBrowsers(each))

  it('can be called from the console, unless a reason is given here', () => {
    const missing = forScreens.filter((each) => !isCalled(each)).map(({ operationId }) => operationId)
    expect(missing.toSorted()).toEqual(reasons.toSorted())
  })
})

/** Operations that change the same thing: one of them has the control of a field. */
const together: readonly (readonly string[])[] = [
  ['createUser', 'changeUser', 'replaceUserRoles', 'replaceWhitelist', 'setUserRateLimit'],
]

/** What components enter whose controls have other names than the field. */
const enteredBy: Readonly<Record<string, readonly string[]>> = {
  PermissionPicker: ['permissions', 'endpoints'],
  RoleTable: ['roles', 'allAccountGroupRoles', 'accountGroupRoles'],
  EverySectionFields: ['everySection'],
  EditShare: ['sections'],
  GatewayFields: ['gateways', 'gatewayId', 'stage', 'basePath'],
}

/** Fields that nobody enters, by where their value comes from. */
const notEntered: Readonly<Record<string, readonly string[]>> = {
  'what the page has read': [
    ...['changeUser.version', 'setUserRateLimit.version', 'replaceUserRoles.version'],
    ...['replaceWhitelist.version', 'changeApi.version', 'changeOrganization.version'],
    ...['replaceLogo.version', 'changeRole.version', 'renameAccountGroup.version'],
    ...['replaceSection.version', 'shareApi.version'],
    ...['acceptProviderList.hash', 'checkWhitelist.userId', 'checkWhitelist.username'],
    ...['refreshProviders.providers', 'addSecondFactor.enrollmentId'],
  ],
  'a button': ['changeCredential.status'],
  'the window of the browser for passkeys': ['proveIdentity.passkey', 'addSecondFactor.passkey'],
  'a migration from another system': ['createUser.passwordHash'],
}

const hasBody = ({ request }: Endpoint): boolean => request.body !== undefined

/** A component, hook or constant at the top of a file, with the names of this file and of others that its code mentions. */
type Part = { readonly file: SourceFile; readonly name: string; readonly code: string }

// The formatter puts declarations into the first column.
const declaration = /^(?:export )?(?:const|function|async function) (\w+)/

const parts: readonly Part[] = files.flatMap((file) =>
  file.code.split(/^(?=(?:export )?(?:const|function|async function) )/m).flatMap((code) => {
    const [, name] = declaration.exec(code) ?? []
    return name === undefined ? [] : [{ file, name, code }]
  }),
)

const visibleFrom = (file: SourceFile): readonly Part[] => {
  const imported = file.imports.flatMap(({ target, names }) => names.map((name) => `${target} ${name}`))
  return parts.filter((each) => each.file === file || imported.includes(`${each.file.path} ${each.name}`))
}

const mentions = ({ code, name: own }: Part, { name }: Part): boolean =>
  name !== own && new RegExp(`\\b${name}\\b`).test(code)

const mentionedBy = new Map(
  files.flatMap((file) => {
    const visible = visibleFrom(file)
    return parts
      .filter((each) => each.file === file)
      .map((each) => [each, visible.filter((other) => mentions(each, other))] as const)
  }),
)

const isComponent = ({ file, name }: Part): boolean => /^[A-Z]/.test(name) && file.path.endsWith('.tsx')
const callsIn = ({ code }: Part): readonly string[] =>
  [...code.matchAll(/'(\w+)'/g)].map(([, text = '']) => text).filter((text) => withBody.has(text))

const withBody = new Set(all.filter(hasBody).map(({ operationId }) => operationId))

/** The components whose form sends an operation: those that call it, themselves or by a function, and what these show, unless it calls another one. */
const formsOf = ({ operationId }: Endpoint): readonly Part[] => {
  const senders = new Set(parts.filter((each) => callsIn(each).includes(operationId)))
  for (const sender of senders)
    if (!isComponent(sender))
      for (const [each, mentioned] of mentionedBy) if (mentioned.includes(sender)) senders.add(each)
  const found = new Set([...senders].filter(isComponent))
  for (const each of found)
    for (const shown of mentionedBy.get(each) ?? [])
      if (
        /^console\/(?:screens|parts)\//.test(shown.file.path) &&
        (senders.has(shown) || callsIn(shown).length === 0)
      )
        found.add(shown)
  return [...found]
}

/** The names of controls. A component that passes a name on has it as a text, or mentions a list that has. */
const namesIn = (part: Part): string[] => {
  const lists = (mentionedBy.get(part) ?? []).filter((each) => !isComponent(each))
  const passedOn = /\bname=\{\w+\}/.test(part.code) ? [part, ...lists].map(({ code }) => code).join('') : ''
  return [...part.code.matchAll(/\bname="([^"]+)"/g), ...passedOn.matchAll(/'([\w.]+)'/g)].map(
    ([, name = '']) => name,
  )
}

const entered = (endpoint: Endpoint): readonly string[] =>
  formsOf(endpoint).flatMap((each) => [...namesIn(each), ...(enteredBy[each.name] ?? [])])

const fieldsOf = ({ request }: Endpoint): readonly string[] => {
  const body = request.body as z.ZodType | undefined
  if (body === undefined) return []
  const { $ref, $defs, ...plain } = z.toJSONSchema(body, { unrepresentable: 'any', io: 'input' })
  const root = $ref === undefined ? plain : $defs?.[$ref.split('/').at(-1) ?? '']
  return Object.keys(root?.properties ?? {})
}

describe('a field of a request', () => {
  // With the cookie of the session, sign-in calls what the same forms call for users who are signed in.
  const called = all.filter(
    (each) => hasBody(each) && !each.path.startsWith('/v1/console/') && callersOf(each).length > 0,
  )

  it('can be entered in a form of the console, unless a reason is given here', () => {
    const missing = called.flatMap((endpoint) => {
      const { operationId } = endpoint
      const group = together.find((ids) => ids.includes(operationId)) ?? [operationId]
      const controls = called.filter((each) => group.includes(each.operationId)).flatMap(entered)
      return fieldsOf(endpoint)
        .filter((name) => !controls.some((control) => control === name || control.startsWith(`${name}.`)))
        .map((name) => `${operationId}.${name}`)
    })
    expect(missing.toSorted()).toEqual(Object.values(notEntered).flat().toSorted())
  })
})
