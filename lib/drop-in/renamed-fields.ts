import { DomainError } from '../effects/domain-error.ts'

/**
 * Runs what speaks of Postern's fields for a caller who knows them by other names.
 *
 * @param nameOf the caller's name of a field that the domain found at fault.
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
