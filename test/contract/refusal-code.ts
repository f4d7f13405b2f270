import { DomainError } from '../../lib/effects/domain-error.ts'

/** The code with which an operation was refused, or `ok`. Anything else that is thrown is thrown on. */
export const refusalCode = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt
    return 'ok'
  } catch (error) {
    if (error instanceof DomainError) return error.code
    throw error
  }
}
