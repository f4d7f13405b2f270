import type { DomainError } from '../effects/domain-error.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { submitLinkForm } from '../http/pages/submit-link-form.ts'
import type { CompletedReset } from './complete-reset.ts'
import { ResetConfirmBody } from './password-reset-endpoints.ts'
import { refusedPage, succeededPage } from './reset-page-reply.ts'

export type SubmitResetPageDependencies = {
  readonly completeReset: (body: ResetConfirmBody) => Promise<CompletedReset>
  readonly onFault: (error: DomainError) => void
}

export const submitResetPage = (
  { completeReset, onFault }: SubmitResetPageDependencies,
  form: string | null,
): Promise<PageReply> =>
  submitLinkForm(
    {
      schema: ResetConfirmBody,
      submit: completeReset,
      succeeded: succeededPage,
      refused: refusedPage,
      onFault,
    },
    form,
  )
