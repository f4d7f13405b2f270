type BasePath =
  | { readonly ok: true; readonly base: string }
  | { readonly ok: false; readonly message: string }

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refused = (message: string): BasePath => ({ ok: false, message })

/**
 * The path under which the servers of an OpenAPI document have its paths (OpenAPI 3.1 section 4.8.5). Several servers, of several
 * stages perhaps, must agree on it: which of them stands behind the gateway is not in the document.
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
  const listed = bases.map((base) => (base === '' ? '/' : base)).join(', ')
  return refused(`have several base paths (${listed}); say which one counts with basePath`)
}

const pathOfServer = (server: unknown): BasePath => {
  if (!isFields(server) || typeof server['url'] !== 'string') return refused('must each have a url')
  const { url, variables } = server
  const missing: string[] = []
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = isFields(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined
    const value = isFields(variable) ? variable['default'] : undefined
    if (typeof value === 'string') return value
    missing.push(name)
    return ''
  })
  if (missing.length > 0)
    return refused(`use {${missing[0]}} without a default; give the base path with basePath`)
  try {
    // A relative URL is relative to where the document lies, which is not known here; its root stands for it.
    const { pathname } = new URL(filled, 'https://document.invalid/')
    return { ok: true, base: pathname.replace(/\/+$/, '') }
  } catch {
    return refused(`hold "${url}", which is no URL; give the base path with basePath`)
  }
}
