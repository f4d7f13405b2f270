import { DomainError } from '../effects/domain-error.ts'

/** A 400 that names each entry at fault. */
export const whitelistRefused = (refusals: readonly { readonly index: number; readonly message: string }[]) =>
  new DomainError('invalid_request', {
    errors: refusals.map(({ index, message }) => ({ path: `whitelist.${index}`, message })),
  })
