import { DomainError } from '../effects/domain-error.ts'

/**
 * Runs an operation for a caller with other field names than Postern's.
 *
 * @param nameOf the caller's name for a field in an error.
 * @throws DomainError as thrown, with the fields renamed
 */
export const renamingFields = async <T>(
  nameOf: (path: string) => string,
  attempt: () => Promise<T>,
): Promise<T> => {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof DomainError) || error.errors.length === 0) throw error
    const { code, detail, errors, cause } = error
    throw new DomainError(code, {
      ...(detail === undefined ? {} : { detail }),
      errors: errors.map(({ path, message }) => ({ path: nameOf(path), message })),
      ...(cause === undefined ? {} : { cause }),
    })
  }
}
