// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub spells its placeholders like this.
import { describe, expect, it } from 'vitest'
import { type References, resolveIntrinsics } from '../../../infra/local/intrinsics.ts'

const references: References = {
  ref: (name) => ({ 'AWS::Region': 'here-1', Table: 'table-name' })[name],
  attribute: (logicalId, attribute) => (logicalId === 'Api' ? `api's ${attribute}` : undefined),
}
const resolve = (value: unknown) => resolveIntrinsics(value, references)

describe('resolveIntrinsics', () => {
  it('leaves plain values as they are, at any depth', () => {
    const value = { a: [1, 'two', { b: null, c: true }], d: {} }
    expect(resolve(value)).toEqual(value)
  })

  it.each([
    ['Ref', { Ref: 'Table' }, 'table-name'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, "api's ApiEndpoint"],
    ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Api.Nested.Part' }, "api's Nested.Part"],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 3]] }, 'a-table-name-3'],
    ['Fn::Sub', { 'Fn::Sub': '${AWS::Region}/${Api.Id}/${!Literal}' }, "here-1/api's Id/${Literal}"],
    [
      'Fn::Sub with variables',
      { 'Fn::Sub': ['${x}-${Table}', { x: { Ref: 'AWS::Region' } }] },
      'here-1-table-name',
    ],
    ['Fn::Select over Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'name'],
  ])('resolves %s', (_name, value, expected) => {
    expect(resolve({ deep: [value] })).toEqual({ deep: [expected] })
  })

  it('takes a property away whose value is AWS::NoValue', () => {
    expect(resolve({ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] })).toEqual({ b: [1] })
  })

  it.each([
    [{ Ref: 'Nobody' }, /Ref Nobody/],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, /Table\.Arn/],
    [{ 'Fn::ImportValue': 'x' }, /Fn::ImportValue/],
    [{ 'Fn::Sub': '${Nobody}' }, /Ref Nobody/],
  ])('names what it cannot resolve instead of guessing: %j', (value, message) => {
    expect(() => resolve({ value })).toThrow(message)
  })
})
