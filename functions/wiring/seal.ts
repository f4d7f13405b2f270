import { KMSClient } from '@aws-sdk/client-kms'
import { kmsSeal } from '../../lib/secrets/kms-seal.ts'
import { required } from './environment.ts'

/** A second attempt fits into the time of a login. */
const attemptMilliseconds = 1500

export const openSeal = () =>
  kmsSeal(
    new KMSClient({ maxAttempts: 2, requestHandler: { requestTimeout: attemptMilliseconds } }),
    required('SEALING_KEY_ID'),
  )
