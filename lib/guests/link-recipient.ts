import type { StoredUser } from '../identity/stored-user.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/** Whom a link is for, where it went, and when. */
export type LinkRecipient = {
  readonly userId: string
  readonly email: string
  readonly epoch: number
}

/** Is the user still whom the link was made for, with the address that it went to? */
export const isStillRecipient = (user: StoredUser, { email, epoch }: LinkRecipient): boolean => {
  const isSameAddress = user.emailVerified && user.email === email
  return user.status === 'active' && isSameAddress && user.epoch === epoch
}

/** The same as a condition of a transaction. */
export const stillRecipientCheck = ({ userId, email, epoch }: LinkRecipient): Write => {
  const isActive = '#status = :active'
  const isSameAddress = 'email = :email AND emailVerified = :yes'
  const isSameEpoch = 'epoch = :epoch'
  return {
    label: 'user',
    check: keys.user(userId),
    condition: `${isActive} AND ${isSameAddress} AND ${isSameEpoch}`,
    names: { '#status': 'status' },
    values: { ':active': 'active', ':email': email, ':yes': true, ':epoch': epoch },
  }
}
