import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { validationMessage } from '../../lib/contract/validation-message.ts'

const said = (schema: z.ZodType, value: unknown): string[] | undefined =>
  schema.safeParse(value, { error: validationMessage }).error?.issues.map(({ message }) => message)

describe('what is said of a field at fault', () => {
  it.each([
    [z.string(), undefined, 'is required'],
    [z.enum(['key', 'token']), undefined, 'is required'],
    [z.union([z.string(), z.int()]), undefined, 'is required'],
    [z.string(), 7, 'must be a string'],
    [z.string(), null, 'must be a string'],
    [z.int(), '7', 'must be a number'],
    [z.int(), 7.5, 'must be a whole number'],
    [z.boolean(), 'true', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.strictObject({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 'x', 'must be an object'],
    [z.enum(['key', 'token']), 'keys', 'must be one of key, token'],
    [z.literal('RS256'), 'none', 'must be RS256'],
    [z.int().max(60), 61, 'must be at most 60'],
    [z.int().min(0), -1, 'must be at least 0'],
    [z.string().max(3), 'four', 'must have at most 3 characters'],
    [z.array(z.string()).min(1), [], 'must have at least 1 entries'],
    [z.string().regex(/^a$/), 'b', 'does not have the right format'],
    [z.union([z.string(), z.int()]), true, 'matches none of the allowed formats'],
  ])('%#: says it in the words of this API', (schema, value, message) => {
    expect(said(schema, value)).toEqual([message])
  })

  it('leaves the words that a schema brings', () => {
    expect(said(z.string().max(3, 'must be short'), 'four')).toEqual(['must be short'])
  })

  it('says nothing of what is right', () => {
    expect(said(z.string(), 'right')).toBeUndefined()
  })
})
