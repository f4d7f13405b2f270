import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

const credential = '$request.header.Authorization'

/**
 * All that a decision depends on. API Gateway serves a cached answer to every request that agrees in these, so with one
 * missing an answer for one address, method or path would serve another.
 */
const wholeRequest = [
  credential,
  '$context.identity.sourceIp',
  '$context.routeKey',
  '$context.httpMethod',
  '$context.path',
]

/** Attaches the authorizer's function to routes of an HTTP API. */
export const attachAuthorizer = (lambda: IFunction, resultCacheSeconds: number): HttpLambdaAuthorizer =>
  new HttpLambdaAuthorizer('PosternAuthorizer', lambda, {
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    identitySource: resultCacheSeconds > 0 ? wholeRequest : [credential],
    resultsCacheTtl: Duration.seconds(resultCacheSeconds),
  })

/**
 * Lets every API Gateway API of this account and region call the function as its authorizer, and says where it is.
 * docs/deploy.md shows how an API attaches it.
 *
 * HTTP, WebSocket and REST APIs, and the console's test of an authorizer, all name themselves as
 * `arn:<partition>:execute-api:<region>:<account>:<api>/authorizers/<authorizer>` (API Gateway developer guide, "ARN format reference").
 * The ARN holds the account. There is no condition on `aws:SourceAccount` beside it: AWS does not document that API Gateway sends it,
 * and without it such a condition denies every call.
 */
export const offerAuthorizer = (scope: Construct, lambda: IFunction): void => {
  new CfnPermission(scope, 'AuthorizerForEveryApi', {
    action: 'lambda:InvokeFunction',
    functionName: lambda.functionArn,
    principal: 'apigateway.amazonaws.com',
    sourceArn: Stack.of(scope).formatArn({
      service: 'execute-api',
      resource: '*',
      resourceName: 'authorizers/*',
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    }),
  })
  new CfnOutput(scope, 'AuthorizerArn', {
    description: 'The function that protected APIs name as their Lambda authorizer',
    value: lambda.functionArn,
    exportName: `${Stack.of(scope).stackName}:AuthorizerArn`,
  })
}
