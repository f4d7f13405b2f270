import type * as z from 'zod'
import { DomainError } from '../../effects/domain-error.ts'
import { fieldErrors } from '../read-input.ts'
import { readLinkForm } from './link-form.ts'
import type { PageReply } from './page-reply.ts'

export type SubmitLinkFormDependencies<Body, Done> = {
  /** The body schema of the page's POST endpoint. */
  readonly schema: z.ZodType<Body>
  readonly submit: (body: Body) => Promise<Done>
  readonly succeeded: (done: Done) => PageReply
  readonly refused: (refusal: unknown, token: string) => PageReply
  /** Logs an internal error, which the page would otherwise hide. */
  readonly onFault: (error: DomainError) => void
}

/** Runs the use case of the API endpoint for a submitted form and replies with a page. */
export const submitLinkForm = async <Body, Done>(
  { schema, submit, succeeded, refused, onFault }: SubmitLinkFormDependencies<Body, Done>,
  form: string | null,
): Promise<PageReply> => {
  const read = readLinkForm(form, (fields) => {
    const parsed = schema.safeParse(fields)
    return parsed.success
      ? { ok: true, body: parsed.data }
      : { ok: false, errors: parsed.error.issues.flatMap((issue) => fieldErrors(issue)) }
  })
  if (!read.ok) return refused(new DomainError('invalid_request', { errors: read.errors }), read.token)
  try {
    return succeeded(await submit(read.body))
  } catch (refusal) {
    if (refusal instanceof DomainError && refusal.code === 'temporarily_unavailable') onFault(refusal)
    return refused(refusal, read.token)
  }
}
