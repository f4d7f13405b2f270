import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { answers, type GatewayRoute, type Integrate, type IntegrationEvent } from './gateway.ts'
import type { HttpAnswer } from './http-result.ts'
import { readBody } from './request-body.ts'

/** The payload limit of an HTTP API, in either direction. */
const bodyLimitBytes = 10 * 1024 * 1024

/** The gateway id under which the developer's own API is registered. */
export const backendGatewayId = 'backend'

/** Routes every request to the backend if the authorizer allows it. */
export const backendRoute = (authorizerId: string): GatewayRoute => ({
  routeKey: '$default',
  authorizerId,
  timeoutMilliseconds: 30_000,
})

/**
 * HTTP proxy integration: forwards method, path, query, body and all headers but Authorization. Adds the authorizer's context
 * as `postern-…` headers; a caller cannot set these.
 *
 * @param base each request's path is appended to it.
 */
export function proxyTo(base: URL, report: (message: string) => void): Integrate<GatewayRoute> {
  const isSecure = base.protocol === 'https:'
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  return (_route, event) =>
    new Promise((resolve) => {
      const fail = (error: Error & { readonly code?: string }) => {
        report(`The backend ${base.href} does not answer: ${error.code ?? error.message}`)
        resolve(undefined)
      }
      const call = (isSecure ? httpsRequest : httpRequest)(
        new URL(pathOf(base, event), base),
        { method: event.requestContext.http.method, headers: headersFor(event), agent, timeout: 30_000 },
        (response) => {
          readAnswer(response).then(resolve, fail)
        },
      )
      call.on('timeout', () => call.destroy(new Error('it took over 30 seconds')))
      call.on('error', fail)
      call.end(Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'))
    })
}

/** Encodes the path that the authorizer decided on, so that the backend decodes the same one. */
function pathOf(base: URL, { rawPath, rawQueryString }: IntegrationEvent): string {
  const path = encodeURI(rawPath).replace(/[?#]/g, encodeURIComponent)
  return `${base.pathname.replace(/\/$/, '')}${path}${rawQueryString === '' ? '' : `?${rawQueryString}`}`
}

const ownPrefix = 'postern-'
const keptFromBackend = new Set(['authorization', 'host', 'content-length'])

function headersFor({ headers, cookies, requestContext }: IntegrationEvent): Record<string, string> {
  const given = Object.entries(headers).filter(
    ([name]) => !keptFromBackend.has(name) && !name.startsWith(ownPrefix),
  )
  const caller = Object.entries(requestContext.authorizer?.lambda ?? {})
  return {
    ...Object.fromEntries(given.map(([name, value]) => [name, headerText(value)])),
    ...(cookies === undefined ? {} : { cookie: headerText(cookies.join('; ')) }),
    ...Object.fromEntries(caller.map(([name, value]) => [headerName(name), headerText(String(value))])),
  }
}

/** `userId` → `postern-user-id`. */
const headerName = (name: string): string =>
  `${ownPrefix}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** A header carries ASCII; the rest is percent-encoded, as in a URL. */
const headerText = (value: string | undefined): string =>
  (value ?? '').toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent)

const ownedByGateway = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'])

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const body = await readBody(response, bodyLimitBytes)
  if (body === 'too-large') return answers.failed
  const headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
    ownedByGateway.has(name) ? [] : values.map((value) => [name, value] as const),
  )
  return { status: response.statusCode ?? 502, headers, body }
}
