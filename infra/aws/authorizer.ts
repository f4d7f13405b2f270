import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

const credential = '$request.header.Authorization'

/**
 * Everything that a decision depends on. API Gateway reuses a cached answer for every request with equal values of these. If one
 * were missing, the answer for one address, method or path would be reused for another.
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
 * Lets every API Gateway API of this account and region call the function as its authorizer, and outputs the function's ARN.
 * docs/deploy.md shows how an API attaches it.
 *
 * HTTP, WebSocket and REST APIs, and the console's test of an authorizer, all use the source ARN
 * `arn:<partition>:execute-api:<region>:<account>:<api>/authorizers/<authorizer>` (API Gateway developer guide, "ARN format reference").
 * The ARN contains the account. A condition on `aws:SourceAccount` is left out: AWS does not document that API Gateway sends it, and
 * if it is not sent, the condition denies every call.
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
