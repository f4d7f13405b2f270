export type RequestTarget = {
  readonly path: string
  readonly rawQueryString: string
  readonly queryStringParameters: Record<string, string> | undefined
}

/**
 * Parses the target of a request line as HTTP APIs do, since permissions depend on the path: the path is percent-decoded
 * twice, text after a `?` from the first decoding is lost, and an invalid encoding is refused. Source: captures of live HTTP
 * APIs (github.com/hotsock/voker, vokerhttp/testdata). `undefined` = answer 400.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  // Servers must also accept the absolute form that proxies get (RFC 9112 section 3.2.2).
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? ''
  const relative = target.slice(origin.length)
  const [rawPath = '', ...query] = (relative.split('#')[0] ?? '').split('?')
  const path = decodePath(rawPath === '' && origin !== '' ? '/' : rawPath)
  if (!path?.startsWith('/')) return undefined
  const rawQueryString = query.join('?')
  return { path, rawQueryString, queryStringParameters: readQuery(rawQueryString) }
}

function decodePath(rawPath: string): string | undefined {
  try {
    const once = decodeURIComponent(rawPath).split('?')[0] ?? ''
    return decodeURIComponent(once)
  } catch {
    return undefined
  }
}

function readQuery(rawQueryString: string): Record<string, string> | undefined {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = parameters.get(name)
    parameters.set(name, before === undefined ? value : `${before},${value}`)
  }
  return parameters.size === 0 ? undefined : Object.fromEntries(parameters)
}
