import type { GatewayRequest } from '../../lib/apis/gateway-request.ts'
import type { Fields } from './event-fields.ts'
import { fieldsOf, textOf } from './event-fields.ts'

/**
 * What API Gateway says of a request in each format of an authorizer's event. Whatever an event does not say is empty text,
 * which matches no binding.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */

/**
 * HTTP API, payload 2.0. `rawPath` begins with a named stage on every domain, a custom one included: there the stage's name replaces
 * the mapped base path, which never shows. The guide does not say so; see powertools-lambda-python issue 621 (whose path leaves out
 * as many characters as the stage's name has, on every domain), serverless-express issue 465, apig-wsgi issue 194.
 */
export const gatewayOfHttpApi2 = (event: Fields): GatewayRequest => {
  const context = fieldsOf(event['requestContext'])
  const stage = textOf(context['stage'])
  return gatewayRequest(event, {
    method: textOf(fieldsOf(context['http'])['method']),
    path: withoutStage(textOf(event['rawPath']), stage),
    route: textOf(event['routeKey']) || null,
  })
}

/**
 * HTTP API, payload 1.0. `path` is the path that the client sent: on the default endpoint it begins with a named stage, on
 * a custom domain with the mapped base path.
 */
export const gatewayOfHttpApi1 = (event: Fields): GatewayRequest => {
  const context = fieldsOf(event['requestContext'])
  const path = textOf(event['path'])
  return gatewayRequest(event, {
    method: textOf(event['httpMethod']),
    path: isCustomDomain(context) ? path : withoutStage(path, textOf(context['stage'])),
    route: routeOfResource(event),
  })
}

/**
 * REST API, REQUEST. On a custom domain `path` begins with the mapped base path, otherwise with nothing: the stage is in
 * `requestContext.path` alone. A mapping that names no stage leaves it in the path, behind the base path, as if it belonged to that.
 */
export const gatewayOfRestRequest = (event: Fields): GatewayRequest =>
  gatewayRequest(event, {
    method: textOf(event['httpMethod']),
    path: textOf(event['path']),
    route: routeOfResource(event),
  })

/** REST API, TOKEN: nothing but the ARN `…:apiId/stage/METHOD/path`, which shows neither domain nor mapped base path. */
export const gatewayOfMethodArn = (methodArn: string): GatewayRequest => {
  const [gatewayId = '', stage = '', method = '', ...segments] = methodArn
    .split(':')
    .slice(5)
    .join(':')
    .split('/')
  return { gatewayId, stage, method, path: `/${segments.join('/')}`, route: null, isCustomDomain: false }
}

/**
 * WebSocket API, route `$connect`, the only one that can have an authorizer. The event has neither method nor path: a connection begins
 * with `GET`, and the path is fixed, so it is `/`. A custom domain's base path never shows.
 */
export const gatewayOfConnection = (event: Fields): GatewayRequest => ({
  ...gatewayRequest(event, { method: 'GET', path: '/', route: null }),
  isCustomDomain: false,
})

const gatewayRequest = (
  event: Fields,
  said: Pick<GatewayRequest, 'method' | 'path' | 'route'>,
): GatewayRequest => {
  const context = fieldsOf(event['requestContext'])
  return {
    gatewayId: textOf(context['apiId']),
    stage: textOf(context['stage']),
    ...said,
    path: hidesSlash(said.route, fieldsOf(event['pathParameters'])) ? '' : said.path,
    isCustomDomain: isCustomDomain(context),
  }
}

/** These formats name the template alone. The method that the client used has matched it. */
const routeOfResource = (event: Fields): string | null => {
  const resource = textOf(event['resource'])
  if (resource === '') return null
  return resource === '$default' ? resource : `ANY ${resource}`
}

const isCustomDomain = (context: Fields): boolean => {
  const domainName = textOf(context['domainName']).toLowerCase()
  return domainName !== '' && !domainName.includes('.execute-api.')
}

const withoutStage = (path: string, stage: string): string => {
  const isInPath = stage !== '' && stage !== '$default'
  if (isInPath && path === `/${stage}`) return '/'
  return isInPath && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path
}

/**
 * HTTP APIs match the path as it was sent and show it decoded, so a `%2F` in one segment looks like two segments. The value of
 * the template's variable gives it away.
 */
const hidesSlash = (route: string | null, parameters: Fields): boolean =>
  Object.entries(parameters).some(
    ([name, value]) => route?.includes(`{${name}}`) === true && textOf(value).includes('/'),
  )
