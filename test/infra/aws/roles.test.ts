import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import { partitions } from '../../../lib/table/keys.ts'
import { tableSchema } from '../../../lib/table/schema.ts'
import { functionsByName, referredId, resourcesOf, synthesise, written } from './synthesised-template.ts'

const template = synthesise({ demo: true, mailFrom: 'Postern <no-reply@mail.example>' })
const functions = functionsByName(template)

const oneOrMore = z.unknown().transform((value): unknown[] => (Array.isArray(value) ? value : [value]))
const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: oneOrMore.pipe(z.array(z.string())),
  Resource: oneOrMore.transform((resources) => resources.map(written)),
  Condition: z.unknown().optional(),
})
const Policies = z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) }))

const statementsOf = (name: string) => {
  const role = template.Resources[referredId(functions.get(name)?.resource.Properties['Role'])]
  return Policies.parse(role?.Properties['Policies']).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  )
}
const actionsOf = (name: string, resource: RegExp): string[] =>
  statementsOf(name)
    .filter(({ Resource }) => Resource.every((arn) => resource.test(arn)))
    .flatMap(({ Action }) => Action)

const tableArn = /^<Table[0-9A-F]+\.Arn>$/
const keyArn = /^<SigningKey[0-9A-F]+\.Arn>$/
const sealingKeyArn = /^<SealingKey[0-9A-F]+\.Arn>$/
const names = Object.keys(functionSpecs)
const specs = Object.entries(functionSpecs)

describe('roles', () => {
  it('grants on the table exactly what the row of the function lists', () => {
    const granted = Object.fromEntries(names.map((name) => [name, actionsOf(name, tableArn).toSorted()]))
    const listed = specs.map(([name, { table }]) => [
      name,
      table.map((action) => `dynamodb:${action}`).toSorted(),
    ])
    expect(granted).toEqual(Object.fromEntries(listed))
  })

  it('holds every permission on the table to the partitions of the row, and reading apart from writing', () => {
    for (const [name, { table, reads, writes }] of specs) {
      const onTable = statementsOf(name).filter(({ Resource }) => Resource.every((arn) => tableArn.test(arn)))
      const isReading = (action: string) => /^dynamodb:(Get|BatchGet|Query)/.test(action)
      for (const { Action, Condition } of onTable) {
        const names = Action.every(isReading) ? [...new Set([...writes, ...reads])] : writes
        expect(Action.some(isReading), name).toBe(Action.every(isReading))
        const patterns = names.map((partition) => `${partitions[partition]}*`)
        expect(Condition, name).toEqual({
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': patterns,
          },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        })
      }
      expect(onTable.length, name).toBe(new Set(table.map((action) => isReading(`dynamodb:${action}`))).size)
    }
  })

  it('lets nobody change a user, an organization or an API by asking for a password reset', () => {
    const { reads, writes } = functionSpecs['request-password-reset']
    expect([reads, writes]).toEqual([[], ['resetRequest', 'throttle']])
  })

  it('lets functions have links mailed that take such requests, and the mailer, and no others', () => {
    const granted = specs.filter(([, { writes }]) => writes.includes('resetRequest')).map(([name]) => name)
    expect(granted.toSorted()).toEqual(
      ['bootstrap', 'create-user', 'keys', 'mailer', 'organization', 'request-password-reset'].toSorted(),
    )
  })

  it('lets functions that know no caller write no more than the user itself, and what they note of it', () => {
    const called = new Set(endpoints.map((endpoint) => endpoint.function))
    const unknowing = [...called].filter((name) => functionSpecs[name].signing === 'none')
    expect(unknowing).toContain('confirm-password-reset')
    // The organization counts its administrators who can get in.
    const own = ['user', 'organization', 'email', 'notice', 'audit', 'throttle', 'resetRequest']
    for (const name of unknowing)
      expect(
        functionSpecs[name].writes.filter((partition) => !own.includes(partition)),
        name,
      ).toEqual([])
  })

  it('opens the directory to the functions that list members, for queries only', () => {
    const index = new RegExp(`^<Table[0-9A-F]+\\.Arn>/index/${tableSchema.directoryIndex.name}$`)
    const granted = names.filter((name) => actionsOf(name, index).length > 0)
    expect(granted).toEqual(specs.filter(([, { directory }]) => directory).map(([name]) => name))
    for (const name of granted) expect(actionsOf(name, index)).toEqual(['dynamodb:Query'])
  })

  it('opens the search to the function that finds users, for queries only', () => {
    const one = new RegExp(`^<Table[0-9A-F]+\\.Arn>/index/(?:${tableSchema.words.names.join('|')})$`)
    expect(names.filter((name) => actionsOf(name, one).length > 0)).toEqual(['users'])
    expect(actionsOf('users', one)).toEqual(['dynamodb:Query'])
    const opened = statementsOf('users').flatMap(({ Resource }) => Resource.filter((arn) => one.test(arn)))
    expect(opened.map((arn) => arn.split('/').at(-1))).toEqual([...tableSchema.words.names])
  })

  it('opens each index of what happened to the functions that list audit rows and denials, for queries only', () => {
    const { names: indexes } = tableSchema.timelines
    const one = new RegExp(`^<Table[0-9A-F]+\\.Arn>/index/(?:${indexes.join('|')})$`)
    expect(names.filter((name) => actionsOf(name, one).length > 0)).toEqual(['audit', 'explain'])
    for (const name of ['audit', 'explain']) {
      expect(actionsOf(name, one)).toEqual(['dynamodb:Query'])
      const opened = statementsOf(name).flatMap(({ Resource }) => Resource.filter((arn) => one.test(arn)))
      expect(opened.map((arn) => arn.split('/').at(-1))).toEqual([...indexes])
    }
  })

  it('lets only logins and the token endpoint sign, and others no more than read the public key', () => {
    const actions = Object.fromEntries(names.map((name) => [name, actionsOf(name, keyArn)]))
    const signers = names.filter((name) => actions[name]?.includes('kms:Sign'))
    expect(signers).toEqual(['login', 'console', 'oauth'])
    for (const [name, { signing }] of specs) {
      const expected = { sign: ['kms:Sign', 'kms:GetPublicKey'], verify: ['kms:GetPublicKey'], none: [] }
      expect(actions[name], name).toEqual(expected[signing])
    }
  })

  it('lets functions use the sealing key for second factors or for cursors, each for its own purpose only', () => {
    const both = ['kms:Encrypt', 'kms:Decrypt']
    const uses = Object.fromEntries(
      names.flatMap((name) => {
        const statement = statementsOf(name).find(({ Resource }) =>
          Resource.some((arn) => sealingKeyArn.test(arn)),
        )
        return statement === undefined
          ? []
          : [[name, [...actionsOf(name, sealingKeyArn), statement.Condition]]]
      }),
    )
    const ofFactors = {
      StringEquals: { 'kms:EncryptionContext:purpose': 'totp' },
      Null: { 'kms:EncryptionContext:userId': 'false' },
    }
    const ofCursors = {
      StringEquals: { 'kms:EncryptionContext:purpose': 'cursor' },
      Null: { 'kms:EncryptionContext:organizationId': 'false' },
    }
    expect(uses).toEqual({
      'second-factors': [...both, ofFactors],
      login: ['kms:Decrypt', ofFactors],
      console: [...both, ofFactors],
      users: [...both, ofCursors],
      audit: [...both, ofCursors],
      explain: [...both, ofCursors],
    })
  })

  it('lets every function that must know its caller verify session tokens, read the caller and note the use', () => {
    const authenticating = new Set(
      endpoints.filter(({ access }) => access !== 'public').map((e) => e.function),
    )
    expect(authenticating.size).toBeGreaterThan(5)
    for (const name of authenticating) {
      expect(functionSpecs[name].signing, name).not.toBe('none')
      expect(functionSpecs[name].table, name).toEqual(
        expect.arrayContaining(['GetItem', 'BatchGetItem', 'UpdateItem']),
      )
    }
  })

  it('gives the authorizer no way to write but the note of a use and what it keeps of denials', () => {
    const { table, directory, signing } = functionSpecs.authorizer
    expect(actionsOf('authorizer', tableArn).toSorted()).toEqual(
      ['BatchGetItem', 'GetItem', 'UpdateItem'].map((action) => `dynamodb:${action}`),
    )
    expect([table.length, directory, signing]).toEqual([3, false, 'verify'])
  })

  it('lets the function of protected APIs verify sessions and look its holders up, and never sign', () => {
    expect(actionsOf('apis', keyArn)).toEqual(['kms:GetPublicKey'])
    const index = new RegExp(`/index/${tableSchema.directoryIndex.name}$`)
    expect(actionsOf('apis', index)).toEqual(['dynamodb:Query'])
    // The audit of the last minute names holders whom the index may not show yet.
    expect(actionsOf('apis', tableArn)).toContain('dynamodb:Query')
  })

  it('gives the request for a password reset no way to look a user up', () => {
    expect(actionsOf('request-password-reset', tableArn)).toEqual(['dynamodb:PutItem', 'dynamodb:UpdateItem'])
  })

  it('lets only the mailer send, from one address, through any configuration set and to any identity', () => {
    const senders = names.filter((name) =>
      statementsOf(name).some(({ Action }) => Action.includes('ses:SendEmail')),
    )
    expect(senders).toEqual(['mailer'])
    const statement = statementsOf('mailer').find(({ Action }) => Action.includes('ses:SendEmail'))
    expect(statement?.Action).toEqual(['ses:SendEmail', 'ses:SendRawEmail'])
    expect(statement?.Condition).toEqual({ StringEquals: { 'ses:FromAddress': 'no-reply@mail.example' } })
    const ses = 'arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>'
    expect(statement?.Resource).toEqual([`${ses}:identity/*`, `${ses}:configuration-set/*`])
  })

  it('lets those that serve files and descriptions to everybody write their log and no more', () => {
    for (const name of ['console-files', 'meta', 'demo-api'])
      expect(
        statementsOf(name)
          .flatMap(({ Action }) => Action)
          .filter((action) => !action.startsWith('logs:')),
        name,
      ).toEqual([])
  })

  it('writes logs to the own group only', () => {
    for (const [name, { resource }] of functions) {
      const group = z.object({ LogGroup: z.unknown() }).parse(resource.Properties['LoggingConfig']).LogGroup
      const logs = statementsOf(name).filter(({ Action }) =>
        Action.some((action) => action.startsWith('logs:')),
      )
      expect(logs, name).toHaveLength(1)
      expect(logs[0]?.Action, name).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents'])
      expect(logs[0]?.Resource, name).toEqual([`<${referredId(group)}.Arn>`])
    }
  })

  it('uses no wildcard in any action or resource, but for what a mail passes through', () => {
    const wide = [...functions.keys()].flatMap((name) =>
      statementsOf(name)
        .flatMap(({ Action, Resource }) => [...Action, ...Resource])
        .filter((text) => text.includes('*'))
        .map((text) => `${name}: ${text}`),
    )
    const ses = 'arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>'
    expect(wide).toEqual([`mailer: ${ses}:identity/*`, `mailer: ${ses}:configuration-set/*`])
  })

  it('holds nothing else, but for reading the stream and giving up a mail', () => {
    const listed = [
      tableArn,
      keyArn,
      sealingKeyArn,
      /^<Table[0-9A-F]+\.Arn>\/index\/\w+$/,
      /^<\w+Logs[0-9A-F]+\.Arn>$/,
      /^arn:<AWS::Partition>:ses:/,
    ]
    const others = [...functions.keys()].flatMap((name) =>
      statementsOf(name)
        .filter(({ Resource }) => !Resource.every((arn) => listed.some((form) => form.test(arn))))
        .map(({ Action, Resource }) => [name, Action, Resource.map((arn) => arn.replace(/[0-9A-F]{8}/, ''))]),
    )
    const reading = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
      (action) => `dynamodb:${action}`,
    )
    expect(others).toEqual([
      ['mailer', reading, ['<Table.StreamArn>']],
      ['mailer', ['sqs:SendMessage'], ['<UndeliveredMail.Arn>']],
      ['refresh-providers', reading, ['<Table.StreamArn>']],
    ])
  })

  it('is taken on by Lambda, and by nobody else', () => {
    for (const [name, { resource }] of functions) {
      const role = template.Resources[referredId(resource.Properties['Role'])]
      expect(role?.Properties['AssumeRolePolicyDocument'], name).toEqual({
        Version: '2012-10-17',
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      })
    }
  })

  it('has no permission outside the one inline policy of each role', () => {
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([])
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([])
    const roles = resourcesOf(template, 'AWS::IAM::Role')
    // Two more: the schedules of the refresh and of the warnings.
    expect(roles).toHaveLength(functions.size + 2)
    for (const [id, { Properties }] of roles) expect(Properties['ManagedPolicyArns'], id).toBeUndefined()
  })

  it('lets the demo do nothing but log', () => {
    expect(statementsOf('demo-api').flatMap(({ Action }) => Action)).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ])
  })
})
