import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { CallFailure } from '../../client/failure.ts'
import { asFailure } from '../../client/failure.ts'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { List } from './list-state.tsx'

/** Has the lists downloaded now: of one cloud, or of all. */
export const useRefresh = (provider?: List['provider']) => {
  const [failure, setFailure] = useState<CallFailure | null>(null)
  const refresh = async (): Promise<void> => {
    setFailure(null)
    try {
      await call('refreshProviders', { body: provider === undefined ? {} : { providers: [provider] } })
      toast(texts.providers.refreshing)
    } catch (error) {
      setFailure(asFailure(error))
    }
  }
  return { failure, refresh }
}
