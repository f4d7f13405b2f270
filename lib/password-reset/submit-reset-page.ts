import { ResetConfirmBody } from '../contract/password-reset-endpoints.ts'
import { DomainError } from '../domain-error.ts'
import { fieldErrors } from '../http/read-input.ts'
import { readResetForm } from './reset-form.ts'
import type { PageReply } from './reset-page-reply.ts'
import { refusedPage, succeededPage } from './reset-page-reply.ts'

export type SubmitResetPageDependencies = {
  readonly completeReset: (body: ResetConfirmBody) => Promise<void>
  /** A fault of ours ends as a page too, and would leave no trace of its cause. */
  readonly onFault: (error: DomainError) => void
}

/** The form's way to the same use case as the API's, with its outcome as a page. */
export const submitResetPage = async (
  { completeReset, onFault }: SubmitResetPageDependencies,
  form: string | null,
): Promise<PageReply> => {
  const read = readResetForm(form, (fields) => {
    const parsed = ResetConfirmBody.safeParse(fields)
    return parsed.success
      ? { ok: true, body: parsed.data }
      : { ok: false, errors: parsed.error.issues.flatMap((issue) => fieldErrors(issue)) }
  })
  if (!read.ok) return refusedPage(new DomainError('invalid_request', { errors: read.errors }), read.token)
  try {
    await completeReset(read.body)
    return succeededPage()
  } catch (refusal) {
    if (refusal instanceof DomainError && refusal.code === 'temporarily_unavailable') onFault(refusal)
    return refusedPage(refusal, read.token)
  }
}
