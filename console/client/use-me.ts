import type { Me } from './session.ts'
import { session } from './session.ts'
import { useStore } from './store.ts'

/** The user of the session, for screens of those who are signed in. */
export const useMe = (): Me => {
  const now = useStore(session)
  if (now.is === 'signed-in' || now.is === 'ended') return now.me
  throw new Error('this screen is shown to those who are signed in only')
}
