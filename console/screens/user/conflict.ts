import type { CallFailure } from '../../client/failure.ts'
import { texts } from '../../texts/en.ts'

/** For a refusal because somebody else changed the same thing: loads what is there now, and says so. */
export const conflictText = ({ problem }: CallFailure, reload: () => void): string | undefined => {
  if (problem?.code !== 'version_conflict' && problem?.code !== 'precondition_failed') return undefined
  reload()
  return texts.user.conflict
}
