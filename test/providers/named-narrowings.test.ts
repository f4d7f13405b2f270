import { describe, expect, it } from 'vitest'
import { namingWrites } from '../../lib/providers/named-narrowings.ts'
import { keys } from '../../lib/table/keys.ts'
import type { Write } from '../../lib/table/transaction.ts'

const userId = 'usr_one'

/** What these writes leave in the table: the names by provider. */
const rowsAfter = (...changes: (readonly Write[])[]): Record<string, unknown> => {
  const rows = new Map<string, unknown>()
  for (const write of changes.flat()) {
    if ('put' in write) rows.set(String(write.put['pk']), write.put['names'])
    if ('delete' in write) rows.delete(write.delete.pk)
  }
  return Object.fromEntries(rows)
}
const [aws, azure] = (['AWS', 'AZURE'] as const).map((provider) => keys.providerNamings(provider).pk)

describe('the narrowings that a whitelist names', () => {
  it('are stored beside the list of their provider, and nothing else of the whitelist is', () => {
    const whitelist = ['203.0.113.7', 'AWS:EC2', 'AZURE:Sql', 'AWS', 'GOOGLE', 'AWS:eu-west-1:S3', 'no entry']
    const writes = namingWrites(userId, [], whitelist)
    expect(rowsAfter(writes)).toEqual({ [`${aws}`]: ['EC2', 'eu-west-1:S3'], [`${azure}`]: ['Sql'] })
    const { pk, skPrefix } = keys.providerNamings('AWS')
    const put = expect.objectContaining({ pk, sk: `${skPrefix}${userId}`, kind: 'provider-naming' })
    expect(writes[0]).toMatchObject({ label: 'names of AWS', put })
  })

  it('are replaced where they differ, deleted where none is left, and not written where they stay', () => {
    const before = ['AWS:EC2', 'AWS:S3', 'AZURE:Sql', 'GOOGLE:us-central1']
    const after = ['AWS:EC2', 'AWS:GLOBAL', 'GOOGLE:us-central1', '203.0.113.7']
    const change = namingWrites(userId, before, after)
    expect(rowsAfter(namingWrites(userId, [], ['AZURE:Sql']), change)).toEqual({
      [`${aws}`]: ['EC2', 'GLOBAL'],
    })
    expect(change.map(({ label }) => label)).toEqual(['names of AWS', 'names of AZURE'])
    expect(namingWrites(userId, before, before)).toEqual([])
  })

  it.each([
    ['one more', ['AWS:EC2'], ['AWS:EC2', 'AWS:S3'], ['EC2', 'S3']],
    ['one less', ['AWS:EC2', 'AWS:S3'], ['AWS:EC2'], ['EC2']],
  ])('are written anew when there is %s', (_what, before, after, names) => {
    expect(rowsAfter(namingWrites(userId, before, after))).toEqual({ [`${aws}`]: names })
  })
})
