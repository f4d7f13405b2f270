import type { StoredUser } from '../identity/stored-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Condition } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'

/** The user of a mailed link, with the address and the epoch at that time. */
export type LinkRecipient = {
  readonly userId: UserId
  readonly email: string
  readonly epoch: number
}

/** Whether user, address and epoch are unchanged since the link was mailed. */
export const isStillRecipient = (user: StoredUser, { email, epoch }: LinkRecipient): boolean => {
  const isSameAddress = user.emailVerified && user.email === email
  return user.status === 'active' && isSameAddress && user.epoch === epoch
}

/** `isStillRecipient` as a condition of a transaction. @param further another condition on the user: an item has one check. */
export const stillRecipientCheck = (
  { userId, email, epoch }: LinkRecipient,
  further?: Required<Pick<Condition, 'condition' | 'values'>>,
): Write => {
  const isActive = '#status = :active'
  const isSameAddress = 'email = :email AND emailVerified = :yes'
  const isSameEpoch = 'epoch = :epoch'
  return {
    label: 'user',
    check: keys.user(userId),
    condition: [
      isActive,
      isSameAddress,
      isSameEpoch,
      ...(further === undefined ? [] : [further.condition]),
    ].join(' AND '),
    names: { '#status': 'status' },
    values: { ':active': 'active', ':email': email, ':yes': true, ':epoch': epoch, ...further?.values },
  }
}
