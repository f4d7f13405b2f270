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

/** IAM's ArnLike: each of the six parts on its own, and no wildcard reaches beyond its part. */
const isArnLike = (pattern: string, arn: string): boolean => {
  const parts = (text: string) => {
    const all = text.split(':')
    return [...all.slice(0, 5), all.slice(5).join(':')]
  }
  const wanted = parts(pattern)
  const given = parts(arn)
  return wanted.every((part, index) => {
    const source = part.replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*')
    return new RegExp(`^${source}$`).test(given[index] ?? '')
  })
}

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
  })

  describe('answers, by the one permission for all APIs,', () => {
    const forAll = resourcesOf(template, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ SourceArn }) => written(SourceArn).endsWith(':*/authorizers/*'))
    const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' }
    /** May the service call, as Lambda asks IAM: with this source, and no other key of the context? */
    const mayCall = (source: string, { partition, region, account } = place): boolean => {
      const [permission, ...others] = forAll
      if (permission === undefined || others.length > 0) throw new Error('there is not one such permission')
      const { Action, FunctionName: _, Principal, SourceArn, ...conditions } = permission
      const isUnconditional = Object.keys(conditions).length === 0
      const pattern = written(SourceArn)
        .replace('<AWS::Partition>', partition)
        .replace('<AWS::Region>', region)
        .replace('<AWS::AccountId>', account)
      const isService = Principal === 'apigateway.amazonaws.com' && Action === 'lambda:InvokeFunction'
      return isService && isUnconditional && isArnLike(pattern, source)
    }

    it.each([
      ['an HTTP API', place, 'arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/authorizers/f6g7h8'],
      ['a REST API', place, 'arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/authorizers/zyx987'],
      [
        'China',
        { ...place, partition: 'aws-cn', region: 'cn-north-1' },
        'arn:aws-cn:execute-api:cn-north-1:111122223333:a1b2c3d4e5/authorizers/f6g7h8',
      ],
      [
        'GovCloud',
        { ...place, partition: 'aws-us-gov', region: 'us-gov-west-1' },
        'arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:a1b2c3d4e5/authorizers/f6g7h8',
      ],
    ])('the authorizer call of %s', (_, where, source) => {
      expect(mayCall(source, where)).toBe(true)
    })

    it.each([
      ['another account', 'arn:aws:execute-api:eu-west-1:999999999999:a1b2c3d4e5/authorizers/f6g7h8'],
      ['another region', 'arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/authorizers/f6g7h8'],
      ['an integration', 'arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders'],
      ['another service', 'arn:aws:events:eu-west-1:111122223333:a1b2c3d4e5/authorizers/f6g7h8'],
      ['no ARN', 'a1b2c3d4e5/authorizers/f6g7h8'],
    ])('nothing of %s', (_, source) => {
      expect(mayCall(source)).toBe(false)
    })
  })

  it('tells other stacks where it is', () => {
    expect(referredId(template.Outputs['AuthorizerArn']?.Value)).toBe(
      functionsByName(template).get('authorizer')?.id,
    )
  })
})
