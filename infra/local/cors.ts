import type { CorsDefinition } from './system.ts'

type Headers = readonly (readonly [name: string, value: string])[]

export type Cors = {
  /** The headers of the answer to a preflight, which reaches no function; `undefined` = not a preflight. */
  readonly preflight: (method: string | undefined, headers: RequestHeaders) => Headers | undefined
  /** The headers added to every other answer. */
  readonly headers: (headers: RequestHeaders) => Headers
}

type RequestHeaders = { readonly [name: string]: string | string[] | undefined }

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export function createCors(definition: CorsDefinition | undefined): Cors {
  if (definition === undefined) return { preflight: () => undefined, headers: () => [] }
  const { AllowOrigins, AllowMethods, AllowHeaders, ExposeHeaders, AllowCredentials, MaxAge } = definition

  const common = (headers: RequestHeaders): Headers => {
    const origin = headers['origin']
    const isAllowed =
      typeof origin === 'string' && (AllowOrigins.includes('*') || AllowOrigins.includes(origin))
    if (!isAllowed) return []
    return [
      ['access-control-allow-origin', AllowOrigins.includes('*') ? '*' : origin],
      ...(AllowCredentials ? ([['access-control-allow-credentials', 'true']] as const) : []),
      ...(ExposeHeaders.length > 0
        ? ([['access-control-expose-headers', ExposeHeaders.join(',')]] as const)
        : []),
    ]
  }

  return {
    headers: common,
    preflight: (method, headers) => {
      const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
      if (!isPreflight) return undefined
      const allowed = common(headers)
      if (allowed.length === 0) return []
      return [
        ...allowed,
        ['access-control-allow-methods', AllowMethods.join(',')],
        ['access-control-allow-headers', AllowHeaders.join(',')],
        ...(MaxAge === undefined ? [] : ([['access-control-max-age', String(MaxAge)]] as const)),
      ]
    },
  }
}
