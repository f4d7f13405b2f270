import { quoted, withoutEnd } from './text-bounds.ts'

type BasePath =
  | { readonly ok: true; readonly base: string }
  | { readonly ok: false; readonly message: string }

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mostListed = 5
const longestUrl = 4096

const refused = (message: string): BasePath => ({ ok: false, message })

/**
 * The base path of the servers of an OpenAPI document (OpenAPI 3.1 section 4.8.5). Several servers must agree on it, because the document
 * does not tell which one the gateway serves.
 *
 * @returns `''` or a path without a trailing slash.
 */
export const basePathOf = (servers: unknown): BasePath => {
  if (servers === undefined) return { ok: true, base: '' }
  if (!Array.isArray(servers)) return refused('must be a list')
  const found = servers.map((server: unknown) => pathOfServer(server))
  const wrong = found.find((path) => !path.ok)
  if (wrong !== undefined) return wrong
  const bases = [...new Set(found.flatMap((path) => (path.ok ? [path.base] : [])))]
  if (bases.length <= 1) return { ok: true, base: bases[0] ?? '' }
  const listed = bases.slice(0, mostListed).map((base) => (base === '' ? '/' : quoted(base)))
  const rest = bases.length > mostListed ? ', …' : ''
  return refused(`have several base paths (${listed.join(', ')}${rest}); choose one with basePath`)
}

const pathOfServer = (server: unknown): BasePath => {
  if (!isFields(server) || typeof server['url'] !== 'string') return refused('must each have a url')
  const { url, variables } = server
  let wrong: string | undefined
  let length = url.length
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = isFields(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined
    const value = isFields(variable) ? variable['default'] : undefined
    length += typeof value === 'string' ? value.length : 0
    if (typeof value === 'string' && length <= longestUrl) return value
    // YAML reads 1.0 as the number 1, which would change the path.
    const why = value === undefined ? 'without a default' : 'whose default is not a string, or is too long'
    wrong ??= `use {${quoted(name)}} ${why}; give the base path with basePath`
    return ''
  })
  if (wrong !== undefined) return refused(wrong)
  if (length > longestUrl) return refused(`hold a URL of more than ${longestUrl} characters`)
  try {
    // The document's own URL is unknown, so relative URLs are resolved against a root.
    const { pathname } = new URL(filled, 'https://document.invalid/')
    return { ok: true, base: withoutEnd(pathname, '/') }
  } catch {
    return refused(`hold "${quoted(url)}", which is not a URL; give the base path with basePath`)
  }
}
