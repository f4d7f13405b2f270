import * as sdk from '@aws-sdk/util-dynamodb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { marshall, unmarshall } from '../../../functions/wiring/aws/attribute-value.ts'

const options = { removeUndefinedValues: true } as const
const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value + 0),
  fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }).map((texts) => new Set(texts)),
)
/** The SDK takes an object with a field `constructor` for an instance of a class. */
const name = fc.string({ minLength: 1 }).filter((text) => !['constructor', '__proto__'].includes(text))
const { document } = fc.letrec<{ value: unknown; document: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('document').map((fields) => fields),
  ),
  document: fc.dictionary(name, fc.option(tie('value'), { nil: undefined }), {
    maxKeys: 4,
  }),
}))

describe('an attribute value', () => {
  it('is written and read as the SDK does it', () => {
    fc.assert(
      fc.property(document, (given) => {
        const written = marshall(given)
        const expected = sdk.marshall(given, options)
        expect(written).toEqual(expected)
        expect(unmarshall(written)).toEqual(sdk.unmarshall(expected))
      }),
    )
  })

  it('has bytes in Base64, as DynamoDB sends them over JSON', () => {
    const bytes = new Uint8Array([0, 1, 254, 255])
    const written = marshall({ bytes: Buffer.from(bytes) })
    expect(written).toEqual({ bytes: { B: Buffer.from(bytes).toString('base64') } })
    expect(unmarshall(written)).toEqual({ bytes })
  })

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    new Set(),
    new Set([null]),
    new Date(0),
    1n,
    () => 1,
  ])('is refused where something would be lost: %s', (value) => {
    expect(() => marshall({ value })).toThrow()
  })

  it('is refused when its number is too large to be read, or its type is unknown', () => {
    expect(() => unmarshall({ value: { N: '9007199254740993' } })).toThrow('too large')
    expect(() => unmarshall({ value: { X: '1' } })).toThrow('unknown type')
  })
})
