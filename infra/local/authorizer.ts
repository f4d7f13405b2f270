import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import type { FunctionRunner } from './function-runner.ts'
import { authorizerEvent } from './http-event.ts'
import type { AuthorizerDefinition } from './system.ts'

export type Authorization =
  | { readonly type: 'allowed'; readonly context: Readonly<Record<string, unknown>> }
  | { readonly type: 'denied' }
  | { readonly type: 'no-identity' }
  | { readonly type: 'failed' }

export type Authorize = (event: APIGatewayProxyEventV2) => Promise<Authorization>

const simpleResponse = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).nullish(),
})

const rememberedAnswers = 10_000

/**
 * Calls the Lambda authorizer of a route as API Gateway does: never without an identity, and once for all requests with
 * equal identity sources while an answer is cached.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function createAuthorizer(
  definition: AuthorizerDefinition,
  runner: Pick<FunctionRunner, 'invoke'>,
  now: () => number,
): Authorize {
  const readSources = definition.identitySources.map(sourceReader)
  const lifetimeMilliseconds = definition.resultLifetimeSeconds * 1000
  const answers = new Map<string, { readonly answer: Authorization; readonly expiresAt: number }>()

  const ask = async (event: APIGatewayProxyEventV2, identity: string[]): Promise<Authorization> => {
    const result = await runner.invoke(authorizerEvent(event, identity))
    const response = result.type === 'result' ? simpleResponse.safeParse(result.payload) : undefined
    if (!response?.success) return { type: 'failed' }
    const { isAuthorized, context } = response.data
    return isAuthorized ? { type: 'allowed', context: context ?? {} } : { type: 'denied' }
  }

  return async (event) => {
    const identity = readSources.map((read) => read(event) ?? '')
    if (identity.includes('')) return { type: 'no-identity' }
    if (lifetimeMilliseconds === 0) return ask(event, identity)

    const key = JSON.stringify(identity)
    const remembered = answers.get(key)
    if (remembered !== undefined && remembered.expiresAt > now()) return remembered.answer
    const answer = await ask(event, identity)
    if (answer.type === 'failed') return answer
    answers.delete(key)
    answers.set(key, { answer, expiresAt: now() + lifetimeMilliseconds })
    const oldest = answers.keys().next().value
    if (answers.size > rememberedAnswers && oldest !== undefined) answers.delete(oldest)
    return answer
  }
}

type ReadSource = (event: APIGatewayProxyEventV2) => string | undefined

const contextVariables: Readonly<Record<string, ReadSource>> = {
  '$context.apiId': (event) => event.requestContext.apiId,
  '$context.domainName': (event) => event.requestContext.domainName,
  '$context.httpMethod': (event) => event.requestContext.http.method,
  '$context.identity.sourceIp': (event) => event.requestContext.http.sourceIp,
  '$context.identity.userAgent': (event) => event.requestContext.http.userAgent,
  '$context.path': (event) => event.requestContext.http.path,
  '$context.protocol': (event) => event.requestContext.http.protocol,
  '$context.routeKey': (event) => event.requestContext.routeKey,
  '$context.stage': (event) => event.requestContext.stage,
}

function sourceReader(expression: string): ReadSource {
  const request = /^\$request\.(header|querystring)\.(.+)$/.exec(expression)
  const name = request?.[2] ?? ''
  if (request?.[1] === 'header') return (event) => event.headers[name.toLowerCase()]
  if (request?.[1] === 'querystring') return (event) => event.queryStringParameters?.[name]
  const read = contextVariables[expression]
  if (read === undefined) throw new Error(`The laptop does not know the identity source ${expression}`)
  return read
}
