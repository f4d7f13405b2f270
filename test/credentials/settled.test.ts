import { describe, expect, it } from 'vitest'
import { settled } from '../../lib/credentials/settled.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'

type Adds = Parameters<typeof settled>[2]
const refusalOf = (failed: string, found?: Record<string, unknown>, adds?: Adds): DomainError | null => {
  try {
    expect(settled({ committed: false, failed, found }, null, adds)).toEqual({ committed: false })
    return null
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}
const counts = (credentialCount: number, importedCount: number, adds?: Adds) =>
  refusalOf('count', { credentialCount, importedCount }, adds)

describe('a change of credentials that was not written', () => {
  it('is refused when it adds one to fifty, or an imported one to twenty-five', () => {
    for (const refusal of [counts(50, 0, 'made'), counts(50, 0, 'imported'), counts(30, 25, 'imported')]) {
      expect(refusal?.code).toBe('key_limit_reached')
      expect(refusal?.detail).toBe('A user can have at most 50 keys and tokens, 25 of them imported.')
    }
  })

  it('is refused for good when the user is gone, the hash is taken, or the last administrator would go', () => {
    expect(refusalOf('count')?.code).toBe('not_found')
    const taken = refusalOf('import', { keyId: 'key_1' })
    expect(taken?.code).toBe('already_imported')
    expect(taken?.errors).toMatchObject([{ path: 'hash' }])
    expect(refusalOf('administrators')?.code).toBe('last_administrator')
  })

  it('is tried again when another came first', () => {
    for (const refusal of [
      counts(49, 24, 'imported'),
      counts(49, 25, 'made'),
      counts(50, 25),
      refusalOf('credential', {}),
      refusalOf('membership elsewhere'),
    ])
      expect(refusal).toBeNull()
  })
})
