export type RequestTarget = {
  readonly path: string
  readonly rawQueryString: string
  readonly queryStringParameters: Record<string, string> | undefined
}

/**
 * Reads the target of a request line as HTTP APIs do, which is odd, and matters to whoever checks permissions by path: the
 * path is percent-decoded twice, what follows a `?` after the first time is lost, and a broken encoding is refused. Known
 * from captures of live HTTP APIs (github.com/hotsock/voker, vokerhttp/testdata). `undefined` = answer 400.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  // An absolute target is what proxies get (RFC 9112 section 3.2.2); servers must take it too.
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
