import { describe, expect, it } from 'vitest'
import type { Needed, Statement } from '../../../../infra/local/iam/policy.ts'
import { allows, policyDocument } from '../../../../infra/local/iam/policy.ts'

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Table'
const allow = (change: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: ['dynamodb:PutItem'],
  Resource: [table],
  ...change,
})
const put: Needed = { action: 'dynamodb:PutItem', resources: [table], context: {} }

describe('what a role allows', () => {
  it('is what its statements say, and nothing else', () => {
    expect(allows([], put)).toBe(false)
    expect(allows([allow()], put)).toBe(true)
    expect(allows([allow()], { ...put, action: 'dynamodb:GetItem' })).toBe(false)
    expect(allows([allow()], { ...put, action: 'dynamodb:PutItems' })).toBe(false)
    expect(allows([allow()], { ...put, resources: [`${table}/index/directory`] })).toBe(false)
    expect(allows([allow()], { ...put, resources: [`${table}2`] })).toBe(false)
  })

  it('knows wildcards, and takes no other character for one', () => {
    expect(allows([allow({ Action: ['dynamodb:*'] })], put)).toBe(true)
    expect(allows([allow({ Action: ['DynamoDB:putitem'] })], put)).toBe(true)
    expect(allows([allow({ Resource: [table.replace('Table', 'T?ble')] })], put)).toBe(true)
    expect(allows([allow({ Resource: [table.replace('Table', 'T.ble')] })], put)).toBe(false)
    expect(allows([allow({ Resource: [table.replace('table/Table', '(table|x)/Table')] })], put)).toBe(false)
  })

  it('is nothing that a Deny names', () => {
    expect(allows([allow(), allow({ Effect: 'Deny' })], put)).toBe(false)
    expect(allows([allow({ Effect: 'Deny', Action: ['dynamodb:GetItem'] }), allow()], put)).toBe(true)
  })

  it('holds under its conditions only', () => {
    const Condition = { StringEquals: { 'ses:FromAddress': ['a@x.example', 'b@x.example'] } }
    const from = (address: string): Needed => ({ ...put, context: { 'ses:FromAddress': [address] } })
    expect(allows([allow({ Condition })], from('b@x.example'))).toBe(true)
    expect(allows([allow({ Condition })], from('c@x.example'))).toBe(false)
    expect(allows([allow({ Condition })], put)).toBe(false)
  })

  it('holds for requests all of whose partition keys begin as it says, and for none that names no key', () => {
    const key = 'dynamodb:LeadingKeys'
    const ForAll = { 'ForAllValues:StringLike': { [key]: ['NOTICE#*', 'INSTALLATION'] } }
    const Condition = { ...ForAll, Null: { [key]: 'false' as const } }
    const naming = (...keys: string[]): Needed => ({ ...put, context: { [key]: keys } })
    expect(allows([allow({ Condition })], naming('NOTICE#1', 'INSTALLATION', 'NOTICE#'))).toBe(true)
    for (const foreign of ['USER#NOTICE#1', 'notice#1', 'INSTALLATION2', 'NOTICE', ''])
      expect(allows([allow({ Condition })], naming('NOTICE#1', foreign)), foreign).toBe(false)
    expect(allows([allow({ Condition })], naming())).toBe(false)
    // As in AWS, "all values" are like anything where there are none: the reason for `Null`.
    expect(allows([allow({ Condition: ForAll })], naming())).toBe(true)
  })

  it('takes any one of several resources', () => {
    expect(allows([allow()], { ...put, resources: ['arn:aws:x', table] })).toBe(true)
    expect(allows([allow()], { ...put, resources: [] })).toBe(false)
  })
})

describe('a policy', () => {
  const read = (statement: object) =>
    policyDocument.safeParse({ Version: '2012-10-17', Statement: [{ ...allow(), ...statement }] }).success

  it('is read as one text or several', () => {
    expect(read({})).toBe(true)
    expect(read({ Action: 'dynamodb:GetItem', Resource: table })).toBe(true)
  })

  it.each([
    ['a condition of another kind', { Condition: { StringLike: { 'ses:FromAddress': '*' } } }],
    ['NotAction', { NotAction: 'dynamodb:GetItem' }],
    ['NotResource', { NotResource: table }],
  ])('that holds %s is refused, not passed over', (_name, statement) => {
    expect(read(statement)).toBe(false)
  })
})
