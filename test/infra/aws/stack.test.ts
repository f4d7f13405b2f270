import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { demoFunctionSpec } from '../../../infra/aws/demo-function.ts'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { httpFunctionNames } from '../../../lib/contract/endpoint.ts'
import { tableSchema } from '../../../lib/table/schema.ts'
import {
  functionsByName,
  onlyResource,
  referredId,
  resourcesOf,
  synthesise,
  written,
} from './synthesised-template.ts'

const template = synthesise({ demo: true, authorizerCacheSeconds: 7, mailFrom: 'no-reply@mail.example' })
const functions = functionsByName(template)
const Environment = z.object({ Variables: z.record(z.string(), z.unknown()) })
/** API Gateway waits 30 s for them. */
const answering = new Set<string>(httpFunctionNames)
const environmentOf = (name: string) =>
  Environment.parse(functions.get(name)?.resource.Properties['Environment']).Variables

describe('the table', () => {
  const table = onlyResource(template, 'AWS::DynamoDB::Table')
  const keySchema = (partitionKey: string, sortKey: string) => [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ]

  it('has the keys, the indexes and the TTL attribute that the stores use', () => {
    const { partitionKey, sortKey, directoryIndex, timelines, timeToLive, words } = tableSchema
    expect(table.Properties['KeySchema']).toEqual(keySchema(partitionKey, sortKey))
    expect(table.Properties['GlobalSecondaryIndexes']).toEqual([
      {
        IndexName: directoryIndex.name,
        KeySchema: keySchema(directoryIndex.partitionKey, directoryIndex.sortKey),
        Projection: { ProjectionType: 'ALL' },
      },
      ...words.names.map((name) => ({
        IndexName: name,
        KeySchema: keySchema(words.partitionKey, name),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...words.projected] },
      })),
      ...timelines.names.map((name) => ({
        IndexName: name,
        KeySchema: keySchema(name, timelines.sortKey),
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: timelines.names.filter((other) => other !== name),
        },
      })),
    ])
    expect(table.Properties['TimeToLiveSpecification']).toEqual({ AttributeName: timeToLive, Enabled: true })
  })

  it('can be restored to any second, is encrypted, and shows its writes to the mailer', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    })
  })

  it('O1: can be taken back by a first deployment that fails, and is protected when that is asked for later', () => {
    expect(table.Properties['DeletionProtectionEnabled']).toBe(false)
    const guarded = onlyResource(synthesise({ deletionProtection: true }), 'AWS::DynamoDB::Table')
    expect(guarded.Properties['DeletionProtectionEnabled']).toBe(true)
  })
})

describe('O1: whatever holds state', () => {
  const stateful = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Logs::LogGroup']
  const policiesIn = (of: typeof template) => [
    ...new Set(
      stateful.flatMap((type) =>
        resourcesOf(of, type).map(
          ([, { DeletionPolicy, UpdateReplacePolicy }]) => `${DeletionPolicy} ${UpdateReplacePolicy}`,
        ),
      ),
    ),
  ]

  it('outlives the stack and its own replacement, but not a first deployment that fails', () => {
    expect(policiesIn(template)).toEqual(['RetainExceptOnCreate Retain'])
  })

  it('goes with the stack when that is asked for', () => {
    expect(policiesIn(synthesise({ removalPolicy: 'destroy', demo: true }))).toEqual(['Delete Delete'])
  })
})

describe('the keys', () => {
  const keys = new Map(
    resourcesOf(template, 'AWS::KMS::Key').map(([id, resource]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      resource,
    ]),
  )
  it.each(['SigningKey', 'SealingKey'])(
    '%s is governed by the roles of the account, and by nobody else',
    (name) => {
      const policy = z.object({ Statement: z.array(z.record(z.string(), z.unknown())) })
      const statements = policy.parse(keys.get(name)?.Properties['KeyPolicy']).Statement
      expect(statements).toEqual([
        { Action: 'kms:*', Effect: 'Allow', Principal: { AWS: expect.anything() }, Resource: '*' },
      ])
      const { AWS } = z.object({ AWS: z.unknown() }).parse(statements[0]?.['Principal'])
      expect(written(AWS)).toBe('arn:<AWS::Partition>:iam::<AWS::AccountId>:root')
    },
  )

  it('are an RSA key that never leaves KMS, and a key for secrets of second factors that AWS rotates', () => {
    expect([...keys.keys()].toSorted()).toEqual(['SealingKey', 'SigningKey'])
    expect(keys.get('SigningKey')?.Properties).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })
    expect(keys.get('SealingKey')?.Properties).toMatchObject({ EnableKeyRotation: true })
    expect(keys.get('SealingKey')?.Properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT').toBe('SYMMETRIC_DEFAULT')
  })
})

describe('functions', () => {
  it("reserve none of the account's concurrency, but for logins when told so", () => {
    const reservedIn = (of: ReturnType<typeof functionsByName>) =>
      [...of].flatMap(([name, { resource }]) => {
        const reserved = resource.Properties['ReservedConcurrentExecutions']
        return reserved === undefined ? [] : [[name, reserved]]
      })
    expect(reservedIn(functions)).toEqual([])
    expect(reservedIn(functionsByName(synthesise({ loginConcurrency: 40 })))).toEqual([
      ['login', 40],
      ['console', 40],
    ])
  })

  const specs = Object.entries({ ...functionSpecs, 'demo-api': demoFunctionSpec })

  it('has one function for each row, made from a file that exists', () => {
    expect([...functions.keys()].toSorted()).toEqual(specs.map(([name]) => name).toSorted())
    for (const [name, { entry }] of specs) expect(existsSync(join(projectRoot, entry)), name).toBe(true)
  })

  it('runs each on arm64 and Node 24 with the memory and time of its row', () => {
    for (const [name, { memoryMegabytes, timeoutSeconds }] of specs) {
      expect(functions.get(name)?.resource.Properties, name).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        MemorySize: memoryMegabytes,
        Timeout: timeoutSeconds,
      })
    }
  })

  it('gives each a log group of its own that forgets', () => {
    const groups = [...functions.values()].map(({ resource }) => {
      const config = z.object({ LogFormat: z.literal('JSON'), LogGroup: z.unknown() })
      return referredId(config.parse(resource.Properties['LoggingConfig']).LogGroup)
    })
    expect(new Set(groups).size).toBe(functions.size)
    for (const logRetentionDays of [90, 30])
      for (const [id, { Properties }] of resourcesOf(
        synthesise({ demo: true, logRetentionDays }),
        'AWS::Logs::LogGroup',
      ))
        expect(Properties['RetentionInDays'], id).toBe(logRetentionDays)
  })

  it('keeps every secret out of the environment: names, references and numbers only', () => {
    const known = {
      ALLOW_SAMPLING_RATE: /^1$/,
      AUTHORIZER_CACHE_SECONDS: /^\d+$/,
      SEALING_KEY_ID: /^<SealingKey[0-9A-F]+>$/,
      ISSUER: /^<Api[0-9A-F]+\.ApiEndpoint>$/,
      LOG_LEVEL: /^INFO$/,
      MAIL_FROM: /^no-reply@mail\.example$/,
      POSTERN_PROVIDER_SOURCES: /^$/,
      PROVIDER_MAXIMUM_AGE_DAYS: /^30$/,
      SESSION_TOKENS_PER_MINUTE: /^30000$/,
      SIGHTINGS: /^on$/,
      SIGNING_KEY_ID: /^<SigningKey[0-9A-F]+>$/,
      TABLE_NAME: /^<Table[0-9A-F]+>$/,
      UNREGISTERED_GATEWAYS: /^(?:first-organization|deny)$/,
    }
    const faults = [...functions.keys()].flatMap((name) =>
      Object.entries(environmentOf(name))
        .filter(
          ([key, value]) =>
            !Object.entries(known).some(([k, form]) => k === key && form.test(written(value))),
        )
        .map(([key]) => `${name}: ${key}`),
    )
    expect(faults).toEqual([])
  })

  it('tells each function what its row makes it need', () => {
    for (const [name, { table, signing, seals }] of Object.entries(functionSpecs)) {
      const environment = environmentOf(name)
      expect('TABLE_NAME' in environment, name).toBe(table.length > 0)
      expect('SIGNING_KEY_ID' in environment, name).toBe(signing !== 'none')
      expect('SEALING_KEY_ID' in environment, name).toBe(seals !== undefined)
      expect('ISSUER' in environment, name).toBe(true)
    }
    expect(environmentOf('authorizer')['AUTHORIZER_CACHE_SECONDS']).toBe('7')
    expect(environmentOf('users')['SIGHTINGS']).toBe('on')
    expect(environmentOf('mailer')['MAIL_FROM']).toBe('no-reply@mail.example')
    expect(Object.keys(environmentOf('demo-api')).toSorted()).toEqual(['LOG_LEVEL'])
  })

  it('tells the authorizer, and nobody else, whose the gateways are that nobody registered (A3)', () => {
    const told = [...functions.keys()].filter((name) => 'UNREGISTERED_GATEWAYS' in environmentOf(name))
    expect(told).toEqual(['authorizer'])
    expect(environmentOf('authorizer')['UNREGISTERED_GATEWAYS']).toBe('first-organization')
    const closed = functionsByName(synthesise({ unregisteredGateways: 'deny' })).get('authorizer')
    const { Variables } = Environment.parse(closed?.resource.Properties['Environment'])
    expect(Variables['UNREGISTERED_GATEWAYS']).toBe('deny')
  })

  it('logs in as much detail as the settings say', () => {
    const quiet = functionsByName(synthesise({ logLevel: 'WARN', demo: true }))
    for (const [name, { resource }] of quiet)
      expect(Environment.parse(resource.Properties['Environment']).Variables['LOG_LEVEL'], name).toBe('WARN')
  })

  it('samples allows in the authorizer, and has no line of Lambda about what succeeded, unless the settings say so', () => {
    const changed = functionsByName(synthesise({ allowSamplingRate: 0.05, lambdaLogLevel: 'INFO' }))
    const sampling = [...changed].flatMap(([name, { resource }]) => {
      const { Variables } = Environment.parse(resource.Properties['Environment'])
      return 'ALLOW_SAMPLING_RATE' in Variables ? [[name, Variables['ALLOW_SAMPLING_RATE']]] : []
    })
    expect(sampling).toEqual([['authorizer', '0.05']])
    for (const [all, SystemLogLevel] of [
      [functions, 'WARN'],
      [changed, 'INFO'],
    ] as const)
      for (const { resource } of all.values())
        expect(resource.Properties['LoggingConfig']).toMatchObject({ SystemLogLevel })
  })

  it('keeps each log that a metric counts in the class that has metric filters', () => {
    const infrequent = synthesise({ logClass: 'INFREQUENT_ACCESS', demo: true })
    const classes = new Map(
      resourcesOf(infrequent, 'AWS::Logs::LogGroup').map(([id, { Properties }]) => [
        id,
        Properties['LogGroupClass'],
      ]),
    )
    const counted = resourcesOf(infrequent, 'AWS::Logs::MetricFilter').map(([, { Properties }]) =>
      referredId(Properties['LogGroupName']),
    )
    for (const id of counted) expect(classes.get(id), id).toBe('STANDARD')
    const others = [...classes].filter(([id]) => !counted.includes(id))
    expect(new Set(others.map(([, logClass]) => logClass))).toEqual(new Set(['INFREQUENT_ACCESS']))
    expect(others.map(([id]) => id).filter((id) => id.startsWith('AccessLog'))).toHaveLength(1)
    const standard = resourcesOf(template, 'AWS::Logs::LogGroup').map(([id]) => id)
    expect(standard.filter((id) => others.some(([other]) => other === id))).toEqual([])
  })

  it('tells what the settings say, and the public origin as the issuer when there is one', () => {
    const changed = functionsByName(
      synthesise({
        publicOrigin: 'https://api.example.com',
        sightings: 'off',
        providerMaximumAgeDays: 12,
        sessionTokensPerMinute: 77,
      }),
    )
    const { Variables } = Environment.parse(changed.get('login')?.resource.Properties['Environment'])
    expect(Variables).toMatchObject({
      ISSUER: 'https://api.example.com',
      SIGHTINGS: 'off',
      PROVIDER_MAXIMUM_AGE_DAYS: '12',
      SESSION_TOKENS_PER_MINUTE: '77',
    })
  })

  it('ends each before its caller gives up, and gives a whole processor to those that hash passwords', () => {
    const patience = (name: string): number => (name === 'authorizer' ? 10 : answering.has(name) ? 30 : 901)
    for (const [name, { hashes, memoryMegabytes, timeoutSeconds }] of Object.entries(functionSpecs)) {
      expect(timeoutSeconds, name).toBeLessThan(patience(name))
      if (hashes) expect(memoryMegabytes, name).toBeGreaterThanOrEqual(1769)
    }
  })
})

describe('outputs', () => {
  it('shows how to make the first administrator, and no secret', () => {
    const named = synthesise({
      organizationName: "Bob's",
      adminUsername: 'bob',
      adminEmail: 'bob@mail.example',
      mailFrom: 'no-reply@mail.example',
    })
    const command = written(named.Outputs['FirstAdministrator']?.Value)
    expect(command).toContain('"email":"bob@mail.example","credentials":"mailed"')
    expect(command).toContain(`'{"organization":"Bob'\\''s","username":"bob"`)
    expect(written(template.Outputs['FirstAdministrator']?.Value)).toContain(
      '"email":null,"credentials":"shown"',
    )
  })
})

describe('the queues of what was given up', () => {
  it('keep it for two weeks, encrypted', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue')
    expect(queues.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'UndeliveredMail',
      'UndeliveredSchedules',
    ])
    for (const [id, { Properties }] of queues)
      expect(Properties, id).toMatchObject({
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 14 * 24 * 3600,
      })
    const policies = JSON.stringify(resourcesOf(template, 'AWS::SQS::QueuePolicy'))
    for (const [id] of queues) expect(policies).toContain(`"Queues":[{"Ref":"${id}"}]`)
    expect(policies.split('"aws:SecureTransport":"false"')).toHaveLength(queues.length + 1)
  })
})

describe('the readers of the stream', () => {
  it('miss no row that is written while the stack is being made, and take a few at a time', () => {
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
    expect(mappings).toHaveLength(2)
    for (const [id, { Properties }] of mappings)
      expect(Properties, id).toMatchObject({ StartingPosition: 'TRIM_HORIZON', BatchSize: 10 })
  })

  it('hold no stream up for longer than a quarter of an hour', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::EventSourceMapping'))
      expect(Properties['MaximumRecordAgeInSeconds'], id).toBe(900)
  })
})

describe('the schedules', () => {
  it('call again for an hour at most when a call fails', () => {
    const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule')
    expect(schedules).toHaveLength(2)
    for (const [id, { Properties }] of schedules)
      expect(Properties['Target'], id).toMatchObject({
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      })
  })
})
