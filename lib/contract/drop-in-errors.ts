import * as z from 'zod'

/** Refusals as the products write them whose calls Postern answers. Everybody else gets problem+json. */
export const errorStyles = ['tyk', 'thousandeyes'] as const
export type ErrorStyle = (typeof errorStyles)[number]

export const TykError = z
  .object({
    Status: z.literal('Error'),
    Message: z.string().meta({ description: 'Every field at fault with its reason, or one sentence.' }),
    Meta: z.null(),
  })
  .meta({ id: 'TykError', description: 'A refusal as the Tyk Dashboard writes it.' })
export type TykError = z.infer<typeof TykError>

export const ThousandEyesError = z
  .object({
    errorMessage: z.string().meta({ description: 'Every field at fault with its reason, or one sentence.' }),
    requestId: z.string().meta({ description: 'Under this id the log has the reason.' }),
  })
  .meta({ id: 'ThousandEyesError', description: 'A refusal as the ThousandEyes API writes it.' })
export type ThousandEyesError = z.infer<typeof ThousandEyesError>

/** What each style looks like, and what of it depends on the refusal, for the description. */
export const errorShapes: Readonly<
  Record<
    ErrorStyle,
    { readonly shape: z.ZodType; readonly example: (message: string) => TykError | ThousandEyesError }
  >
> = {
  tyk: { shape: TykError, example: (Message) => ({ Status: 'Error', Message, Meta: null }) },
  thousandeyes: {
    shape: ThousandEyesError,
    example: (errorMessage) => ({ errorMessage, requestId: 'JKJaXmPLvHcESHA=' }),
  },
}
