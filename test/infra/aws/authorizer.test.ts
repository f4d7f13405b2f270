import { describe, expect, it } from 'vitest'
import {
  functionsByName,
  onlyResource,
  referredId,
  resourcesOf,
  synthesise,
  written,
} from './synthesised-template.ts'

const template = synthesise({ demo: true })
const authorizer = onlyResource(template, 'AWS::ApiGatewayV2::Authorizer').Properties

describe('the authorizer', () => {
  it('speaks payload 2.0 with simple responses and refuses requests without Authorization unasked', () => {
    expect(authorizer).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
    })
  })

  it('has no answer cached by API Gateway unless asked', () => {
    expect(authorizer['AuthorizerResultTtlInSeconds']).toBe(0)
  })

  it('never lets a cached answer for one address, route, method or path serve another', () => {
    const cached = synthesise({ demo: true, authorizerResultCacheSeconds: 60 })
    expect(onlyResource(cached, 'AWS::ApiGatewayV2::Authorizer').Properties).toMatchObject({
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: [
        '$request.header.Authorization',
        '$context.identity.sourceIp',
        '$context.routeKey',
        '$context.httpMethod',
        '$context.path',
      ],
    })
  })

  it('may be called as authorizer by every API of this account and region, and by no other account', () => {
    const id = functionsByName(template).get('authorizer')?.id
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter((properties) => referredId(properties['FunctionName']) === id)
    for (const { Principal, SourceArn } of permissions) {
      expect(Principal).toBe('apigateway.amazonaws.com')
      expect(written(SourceArn)).toMatch(
        /^arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:[^/]+\/authorizers\//,
      )
    }
    const forAll = permissions.filter(({ SourceArn }) => written(SourceArn).endsWith(':*/authorizers/*'))
    expect(forAll.map(({ SourceAccount }) => written(SourceAccount))).toEqual(['<AWS::AccountId>'])
  })

  it('tells other stacks where it is', () => {
    expect(referredId(template.Outputs['AuthorizerArn']?.Value)).toBe(
      functionsByName(template).get('authorizer')?.id,
    )
  })
})
