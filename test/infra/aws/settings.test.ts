import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mailAddressOf, readSettings, refuseSettingsIn, settingNames } from '../../../infra/aws/settings.ts'

const required = { mailFrom: null, adminEmail: null }
const from = (given: Readonly<Record<string, unknown>>) => readSettings({ ...required, ...given })

describe('settings', () => {
  it('are two that nobody can choose for a deployment, and defaults', () => {
    expect(from({})).toMatchObject({
      demo: false,
      mailFrom: null,
      authorizerCacheSeconds: 5,
      unregisteredGateways: 'first-organization',
      removalPolicy: 'retain',
    })
    expect(() => readSettings({ mailFrom: 'a@mail.example' })).toThrow('"adminEmail" is missing: it must be ')
    expect(() => readSettings({ adminEmail: null })).toThrow('"mailFrom" is missing: it must be ')
    for (const given of [[], null, 'mailFrom']) expect(() => readSettings(given)).toThrow('must be an object')
  })

  it('are those of docs/deploy.md, with their defaults', () => {
    const [, table = ''] = readFileSync('docs/deploy.md', 'utf8').split('| key | default | |\n')
    const told = [...table.matchAll(/^\| (`[a-zA-Z`, ]+`) \| ([^|]+) \|/gm)].flatMap(
      ([, names = '', defaults = '']) => {
        const all = defaults.split(', ')
        return names.split(', ').map((name, at) => [name.replaceAll('`', ''), all[at] ?? ''] as const)
      },
    )
    expect(told.map(([name]) => name).toSorted()).toEqual(settingNames.toSorted())
    const defaults = new Map(Object.entries(from({})))
    for (const [name, text] of told) {
      const value = name in required ? undefined : defaults.get(name)
      const isText = typeof value === 'string' || typeof value === 'boolean'
      if (value !== undefined) expect([name, text]).toEqual([name, isText ? `\`${value}\`` : String(value)])
      else
        expect([name, text]).toEqual([
          name,
          expect.stringMatching(name in required ? /^required$/ : /^[a-zA-Z' ]+$/),
        ])
    }
  })

  it('are none that is not known', () => {
    expect(() => from({ mailform: 'a@mail.example' })).toThrow('"mailform" is no setting')
    expect(() => from({ toString: 1 })).toThrow('"toString" is no setting')
  })

  it('are refused in the context of the CDK, where one deployment has them and the next one has not', () => {
    const settings = Object.keys(from({ mailFrom: 'a@mail.example', publicOrigin: 'https://a.example' }))
    for (const name of [...settings, 'loginConcurrency', 'alarmTopicArn', 'MAILFROM'])
      expect(() => refuseSettingsIn({ [name]: 'x' }, '/project/postern.json'), name).toThrow(
        `Settings belong in postern.json, not after -c and not in cdk.json: a deployment without them would take them back. Move: "${name}"`,
      )
    expect(() => refuseSettingsIn({ 'cli-telemetry': false, 'aws:cdk:x': [] }, 'postern.json')).not.toThrow()
  })

  it('do not ask for an identity of no sender', () => {
    expect(() => from({ createMailIdentity: 'domain' })).toThrow('"createMailIdentity" needs a "mailFrom"')
  })

  it.each([
    ['demo', 'yes'],
    ['demo', 'true'],
    ['adminEmail', ''],
    ['logRetentionDays', '30'],
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
    ['sightings', false],
    ['logLevel', 'ERROR'],
    ['lambdaLogLevel', 'ERROR'],
    ['logClass', 'DELIVERY'],
    ['allowSamplingRate', 1.01],
    ['allowSamplingRate', -0.01],
    ['allowSamplingRate', '0.5'],
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
