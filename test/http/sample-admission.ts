import type { Admission } from '../../lib/admission/admit.ts'
import type { DenialReason } from '../../lib/decision/decide.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import type { AdmittedSnapshot } from '../../lib/identity/caller-snapshot.ts'

/** For functions whose operations do not look at what the table holds of the caller. */
export const letIn = (subject: Subject, aid: number | null = null): Admission => ({
  decision: { allow: true, subject, aid, by: 'test' },
  admitted: { subject, aid, snapshot: {} as AdmittedSnapshot },
})

export const refusedFor = (reason: DenialReason, subject: Subject | null): Admission => ({
  decision: { allow: false, reason, subject },
  admitted: null,
})
