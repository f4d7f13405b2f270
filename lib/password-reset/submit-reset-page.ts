import { ResetConfirmBody } from '../contract/password-reset-endpoints.ts'
import type { DomainError } from '../domain-error.ts'
import type { PageReply } from '../link-page/page-reply.ts'
import { submitLinkForm } from '../link-page/submit-link-form.ts'
import { refusedPage, succeededPage } from './reset-page-reply.ts'

export type SubmitResetPageDependencies = {
  readonly completeReset: (body: ResetConfirmBody) => Promise<void>
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
