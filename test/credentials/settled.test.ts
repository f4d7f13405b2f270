import { describe, expect, it } from 'vitest'
import { settled } from '../../lib/credentials/settled.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'

const refusalOf = (failed: string, found?: Record<string, unknown>): DomainError | null => {
  try {
    expect(settled({ committed: false, failed, found }, null)).toEqual({ committed: false })
    return null
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}
const counts = (credentialCount: number, importedCount: number) =>
  refusalOf('count', { credentialCount, importedCount })

describe('a change of credentials that was not written', () => {
  it('is refused when the user has fifty, or has imported twenty-five', () => {
    for (const refusal of [counts(50, 0), counts(30, 25)]) {
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
    for (const refusal of [counts(49, 24), refusalOf('credential', {}), refusalOf('membership elsewhere')])
      expect(refusal).toBeNull()
  })
})
