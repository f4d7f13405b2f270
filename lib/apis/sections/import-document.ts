import { parseEndpointPattern } from '../../decision/endpoint-pattern.ts'
import { levelOfMethod } from '../../decision/section.ts'
import type { FieldError } from '../../effects/domain-error.ts'
import type { StoredSectionEndpoint } from '../../policy/stored-api.ts'
import { basePathOf } from './import-servers.ts'
import { once, quoted, withoutEnd, withoutEnds } from './text-bounds.ts'

/** The operations of one tag. `key` identifies the section within its document; its name in Postern may differ. */
export type ImportedSection = {
  readonly key: string
  readonly title: string
  readonly endpoints: readonly StoredSectionEndpoint[]
}

export type ReadDocument =
  | {
      readonly ok: true
      readonly title: string
      readonly sections: readonly ImportedSection[]
      /** Operations that no pattern describes exactly. They are in no section, so no section grants them. */
      readonly skipped: readonly FieldError[]
    }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

type Fields = Readonly<Record<string, unknown>>
type Tagged = { readonly tags: readonly string[]; readonly endpoint: StoredSectionEndpoint }

const maximumOperations = 2000
const maximumTags = 50
const maximumTitleLength = 200
const anyMethod = 'x-amazon-apigateway-any-method'
/** OpenAPI 3.1 section 4.8.9.1, and the key that API Gateway exports for a route of all methods. */
const operationKeys = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', anyMethod]

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads an OpenAPI 3.0 or 3.1 document: tags become sections, operations become endpoints, and the method determines the level (read or
 * write). References are resolved within the document only; nothing is fetched.
 *
 * @param basePath overrides the paths of the document's servers, e.g. `/v1`.
 */
export const readOpenApiDocument = (document: Fields, basePath: string | undefined): ReadDocument => {
  const { openapi, info, paths = {} } = document
  const errors: FieldError[] = []
  const fail = (path: string, message: string): number => errors.push({ path, message })
  if (typeof openapi !== 'string' || !/^3\.[01]\.\d+/.test(openapi))
    fail('document.openapi', 'must be OpenAPI 3.0.x or 3.1.x; convert other documents first')
  const title = isFields(info) && typeof info['title'] === 'string' ? oneLine(info['title']) : ''
  if (title === '') fail('document.info.title', 'is required: it identifies the document')
  if (!isFields(paths)) fail('document.paths', 'must be an object')
  if (errors.length > 0 || !isFields(paths)) return { ok: false, errors }

  const places: Place[] = []
  for (const [path, given] of Object.entries(paths).filter(([name]) => !name.startsWith('x-'))) {
    const at = `document.paths.${quoted(path)}`
    const item = resolved(given, document)
    if (!path.startsWith('/')) fail(at, 'must start with "/"')
    else if (typeof item === 'string') fail(at, item)
    else {
      const keys = operationKeys.filter((candidate) => item[candidate] !== undefined)
      places.push(...keys.map((key) => ({ item, path, at, key })))
    }
  }
  if (places.length > maximumOperations)
    fail('document.paths', `holds ${places.length} operations; at most ${maximumOperations} are imported`)
  if (errors.length > 0) return { ok: false, errors: firstOfEach(errors) }

  const tagged: Tagged[] = []
  const skipped: FieldError[] = []
  const read = {
    tags: once(tagsOf),
    base: basePath === undefined ? once(basePathOf) : () => ({ ok: true as const, base: basePath }),
  }
  for (const place of places) {
    const operation = readOperation(read, document, place)
    if (operation.outcome === 'read') tagged.push(operation)
    else (operation.outcome === 'skipped' ? skipped : errors).push(operation.because)
  }
  if (errors.length > 0) return { ok: false, errors: firstOfEach(errors) }
  return { ok: true, title, sections: sectionsOf(tagged, title), skipped }
}

type Place = {
  readonly item: Fields
  readonly path: string
  /** The path in error messages. */
  readonly at: string
  /** The key of the operation in the path item, e.g. `get`. */
  readonly key: string
}

type Readers = {
  readonly tags: (given: unknown) => readonly string[] | string
  readonly base: (servers: unknown) => ReturnType<typeof basePathOf>
}

type ReadOperation =
  | ({ readonly outcome: 'read' } & Tagged)
  | { readonly outcome: 'skipped' | 'wrong'; readonly because: FieldError }

const readOperation = (read: Readers, document: Fields, { item, path, at, key }: Place): ReadOperation => {
  const wrong = (where: string, message: string): ReadOperation => ({
    outcome: 'wrong',
    because: { path: where, message },
  })
  const operation = item[key]
  if (!isFields(operation)) return wrong(`${at}.${key}`, 'must be an object')
  const tags = read.tags(operation['tags'])
  if (typeof tags === 'string') return wrong(`${at}.${key}.tags`, tags)
  // The innermost list of servers replaces the outer ones (OpenAPI 3.1 sections 4.8.9 and 4.8.10).
  const [servers, serversAt] = [
    [operation['servers'], `${at}.${key}.servers`],
    [item['servers'], `${at}.servers`],
    [document['servers'], 'document.servers'],
  ].find(([given]) => given !== undefined) ?? [undefined, '']
  const base = read.base(servers)
  if (!base.ok) return wrong(String(serversAt), base.message)
  const method = key === anyMethod ? '*' : key.toUpperCase()
  const endpoint = `${method} ${withoutEnd(base.base, '/')}${patternPath(path)}`
  const parsed = parseEndpointPattern(endpoint)
  if (!parsed.ok) return { outcome: 'skipped', because: { path: `${at}.${key}`, message: parsed.message } }
  return { outcome: 'read', tags, endpoint: { endpoint, level: levelOfMethod(method) } }
}

const maximumErrors = 50

/** An error in the document's servers is found once per operation. */
const firstOfEach = (errors: readonly FieldError[]): FieldError[] => {
  const found = new Map<string, FieldError>()
  for (const error of errors) {
    if (found.size === maximumErrors) break
    found.set(`${error.path} ${error.message}`, error)
  }
  return [...found.values()]
}

/**
 * A path item, or an error message. OpenAPI 3.1 section 4.8.9 allows fields beside `$ref`; a field that appears in both is undefined
 * behavior there and an error here.
 */
const resolved = (given: unknown, document: Fields): Fields | string => {
  if (!isFields(given)) return 'must be an object'
  const { $ref } = given
  if ($ref === undefined) return given
  if (typeof $ref !== 'string' || !$ref.startsWith('#/'))
    return 'refers outside of the document; bundle it first'
  const target = pointedAt($ref, document)
  if (!isFields(target)) return 'refers to nothing in the document'
  if (target['$ref'] !== undefined) return 'refers to another reference; bundle it first'
  const item: Record<string, unknown> = {}
  for (const key of [...operationKeys, 'servers']) {
    const [here, there] = [given[key], target[key]]
    if (here !== undefined && there !== undefined) return `has ${key} both beside its $ref and in its target`
    item[key] = here ?? there
  }
  return item
}

/** RFC 6901 sections 4 and 6: a JSON pointer as the fragment of a URI. */
const pointedAt = (reference: string, document: Fields): unknown => {
  const pointer = withoutEscapes(reference.slice(2))
  if (pointer === undefined) return undefined
  const names = pointer.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  let value: unknown = document
  for (const name of names) {
    if (!isFields(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

const withoutEscapes = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const tagsOf = (tags: unknown): readonly string[] | string => {
  if (tags === undefined) return []
  if (!Array.isArray(tags)) return 'must be a list of strings'
  if (tags.length > maximumTags) return `must name at most ${maximumTags} tags`
  const texts = tags.flatMap((tag: unknown) => (typeof tag === 'string' ? [oneLine(tag)] : ['']))
  return texts.includes('') ? 'must be a list of non-empty strings' : texts
}

/** A path parameter keeps its name without unsupported characters; a greedy `{proxy+}` at the end becomes `*`. */
const patternPath = (path: string): string => {
  const segments = path.split('/')
  return segments
    .map((segment, index) => {
      const name = /^\{([^{}]+)\}$/.exec(segment)?.[1]
      if (name === undefined) return segment
      if (name.endsWith('+') && index === segments.length - 1) return '*'
      return `{${name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^(?![A-Za-z_])/, '_')}}`
    })
    .join('/')
}

const sectionsOf = (operations: readonly Tagged[], title: string): ImportedSection[] => {
  const keyOf = once(sectionKey)
  const sections = new Map<string, { title: string; endpoints: Map<string, StoredSectionEndpoint> }>()
  const add = (key: string, name: string, { endpoint }: Tagged): void => {
    const section = sections.get(key) ?? { title: name, endpoints: new Map() }
    section.endpoints.set(endpoint.endpoint, endpoint)
    sections.set(key, section)
  }
  for (const operation of operations) {
    for (const tag of operation.tags) add(keyOf(tag), tag, operation)
  }
  // A tag may have the same name as the document. Untagged operations must not join its section, or its holders would gain them.
  const ofTitle = sectionKey(title)
  const untagged = sections.has(ofTitle) ? 'untagged' : ofTitle
  for (const operation of operations.filter(({ tags }) => tags.length === 0)) add(untagged, title, operation)
  return [...sections].map(([key, section]) => ({
    key,
    title: section.title,
    endpoints: [...section.endpoints.values()],
  }))
}

const maximumKeyLength = 64

/** The name of a section for a tag: `Order lines` is `order-lines`. Tags with the same result share a section. */
export const sectionKey = (text: string): string => {
  // Normalization takes quadratic time for runs of combining marks.
  const plain = text
    .slice(0, maximumTitleLength)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
  const trimmed = withoutEnds(plain, '-._')
  const isWhole = text.length <= maximumTitleLength && trimmed.length <= maximumKeyLength
  if (trimmed !== '' && isWhole) return trimmed
  // Nothing is left of a non-Latin tag, and too much of a long one. A checksum makes the name stable and distinct.
  return `${trimmed.slice(0, 20)}${trimmed === '' ? 'tag' : ''}-${checksum(text)}`
}

/** FNV-1a, 32 bits, over the code points. Distinguishes the tags of one document; not for security. */
const checksum = (text: string): string => {
  let value = 0x811c9dc5
  for (const character of text) {
    for (const digit of (character.codePointAt(0) ?? 0).toString(36))
      value = Math.imul(value ^ digit.charCodeAt(0), 0x01000193) >>> 0
  }
  return value.toString(36)
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, maximumTitleLength)
    .toWellFormed()
