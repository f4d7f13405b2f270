import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpIntegrationType,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteIntegration,
  type HttpRouteIntegrationConfig,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { createLogGroup, type LogSettings } from './log-group.ts'

/**
 * One line of JSON for each request. It contains the route, never the received path or query: a mailed link carries
 * its token in the query, and anything that a caller sends could contain a secret.
 */
const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  sourceAddress: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMilliseconds: '$context.responseLatency',
  functionLatencyMilliseconds: '$context.integrationLatency',
  functionStatus: '$context.integrationStatus',
  authorizerStatus: '$context.authorizer.status',
  errorType: '$context.error.responseType',
}

export const createHttpApi = (scope: Construct): HttpApi =>
  new HttpApi(scope, 'Api', {
    apiName: Stack.of(scope).stackName,
    description: 'Postern: API users, their credentials and what they may call',
    // Replaced by the stage below, which has its own log and limits.
    createDefaultStage: false,
  })

type StageSettings = LogSettings & { readonly requestsPerSecond: number }

export const createStage = (scope: Construct, httpApi: HttpApi, settings: StageSettings): HttpStage => {
  const { requestsPerSecond } = settings
  const accessLog = createLogGroup(scope, 'AccessLog', settings)
  return new HttpStage(scope, 'Stage', {
    httpApi,
    // The `$default` stage adds no prefix to the URL.
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: requestsPerSecond, burstLimit: requestsPerSecond * 2 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
    },
  })
}

/** Lambda proxy integration, payload 2.0. `addRoutes` grants the permission to call the function. */
class FunctionIntegration extends HttpRouteIntegration {
  readonly #lambda: IFunction

  constructor(id: string, lambda: IFunction) {
    super(id)
    this.#lambda = lambda
  }

  override bind(): HttpRouteIntegrationConfig {
    return {
      type: HttpIntegrationType.AWS_PROXY,
      uri: this.#lambda.functionArn,
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
    }
  }
}

const methods = {
  GET: HttpMethod.GET,
  HEAD: HttpMethod.HEAD,
  POST: HttpMethod.POST,
  PUT: HttpMethod.PUT,
  PATCH: HttpMethod.PATCH,
  DELETE: HttpMethod.DELETE,
} as const

/** Receives every request that matches no other route. */
export const fallbackRoute = HttpRouteKey.DEFAULT

export const routeKeyOf = (method: keyof typeof methods, path: string): HttpRouteKey =>
  HttpRouteKey.with(path, methods[method])

/** Routes to one function, behind the authorizer if one is given. */
export const addRoutes = (
  httpApi: HttpApi,
  id: string,
  lambda: IFunction,
  routeKeys: readonly HttpRouteKey[],
  authorizer: IHttpRouteAuthorizer = new HttpNoneAuthorizer(),
): HttpRoute[] => {
  new CfnPermission(httpApi, `${id}Permission`, {
    action: 'lambda:InvokeFunction',
    functionName: lambda.functionArn,
    principal: 'apigateway.amazonaws.com',
    // One permission for all routes of the function. The CDK's own integration writes a third star, which does not match the
    // $default route's ARN `api/stage/$default`: that route would answer 500.
    sourceArn: Stack.of(httpApi).formatArn({
      service: 'execute-api',
      resource: httpApi.apiId,
      resourceName: '*/*',
    }),
  })
  const integration = new FunctionIntegration(id, lambda)
  return routeKeys.map(
    (routeKey) => new HttpRoute(httpApi, routeKey.key, { httpApi, routeKey, integration, authorizer }),
  )
}
