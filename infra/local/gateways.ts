import type { Server } from 'node:http'
import { createAuthorizer } from './authorizer.ts'
import { backendGatewayId, backendRoute, proxyTo } from './backend.ts'
import { createCors } from './cors.ts'
import { functionIntegration } from './function-integration.ts'
import type { FunctionSet } from './function-set.ts'
import { createGateway } from './gateway.ts'
import type { References } from './intrinsics.ts'
import { gatewayIdOf } from './references.ts'
import type { RequestLines } from './request-lines.ts'
import { createRouter } from './route.ts'
import { StartError } from './start-error.ts'
import { authorizersOf, corsOf, routesOf } from './system.ts'
import { resourcesOf, type Template } from './template.ts'

type GatewaySurroundings = {
  readonly template: Template
  readonly references: References
  readonly functions: FunctionSet
  readonly now: () => number
  readonly answered: RequestLines['answered']
}

function authorizersFor({ template, references, functions, now }: GatewaySurroundings) {
  const authorizers = new Map(
    authorizersOf(template, references).map((definition) => [
      definition.logicalId,
      createAuthorizer(definition, functions.byId(definition.functionId), now),
    ]),
  )
  return (authorizerId: string) => {
    const authorize = authorizers.get(authorizerId)
    if (authorize === undefined) throw new Error(`The template has no authorizer ${authorizerId}`)
    return authorize
  }
}

/** The gateway of the stack's HTTP API. */
export function gatewayOf(surroundings: GatewaySurroundings): Server {
  const { template, references, functions, now, answered } = surroundings
  return createGateway({
    apiId: gatewayIdIn(template),
    findRoute: createRouter(routesOf(template, references)),
    integrate: functionIntegration(functions.byId),
    authorizerOf: authorizersFor(surroundings),
    cors: createCors(corsOf(template, references)),
    now,
    answered,
  })
}

/** A separate gateway for the backend, as each API has in AWS, so that its paths are the backend's. */
export function backendGatewayOf(
  backend: URL,
  surroundings: GatewaySurroundings,
  report: (message: string) => void,
): Server {
  const { template, references, now, answered } = surroundings
  const [authorizer] = authorizersOf(template, references)
  if (authorizer === undefined) throw new StartError('The stack has no authorizer for --backend.')
  const match = { route: backendRoute(authorizer.logicalId), pathParameters: undefined }
  return createGateway({
    apiId: backendGatewayId,
    findRoute: () => match,
    integrate: proxyTo(backend, report),
    authorizerOf: authorizersFor(surroundings),
    cors: createCors(undefined),
    now,
    answered,
  })
}

/** The id of the stack's only HTTP API. */
export function gatewayIdIn(template: Template): string {
  const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api')
  return gatewayIdOf(api?.[0] ?? 'local')
}
