import { describe, expect, it } from 'vitest'
import { mailAddressOf, readSettings } from '../../../infra/aws/settings.ts'

const from = (context: Readonly<Record<string, unknown>>) => readSettings((key) => context[key])

describe('settings', () => {
  it('needs none', () => {
    expect(from({})).toMatchObject({
      demo: false,
      authorizerCacheSeconds: 5,
      unregisteredGateways: 'first-organization',
      removalPolicy: 'retain',
    })
  })

  it('reads what the command line gives as text like what cdk.json gives', () => {
    expect(from({ demo: 'true', logRetentionDays: '30' })).toEqual(from({ demo: true, logRetentionDays: 30 }))
    expect(from({ demo: 'false' }).demo).toBe(false)
  })

  it.each([
    ['demo', 'yes'],
    ['mailFrom', 'nobody'],
    ['mailFrom', 'a@mail.example\r\nBcc: b@mail.example'],
    ['createMailIdentity', true],
    ['publicOrigin', 'http://api.example.com'],
    ['publicOrigin', 'https://api.example.com/'],
    ['publicOrigin', 'https://api.example.com/v1'],
    ['publicOrigin', 'api.example.com'],
    ['adminUsername', 'has space'],
    ['adminEmail', 'nobody'],
    ['authorizerCacheSeconds', '-1'],
    ['authorizerCacheSeconds', 1.5],
    ['authorizerResultCacheSeconds', 3601],
    ['unregisteredGateways', 'allow'],
    ['unregisteredGateways', 'Deny'],
    ['unregisteredGateways', false],
    ['unregisteredGateways', ''],
    ['logRetentionDays', 8],
    ['requestsPerSecond', 0],
    ['loginConcurrency', 0],
    ['alarmTopicArn', 'pager'],
    ['removalPolicy', 'snapshot'],
    ['logLevel', 'LOUD'],
  ])('refuses a wrong %s by name: %j', (key, value) => {
    expect(() => from({ [key]: value })).toThrow(`"${key}" must be `)
  })

  it('names every setting at fault at once', () => {
    expect(() => from({ demo: 'yes', logLevel: 'LOUD' })).toThrow(/"demo" must be .*"logLevel" must be /s)
  })
})

describe('a sender', () => {
  it.each(['a@mail.example', 'Postern <a@mail.example>', '<a@mail.example>'])('is found in %s', (sender) => {
    expect(mailAddressOf(sender)).toEqual({ address: 'a@mail.example', domain: 'mail.example' })
  })
})
