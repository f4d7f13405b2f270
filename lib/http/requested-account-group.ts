import { DomainError } from '../effects/domain-error.ts'

const accountGroupNumber = /^[1-9][0-9]{0,8}$/

/** Matches no account group, so the decision denies it after the checks of the credential. */
const noAccountGroup = -1

/** The account group in the query parameter `aid`; null if there is none. */
export const requestedAccountGroup = (rawQueryString: string): number | null => {
  const [text, ...more] = new URLSearchParams(rawQueryString).getAll('aid')
  if (text === undefined) return null
  return more.length === 0 && accountGroupNumber.test(text) ? Number(text) : noAccountGroup
}

export const accountGroupRefused = (requested: number | null): DomainError => {
  const message =
    requested === noAccountGroup
      ? 'must be the number of one account group, for example 1'
      : 'is not an account group of this organization'
  return new DomainError('invalid_request', { errors: [{ path: 'aid', message }] })
}
