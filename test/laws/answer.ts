import * as z from 'zod'

/** What a call answered. `session` is the name that the test gave to a session that was opened. */
export type Answer = {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  /** For a user whose id the answer does not tell: found by its name. */
  readonly userId?: string | undefined
  readonly session?: string | undefined
  /** What the same call answered with `dryRun=true`, just before. */
  readonly rehearsed?: number | undefined
}

export const succeeded = ({ status }: Pick<Answer, 'status'>): boolean => status >= 200 && status < 300

const Credential = z.object({ keyId: z.string(), kind: z.enum(['key', 'token']) })
const Answered = z.object({
  user: z
    .object({ userId: z.string(), loginAccountGroup: z.int().nullable(), membership: z.string().optional() })
    .optional(),
  credential: Credential.optional(),
  role: z.object({ roleId: z.int() }).optional(),
  accountGroup: z.object({ aid: z.int() }).optional(),
  api: z.object({ apiId: z.string() }).optional(),
  gateway: z.object({ bindingId: z.string() }).optional(),
  organization: z.object({ organizationId: z.string() }).optional(),
})
type Answered = z.infer<typeof Answered>
export const answered = (answer: Answer): Answered => Answered.safeParse(answer.body).data ?? {}
